"""How does a test build the image and run it, on a machine without a container daemon?"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

NOBODY = 65534
PATIENCE = 30.0
_ENTER = """
set -e
mount --bind "$1" "$1"
mount -o remount,bind,ro,nosuid,nodev "$1"
mount -t proc proc "$1/proc"
ip link set lo up
root=$1
shift
exec chroot --userspec=65534:65534 --groups= "$root" env --ignore-environment "$@"
"""
"""Inside namespaces of its own: a root that cannot be written, no network but its own loopback."""
RELEASE = "trixie"
"""Whose Python is 3.13, the one that the Dockerfile names."""
_PACKAGES = "python3,python3-venv,python-is-python3,ca-certificates"
_OF_THE_HOST = ("/etc/pip.conf", "/etc/ssl/certs", "/usr/local/share/ca-certificates")
"""How this machine reaches packages: the build must go the same way."""


def ran(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command and return what it wrote; what it complained of is in the failure."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr[-4000:]}"
    return done.stdout.strip()


@dataclass(frozen=True)
class Storage:
    """Where images are kept: in the test's own folder, away from those of the machine."""

    folder: Path

    def buildah(self, *arguments: str | Path, cwd: Path | None = None) -> str:
        """Call buildah."""
        place = (f"--root={self.folder / 'storage'}", f"--runroot={self.folder / 'run'}")
        return ran("buildah", *place, "--storage-driver=vfs", *arguments, cwd=cwd)

    def make_base(self, name: str) -> None:
        """Make a base image from Debian's packages, under the name that the Dockerfile asks for."""
        mirrors = ran("apt-get", "indextargets", "--format", "$(REPO_URI)", "Label: Debian")
        root = self.folder / "base"
        ran(
            "debootstrap",
            "--variant=minbase",
            f"--include={_PACKAGES}",
            RELEASE,
            root,
            mirrors.splitlines()[0],
        )
        container = self.buildah("from", "scratch")
        self.buildah("add", "--quiet", container, root, "/")
        self.buildah("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", container)
        self.buildah("commit", "--quiet", "--rm", container, name)

    def build(self, context: Path, name: str, **build_arguments: str) -> None:
        """Build an image from a Dockerfile; nothing is pulled."""
        volumes = [f"--volume={path}:{path}:ro" for path in _OF_THE_HOST if Path(path).exists()]
        given = [f"--build-arg={key}={value}" for key, value in build_arguments.items()]
        how = ("--isolation=chroot", "--format=docker", "--pull-never", "--layers=false")
        self.buildah("bud", "--quiet", *how, *volumes, *given, f"--tag={name}", ".", cwd=context)

    def settings(self, image: str) -> dict[str, Any]:
        """Return what the image says of how it is run."""
        found = msgspec.json.decode(self.buildah("inspect", "--type=image", image))
        settings: dict[str, Any] = found["Docker"]["config"]
        return settings

    def root_of(self, image: str) -> Path:
        """Lay out the files of an image."""
        container = self.buildah("from", "--pull-never", image)
        return Path(self.buildah("mount", container))


class Container:
    """A program that runs in an image's files."""

    def __init__(self, root: Path, environment: Sequence[str], process: int) -> None:
        self._root = root
        self._environment = environment
        self.process = process

    def inside(self, *command: str) -> str:
        """Run another command beside the program, and return its output."""
        enter = f"--target={self.process}"
        who = (f"--setuid={NOBODY}", f"--setgid={NOBODY}")
        return ran(
            *("nsenter", enter, "--mount", "--net", "--pid", "--root", *who),
            *("env", "--ignore-environment", *self._environment, *command),
        )

    def facts(self) -> dict[str, str]:
        """Return what the kernel says of the process."""
        lines = Path(f"/proc/{self.process}/status").read_text(encoding="ascii").splitlines()
        return {name: text.strip() for name, _, text in (line.partition(":") for line in lines)}

    def fetched(self, path: str) -> str:
        """Get a page from within."""
        address = f"http://127.0.0.1:10450{path}"
        program = f"import urllib.request as u; print(u.urlopen({address!r}).read().decode())"
        return self.inside("python", "-c", program)

    def stopped(self) -> float:
        """Ask it to stop and return the seconds that it took."""
        start = time.monotonic()
        os.kill(self.process, signal.SIGTERM)
        while Path(f"/proc/{self.process}").exists():
            assert time.monotonic() - start < PATIENCE, "it does not stop"
            time.sleep(0.01)
        return time.monotonic() - start


@contextmanager
def running(
    root: Path, environment: Sequence[str], command: Sequence[str], log: Path
) -> Iterator[tuple[Container, subprocess.Popen[bytes]]]:
    """Run a command as nobody, with a read-only root, while the block lasts."""
    with log.open("wb") as output:
        outer = subprocess.Popen(
            _isolated(root, environment, command), stdout=output, stderr=output
        )
        try:
            yield Container(root, environment, _child_of(outer, Path(command[0]).name)), outer
        finally:
            # `--kill-child` holds only until the program becomes nobody.
            for child in _children(outer):
                os.kill(child, signal.SIGKILL)
            outer.wait(PATIENCE)


def ended(
    root: Path, environment: Sequence[str], command: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """Run a command likewise until it ends by itself."""
    isolated = _isolated(root, environment, command)
    return subprocess.run(isolated, capture_output=True, text=True, timeout=PATIENCE, check=False)


def _isolated(root: Path, environment: Sequence[str], command: Sequence[str]) -> tuple[str, ...]:
    unshare = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child")
    return (*unshare, "sh", "-c", _ENTER, "sh", str(root), *environment, *command)


def _child_of(outer: subprocess.Popen[bytes], name: str) -> int:
    """Wait until the only child has become the program and return its id."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert outer.poll() is None, "it ended at once"
        for child in _children(outer):
            line = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if any(Path(os.fsdecode(word)).name == name for word in line[:2]):
                return child
        time.sleep(0.01)
    raise AssertionError(f"{name} did not start")


def _children(outer: subprocess.Popen[bytes]) -> list[int]:
    if outer.poll() is not None:
        return []
    text = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]
