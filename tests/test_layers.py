"""The packages import from each other as CONTRIBUTING.md draws it, and in no circle."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINTER = Path(sys.executable).with_name("lint-imports")


def test_the_layers_of_the_packages_are_kept() -> None:
    """The contracts are those of pyproject.toml; what breaks one is named in the output."""
    done = subprocess.run(  # noqa: S603 - a program of the environment
        [LINTER, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_every_package_and_service_is_drawn() -> None:
    layout = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"`exporter/([\w/]+)(?:/|\.py)`", layout))
    services = layout.partition("`exporter/*.py` beside them")[2].partition("\n\n")[0]

    found = {path.parent.name for path in (ROOT / "exporter").glob("*/__init__.py")}
    files = {path.stem for path in (ROOT / "exporter").glob("*.py")} - {"__init__", "__main__"}
    assert found <= drawn
    assert files == set(re.findall(r"`(\w+)`", services)) | {"cli", "app", "lifecycle"}
