"""What is installed and released: exact versions with hashes, pinned workflows, few rights."""

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
WORKFLOWS: dict[str, Any] = {
    file.stem: yaml.safe_load(file.read_text(encoding="utf-8"))
    for file in sorted((ROOT / ".github/workflows").glob("*.yml"))
}
FORMS = sorted(
    file for file in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if file.stem != "config"
)
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


def jobs_of(workflow: str) -> list[dict[str, Any]]:
    return list(WORKFLOWS[workflow]["jobs"].values())


def steps_of(workflow: str) -> list[dict[str, Any]]:
    return [step for job in jobs_of(workflow) for step in job.get("steps", [])]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_line_is_an_exact_version_with_hashes_and_no_address(file: Path) -> None:
    text = text_of(file.stem)

    assert PINNED.sub("", text) == ""
    assert "://" not in text
    assert len(PINNED.findall(text)) >= 3


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", [file.stem for file in FILES])
def test_every_dependency_is_there_in_a_version_that_fits(name: str, python: str) -> None:
    own = [Requirement(each) for each in PROJECT["project"]["dependencies"]]
    groups = {"run": [], "test": ["build", "test", "dashboards"]}.get(name, [name])
    expected = [each for group in groups for each in wanted(group)]
    expected += own if name in ("run", "test") else []
    found = pins(name, python)

    for each in expected:
        version = found[canonicalize_name(each.name)]
        assert each.specifier.contains(version), f"{each} is {version}: run make lock"


@pytest.mark.parametrize("python", PYTHONS)
def test_what_is_tested_is_what_runs(python: str) -> None:
    runs, tested = pins("run", python), pins("test", python)

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


def test_the_whole_of_dev_is_locked() -> None:
    locked = {
        each
        for group in ("build", "test", "dashboards", "lint", "browser")
        for each in wanted(group)
    }

    assert set(wanted("dev")) == locked


def test_every_file_is_audited_by_a_workflow() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert WORKFLOWS["audit"]["jobs"]["audit"]["steps"][-1] == {"run": "make audit"}
    assert re.search(
        r"^audit:.*\n.*requirements/\*\.txt.*pip-audit --strict --require", makefile, re.M
    )


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_of_a_workflow_is_pinned(name: str) -> None:
    uses = [step["uses"] for step in steps_of(name) if "uses" in step]

    assert uses
    assert [each for each in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == []


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read_unless_a_job_needs_more(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}
    assert name == "release" or not any("permissions" in job for job in jobs_of(name))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_targets_that_a_workflow_makes_exist(name: str) -> None:
    targets = re.findall(r"(?m)^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"))
    runs = [step["run"] for step in steps_of(name) if step.get("run", "").startswith("make ")]
    made = {word for run in runs for word in run.partition(" ")[2].split(" PYTHON=")[0].split()}

    assert made <= set(targets)


def test_every_supported_python_is_tested() -> None:
    job = WORKFLOWS["ci"]["jobs"]["test"]

    assert tuple(job["strategy"]["matrix"]["python"]) == PYTHONS
    assert job["steps"][-1] == {"run": "make test PYTHON=python${{ matrix.python }}"}


def test_a_release_needs_the_tests_and_no_stored_password() -> None:
    jobs = WORKFLOWS["release"]["jobs"]
    text = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")

    assert jobs["ci"]["uses"] == "./.github/workflows/ci.yml"
    assert jobs["package"]["needs"] == jobs["image"]["needs"] == "ci"
    assert set(re.findall(r"secrets\.(\w+)", text)) == {"GITHUB_TOKEN"}
    assert jobs["publish"]["permissions"] == {"id-token": "write"}


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_an_issue_form_has_what_the_site_demands(file: Path) -> None:
    form = yaml.safe_load(file.read_text(encoding="utf-8"))
    asked = [each for each in form["body"] if each["type"] != "markdown"]
    names = [each["id"] for each in asked]

    assert form["name"]
    assert form["description"]
    assert len(names) == len(set(names)) > 0
    assert all(each["attributes"]["label"] for each in asked)
