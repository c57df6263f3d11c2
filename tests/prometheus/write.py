"""Writes the test files that promtool runs: `python -m tests.prometheus.write`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.prometheus import (
    of_compliance,
    of_contracts,
    of_exporter,
    of_power,
    of_servers,
    of_sources,
)
from tests.prometheus.scenario import Scenario, document

FOLDER = Path(__file__).parent / "rules"
RULES = Path(__file__).parents[2] / "prometheus" / "rules"
_HEAD = """\
# Written from tests/prometheus/of_{subject}.py by `python -m tests.prometheus.write`: change that.
"""
_ALL = ("thresholds.yml", "recording.yml")
_SUBJECTS: tuple[tuple[str, tuple[str, ...], Sequence[Scenario]], ...] = (
    ("exporter", (*_ALL, "alerts-exporter.yml"), of_exporter.SCENARIOS),
    ("exporter", ("alerts-exporter.yml",), of_exporter.WITHOUT_THRESHOLDS),
    ("sources", (*_ALL, "alerts-sources.yml"), of_sources.SCENARIOS),
    ("servers", (*_ALL, "alerts-servers.yml"), of_servers.SCENARIOS),
    ("compliance", (*_ALL, "alerts-compliance.yml"), of_compliance.SCENARIOS),
    ("contracts", (*_ALL, "alerts-contracts.yml"), of_contracts.SCENARIOS),
    ("power", (*_ALL, "alerts-power.yml"), of_power.SCENARIOS),
)


def files() -> Mapping[str, str]:
    """Return the content of every file, by its name; scenarios of one step share a file."""
    found = {}
    for subject, rules, scenarios in _SUBJECTS:
        for step in sorted({scenario.step for scenario in scenarios}):
            chosen = [scenario for scenario in scenarios if scenario.step == step]
            bare = "" if set(_ALL) <= set(rules) else "-bare"
            content = document(chosen, rules, _groups(rules))
            text = _HEAD.format(subject=subject) + _yaml(content)
            found[f"alerts-{subject}{bare}-by-{step}m.test.yml"] = text
    return found


def _groups(rules: tuple[str, ...]) -> list[str]:
    return [
        group["name"]
        for name in rules
        for group in yaml.safe_load((RULES / name).read_text())["groups"]
    ]


class _Plain(yaml.SafeDumper):
    """Writes what occurs twice twice, not as a reference."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _yaml(content: dict[str, Any]) -> str:
    text: str = yaml.dump(content, Dumper=_Plain, sort_keys=False, width=10_000, allow_unicode=True)
    return text


if __name__ == "__main__":
    for old in FOLDER.glob("alerts-*.test.yml"):
        old.unlink()
    for name, text in files().items():
        (FOLDER / name).write_text(text)
