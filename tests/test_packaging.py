"""What is shipped, and what it is made of."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest

import exporter
from exporter.__main__ import main

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "exporter"
FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = [module.name for module in pkgutil.walk_packages([str(PACKAGE)], "exporter.")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TARGETS = PROJECT["tool"]["hatch"]["build"]["targets"]
NAME = "serverfleet-exporter"
MOST_LINES = 400
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


def imports(path: Path) -> Iterator[str]:
    """Yield the full names of the modules that a file imports, wherever it does so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("name", MODULES)
def test_every_module_can_be_imported(name: str) -> None:
    assert importlib.import_module(name).__doc__


def test_every_folder_with_code_is_a_package() -> None:
    assert [path for path in FILES if not (path.parent / "__init__.py").is_file()] == []


def test_the_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").is_file()
    assert TARGETS["wheel"]["packages"] == ["exporter"]


def test_the_version_is_that_of_the_installed_package() -> None:
    assert metadata.version(NAME) == exporter.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", exporter.__version__)


def test_the_console_script_is_the_program() -> None:
    (script,) = metadata.entry_points(group="console_scripts", name=NAME)
    installed = Path(sys.executable).parent / NAME

    assert script.load() is main
    said = subprocess.run(  # noqa: S603 - the program under test
        [str(installed), "--version"], capture_output=True, check=True, text=True, timeout=60
    )
    assert said.stdout == f"{NAME} {exporter.__version__}\n"


def test_the_files_that_a_source_distribution_needs_exist() -> None:
    wanted = [name.removeprefix("/") for name in TARGETS["sdist"]["include"]]
    wanted += [*TARGETS["sdist"]["force-include"], PROJECT["project"]["readme"]]
    wanted += PROJECT["project"]["license-files"]

    assert [name for name in wanted if not (ROOT / name).exists()] == []


def test_both_distributions_have_the_same_assets_at_the_same_places() -> None:
    places = TARGETS["wheel"]["force-include"]

    assert places == {name: f"exporter/assets/{name}" for name in places}
    assert TARGETS["sdist"]["force-include"] == {name: name for name in places}


def test_the_image_is_built_with_all_of_them() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line.removeprefix("!").removesuffix("/**") for line in lines if line[0] == "!"}
    names = TARGETS["sdist"]["force-include"]

    assert [name for name in names if not any(fnmatch(name, each) for each in allowed)] == []


def test_every_dependency_is_declared_and_every_declared_one_is_used() -> None:
    declared = {
        re.split(r"[<>=!~ ;\[]", line)[0].lower() for line in PROJECT["project"]["dependencies"]
    }
    distributions = metadata.packages_distributions()
    used = {
        distributions[top][0].lower().replace("_", "-")
        for path in FILES
        for top in {name.split(".")[0] for name in imports(path)} - {"exporter", ""}
        if top not in sys.stdlib_module_names
    }

    assert used - declared == {"pydantic-core"}  # one with pydantic
    assert declared - used == {"tzdata"}  # imported by zoneinfo


def test_no_file_is_longer_than_what_can_be_read_at_once() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}

    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_every_module_has_a_name_that_says_something() -> None:
    assert [path for path in FILES if set(path.with_suffix("").parts) & SAYS_NOTHING] == []


def test_make_passes_over_a_python_that_is_there_and_does_not_start(tmp_path: Path) -> None:
    """As those that a version manager puts on the path for versions that it knows."""
    for name, text in {
        "python3.13": "#!/bin/sh\nexit 127\n",
        "python3.12": "#!/bin/sh\nexit 1\n",
        "python3.11": f'#!/bin/sh\nexec "{sys.executable}" "$@"\n',
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    shown = subprocess.run(
        ["make", "--eval", "found: ; @echo $(PYTHON)", "found"],  # noqa: S607 - as users start it
        cwd=ROOT,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )

    assert shown.stdout == "python3.11\n"
    assert shown.stderr == ""
