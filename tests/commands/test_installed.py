"""The package that is built works alone, and brings everything that belongs to it."""

import asyncio
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from exporter import __version__
from exporter.commands.assets import shipped
from tests.commands.conftest import Fleet
from tests.commands.program import PATIENCE, environment
from tests.support.exposition import values

ROOT = Path(__file__).parents[2]


def ran(*command: str | Path, within: Path = Path("/")) -> str:
    """Run a command, in no folder of ours unless one is named, and return what it wrote."""
    done = subprocess.run(  # noqa: S603 - the builder, and the program under test
        [str(word) for word in command],
        capture_output=True,
        check=False,
        cwd=within,
        encoding="utf-8",
        env=environment(),
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wheel_of(origin: Path, folder: Path) -> Path:
    """Build a wheel without the network: hatchling is there."""
    offline = ("--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
    ran(sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", folder, origin)
    [wheel] = folder.glob("*.whl")
    return wheel


@dataclass(frozen=True)
class Built:
    """The package as it is published."""

    wheel: Path
    program: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the wheel and install it into an environment of its own.

    The libraries are lent by the environment of the tests; the package itself is not: what is
    installed there as editable is found by a file that Python reads in its own environment only.
    """
    folder = tmp_path_factory.mktemp("built")
    wheel = wheel_of(ROOT, folder)
    home = folder / "venv"
    venv.EnvBuilder(with_pip=False, symlinks=True).create(home)
    python = home / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    ran(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel)
    [site] = home.glob("lib/python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = ran(python, "-c", "import exporter; print(exporter.__file__)")
    assert where.startswith(str(site))
    return Built(wheel, home / "bin" / "serverfleet-exporter")


def test_it_says_its_version(built: Built) -> None:
    assert ran(built.program, "--version") == f"serverfleet-exporter {__version__}\n"


async def test_it_reads_a_fleet(built: Built, fleet: Fleet) -> None:
    page = await asyncio.to_thread(ran, built.program, "once", "--config", fleet.config())

    assert len(values(page.encode(), "serverfleet_server_info")) == 12


def test_its_dashboards_rules_and_installers_are_those_of_the_repository(
    built: Built, tmp_path: Path
) -> None:
    ran(built.program, "assets", "--output", tmp_path)

    files = {path for path in tmp_path.rglob("*") if path.is_file()}
    found = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in files}
    assert found == shipped()
    assert {name: (ROOT / name).read_bytes() for name in found} == found


def test_the_source_distribution_builds_the_same_wheel(built: Built, tmp_path: Path) -> None:
    sdist = tmp_path / "sdist"
    ran(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", sdist, within=ROOT)
    [archive] = sdist.glob("*.tar.gz")
    again = wheel_of(archive, tmp_path / "wheel")

    assert contents(again) == contents(built.wheel)


def contents(wheel: Path) -> dict[str, bytes]:
    """Return the files of a wheel."""
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist()}
