"""What the pages for people say exists: links, sections, metrics, alerts and reasons."""

import re
from pathlib import Path

import pytest
import yaml

from exporter.catalogue import FAMILIES
from exporter.cli import main
from exporter.errors import Reason
from tests.test_contributing import FAMILY as EXAMPLE

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("deploy/**/*.md")])
RULES = [
    rule
    for path in (ROOT / "prometheus" / "rules").glob("*.yml")
    for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
NAMES = {
    *(family.name for family in FAMILIES),
    *(rule["record"] for rule in RULES if "record" in rule),
    EXAMPLE,
}
ALERTS = {rule["alert"] for rule in RULES if "alert" in rule}
SUFFIXES = re.compile(r"_(bucket|count|sum|created)$")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """Return the names under which the headings of a page can be linked to."""
    headings = re.findall(r"(?m)^#+ +(.+)$", text_of(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_metric_that_is_named_is_one(page: Path) -> None:
    pattern = r"(?<![\w/*-])serverfleet[_:][a-z0-9_:]+[a-z](?![\w*{]*\*)"
    for name in re.findall(pattern, _without_earlier_names(page)):
        # A beginning such as serverfleet_server_* stands for many.
        known = name in NAMES or SUFFIXES.sub("", name) in NAMES
        assert known or any(each.startswith(f"{name}_") for each in NAMES), name


def _without_earlier_names(page: Path) -> str:
    """Leave out the first column of the tables of the changelog: the names before a change."""
    text = text_of(page)
    return re.sub(r"(?m)^ *\|[^|]*\|", "|", text) if page.name == "CHANGELOG.md" else text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_alert_that_is_named_is_one(page: Path) -> None:
    named = set(re.findall(r"\bServerfleet[A-Z]\w+", text_of(page)))
    assert named <= ALERTS


def test_every_reason_of_a_failure_has_its_line() -> None:
    table = text_of(ROOT / "docs" / "troubleshoot.md").partition("## By the reason")[2]
    named = set(re.findall(r"(?m)^\| (`[^|]+`) \|", table))
    reasons = {reason for cell in named for reason in re.findall(r"`(\w+)`", cell)}
    assert reasons == set(Reason)


def test_every_page_is_reached_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)\s#]+\.md)", text_of(page))
        waiting += [
            (page.parent / link).resolve() for link in links if not re.match(r"[a-z]+:", link)
        ]
    assert set((ROOT / "docs").rglob("*.md")) <= seen


def test_the_readme_has_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.findall(r"(?m)^    ([a-z]+) ", capsys.readouterr().out)
    assert len(commands) >= 8
    readme = text_of(ROOT / "README.md")
    assert [name for name in commands if f"| `{name} " not in readme] == []
