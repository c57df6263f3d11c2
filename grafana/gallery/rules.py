"""In which order do the shipped rules build on one another, and what do they read?"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from exporter.config.quantities import duration

FOLDER = Path(__file__).parents[2] / "prometheus" / "rules"
_RECORDED = re.compile(r"serverfleet:[a-z0-9_:]+")
_FAMILY = re.compile(r"\bserverfleet_[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording rule."""

    group: str
    name: str
    expression: str
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def reads(self) -> frozenset[str]:
        """The recorded series it asks for."""
        return frozenset(_RECORDED.findall(self.expression))

    @property
    def remembers(self) -> bool:
        """Whether it asks for what it recorded before."""
        return self.name in self.reads


@dataclass(frozen=True, slots=True)
class Alerting:
    """An alerting rule; durations are seconds."""

    name: str
    expression: str
    holds_for: float
    keeps_for: float
    labels: Mapping[str, str]


def recordings(folder: Path = FOLDER) -> list[Recording]:
    """Read the recording rules."""
    return [
        Recording(group, rule["record"], rule["expr"], rule.get("labels", {}))
        for group, rule in _rules(folder)
        if "record" in rule
    ]


def alertings(folder: Path = FOLDER) -> list[Alerting]:
    """Read the alerting rules."""
    return [
        Alerting(
            rule["alert"],
            rule["expr"],
            _seconds(rule.get("for")),
            _seconds(rule.get("keep_firing_for")),
            rule.get("labels", {}),
        )
        for _, rule in _rules(folder)
        if "alert" in rule
    ]


def steps(rules: Sequence[Recording]) -> Iterator[list[Recording]]:
    """Give rules that can be evaluated together; each step reads only what earlier ones wrote.

    A rule that reads itself comes twice: what it remembers is what it wrote the first time.
    """
    written: set[str] = set()
    left = list(rules)
    while left:
        unwritten = {rule.name for rule in left}
        ready = [rule for rule in left if not (rule.reads - {rule.name}) & unwritten]
        if not ready:
            raise ValueError(f"rules read one another: {sorted(unwritten)}")
        yield ready
        written |= {rule.name for rule in ready}
        left = [rule for rule in left if rule not in ready]
        again = [rule for rule in ready if rule.remembers]
        if again:
            yield again


def needed(rules: Iterable[Recording], groups: Iterable[str]) -> list[Recording]:
    """Give the rules of some groups, and those that they read."""
    known = list(rules)
    wanted = {rule.name for rule in known if rule.group in groups}
    while True:
        more = {name for rule in known if rule.name in wanted for name in rule.reads}
        if more <= wanted:
            return [rule for rule in known if rule.name in wanted]
        wanted |= more


def families_read(rules: Iterable[Recording]) -> set[str]:
    """Name the exporter's families that rules ask for."""
    return {family for rule in rules for family in _FAMILY.findall(rule.expression)}


def document(rules: Sequence[Recording], every: float) -> str:
    """Write recording rules as a file for Prometheus."""
    entries = [
        {"record": rule.name, "expr": _nameless(rule), "labels": dict(rule.labels)}
        for rule in rules
    ]
    group = {"name": "gallery", "interval": f"{every:.0f}s", "rules": entries}
    return yaml.safe_dump({"groups": [group]})


def _nameless(rule: Recording) -> str:
    """Have what is remembered and what is new be one series over time.

    At one moment the name makes no difference; over a range it would be two series.
    """
    return f"max without () ({rule.expression})" if rule.remembers else rule.expression


def _rules(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(folder.glob("*.yml")):
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]:
            for rule in group["rules"]:
                yield group["name"], rule


def _seconds(text: str | None) -> float:
    return duration(text) if text else 0.0
