"""What is installed: exact versions, by the hashes of their files, and checked for advisories."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "requirements"
FILES = sorted(FOLDER.glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PINNED = re.compile(
    r"(?P<what>\S+==[^\s;]+(?: ; [^\\]+)?) \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
)


def text_of(name: str) -> str:
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


def pins(name: str, python: str) -> dict[str, str]:
    """Return the versions that a file has for a version of Python on Linux."""
    machine = {"python_version": python, "python_full_version": f"{python}.0"}
    machine |= {"sys_platform": "linux", "platform_python_implementation": "CPython"}
    machine |= {"implementation_name": "cpython"}
    found = [Requirement(match["what"]) for match in PINNED.finditer(text_of(name))]
    return {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each in found
        if each.marker is None or each.marker.evaluate(machine)
    }


def wanted(group: str) -> Iterator[Requirement]:
    entries: list[Any] = PROJECT["dependency-groups"][group]
    for entry in entries:
        if isinstance(entry, dict):
            yield from wanted(entry["include-group"])
        else:
            yield Requirement(entry)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_line_is_an_exact_version_with_hashes_and_no_address(file: Path) -> None:
    text = text_of(file.stem)

    assert PINNED.sub("", text) == ""
    assert "://" not in text
    assert len(PINNED.findall(text)) >= 5


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", ["run", *("build", "dev", "chart", "audit")])
def test_every_dependency_is_there_in_a_version_that_fits(name: str, python: str) -> None:
    own = [Requirement(each) for each in PROJECT["project"]["dependencies"]]
    expected = {"run": own, "dev": [*own, *(wanted("dev"))]}.get(name) or list(wanted(name))
    found = pins(name, python)

    for each in expected:
        version = found[canonicalize_name(each.name)]
        assert each.specifier.contains(version), f"{each} is {version}: run make lock"


@pytest.mark.parametrize("python", PYTHONS)
def test_what_is_tested_is_what_runs(python: str) -> None:
    runs, tested = pins("run", python), pins("dev", python)

    assert {name: tested.get(name) for name in runs} == runs
    classifiers = PROJECT["project"]["classifiers"]
    assert f"Programming Language :: Python :: {python}" in classifiers


def test_the_image_installs_nothing_else() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = re.findall(r"-m pip (?:install|wheel) [^&\n]*", text)

    assert len(installs) == 4
    for each in installs:
        assert "--require-hashes -r requirements/" in each or "--no-deps" in each
        assert "--no-index" in each or "--require-hashes" in each or "--no-build-isolation" in each


def test_every_file_is_audited_by_a_workflow_whose_steps_are_pinned() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/audit.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["audit"]["steps"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert steps[-1] == {"run": "make audit"}
    assert re.search(
        r"^audit:.*\n.*requirements/\*\.txt.*pip-audit --strict --require", makefile, re.M
    )
    uses = [step["uses"] for step in steps if "uses" in step]
    assert uses
    assert [each for each in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == []
    assert workflow["permissions"] == {"contents": "read"}
