"""The packages import from each other as CONTRIBUTING.md draws it, and in no circle."""

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
