"""The image is built for real, and what is in it runs as nobody on a root that cannot be written.

Its base is made of Debian's packages under the name of the official one, so its Python is Debian's.
"""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exporter import __version__
from exporter.commands.assets import shipped
from tests.image.container import NOBODY, PATIENCE, Container, Storage, ended, running

ROOT = Path(__file__).parents[2]
IMAGE = "localhost/serverfleet-exporter"
PYTHON = "3.13"
REVISION = "0123456789abcdef"
FLEET = 100
AS_ROOT = os.geteuid() == 0
WANTED = os.environ.get("TRY_IMAGE") == "1"

pytestmark = [
    pytest.mark.tool(
        buildah="buildah", debootstrap="debootstrap", unshare="util-linux", ip="iproute2"
    ),
    pytest.mark.skipif(not (AS_ROOT and WANTED), reason="takes minutes and root: run `make image`"),
    pytest.mark.timeout(1200),
]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    folder = tmp_path_factory.mktemp("images")
    storage = Storage(folder)
    storage.make_base(f"docker.io/library/python:{PYTHON}-slim")
    storage.build(ROOT, IMAGE, PYTHON=PYTHON, VERSION=__version__, REVISION=REVISION)
    yield storage
    storage.buildah("rm", "--all")
    shutil.rmtree(folder)  # A gigabyte, which pytest would keep.


@pytest.fixture(scope="module")
def settings(storage: Storage) -> dict[str, Any]:
    return storage.settings(IMAGE)


@pytest.fixture(scope="module")
def root(storage: Storage) -> Path:
    return storage.root_of(IMAGE)


@pytest.fixture
def demo(root: Path, settings: dict[str, Any], tmp_path: Path) -> Iterator[Container]:
    command = (*settings["Entrypoint"], "demo", f"--servers={FLEET}")
    with running(root, settings["Env"], command, tmp_path / "log") as (container, _):
        yield container


def until_served(container: Container) -> str:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            container.fetched("/-/ready")
            return container.fetched("/metrics")
        except AssertionError:
            assert time.monotonic() < end, "it serves nothing"


def test_nothing_of_it_is_left_behind_by_a_test(
    root: Path, settings: dict[str, Any], tmp_path: Path
) -> None:
    command = (*settings["Entrypoint"], "demo")
    with running(root, settings["Env"], command, tmp_path / "log") as (container, _):
        assert Path(f"/proc/{container.process}").exists()

    assert not Path(f"/proc/{container.process}").exists()


def test_it_says_what_it_is_and_how_it_is_run(settings: dict[str, Any]) -> None:
    labels = settings["Labels"]
    assert labels["org.opencontainers.image.version"] == __version__
    assert labels["org.opencontainers.image.revision"] == REVISION
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.source"].startswith("https://")
    assert settings["User"] == f"{NOBODY}:{NOBODY}"
    assert settings["StopSignal"] == "SIGTERM"
    assert settings["ExposedPorts"] == {"10450/tcp": {}}
    assert settings["Entrypoint"] == ["serverfleet-exporter"]
    assert settings["Cmd"] == ["run", "--config", "/etc/serverfleet/config.yaml"]


def test_nothing_in_it_builds_or_installs(root: Path) -> None:
    unwanted = {"pip", "pip3", "gcc", "cc", "make", "git", "curl", "wget"}
    places = ("usr/bin", "usr/local/bin", "opt/serverfleet/bin")
    found = {path.name for place in places for path in (root / place).iterdir()}
    assert "python3" in found
    assert not found & unwanted
    assert not (root / "src").exists()
    assert not list((root / "opt/serverfleet/lib").glob("python*/site-packages/pip"))


def test_it_brings_the_dashboards_the_rules_and_the_installers(root: Path) -> None:
    [assets] = (root / "opt/serverfleet/lib").glob("python*/site-packages/exporter/assets")
    files = (path for path in assets.rglob("*") if path.is_file())
    assert {path.relative_to(assets).as_posix(): path.read_bytes() for path in files} == shipped()


def test_nobody_owns_or_can_write_a_file_of_it(root: Path) -> None:
    program = root / "opt" / "serverfleet"
    loose = [path for path in program.rglob("*") if not path.is_symlink() and _is_loose(path)]
    assert not loose


def _is_loose(path: Path) -> bool:
    facts = path.stat()
    return facts.st_uid != 0 or bool(facts.st_mode & 0o022)


def test_a_volume_for_the_state_file_would_be_the_exporters_alone(root: Path) -> None:
    facts = (root / "var/lib/serverfleet-exporter").stat()
    assert (facts.st_uid, facts.st_gid, facts.st_mode & 0o777) == (NOBODY, NOBODY, 0o700)


def test_what_we_add_to_the_base_is_small(root: Path) -> None:
    size = sum(path.lstat().st_size for path in (root / "opt/serverfleet").rglob("*"))
    print(f"the exporter and its libraries: {size / 2**20:.0f} MiB")
    assert size < 100 * 2**20


def test_the_demo_runs_as_nobody_with_a_root_that_cannot_be_written(demo: Container) -> None:
    page = until_served(demo)
    assert page.count("\nserverfleet_server_info{") == FLEET
    facts = demo.facts()
    assert facts["Uid"].split() == [str(NOBODY)] * 4
    assert int(facts["CapEff"], 16) == 0
    with pytest.raises(AssertionError, match="Read-only file system"):
        demo.inside("python", "-c", "open('/tmp/x', 'w')")


_STRICT = """
import ssl
from exporter.config.source import HttpSettings
from exporter.sources.tls import context_for
for context in (ssl.create_default_context(), context_for(HttpSettings(), print)):
    print(bool(context.verify_flags & ssl.VERIFY_X509_STRICT))
"""


def test_its_python_verifies_strictly_by_default_and_the_exporter_does_not(
    demo: Container,
) -> None:
    assert demo.inside("python", "-c", _STRICT).split() == ["True", "False"]


def test_its_health_check_needs_nothing_else(
    demo: Container, settings: dict[str, Any], root: Path
) -> None:
    kind, *check = settings["Healthcheck"]["Test"]
    assert kind == "CMD"
    until_served(demo)
    demo.inside(*check)
    assert not (root / "usr/bin/curl").exists()


def test_the_health_check_fails_where_nothing_listens(
    root: Path, settings: dict[str, Any], tmp_path: Path
) -> None:
    _, *check = settings["Healthcheck"]["Test"]
    sleeping = ("sleep", "60")
    with (
        running(root, settings["Env"], sleeping, tmp_path / "log") as (container, _),
        pytest.raises(AssertionError, match="refused"),
    ):
        container.inside(*check)


def test_it_starts_and_stops(root: Path, settings: dict[str, Any], tmp_path: Path) -> None:
    command = (*settings["Entrypoint"], "demo", f"--servers={FLEET}")
    start = time.monotonic()
    with running(root, settings["Env"], command, tmp_path / "log") as (container, outer):
        until_served(container)
        started = time.monotonic() - start
        stopped = container.stopped()
        assert outer.wait(PATIENCE) == 0
    print(f"ready after {started:.1f} s, stopped after {stopped:.1f} s")


def test_without_a_configuration_it_says_what_is_missing(
    root: Path, settings: dict[str, Any]
) -> None:
    done = ended(root, settings["Env"], (*settings["Entrypoint"], *settings["Cmd"]))
    assert done.returncode == 2
    assert "/etc/serverfleet/config.yaml" in done.stderr
