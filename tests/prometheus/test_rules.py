"""Do the shipped rules and the runbooks hold together?"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from exporter.catalogue import FAMILIES, Scope
from exporter.config.quantities import duration as seconds
from tests.prometheus.shipped import ALERTS, RECORDS, ROOT, RULES, SHIPPED, Rule

RUNBOOKS = ROOT / "docs" / "runbooks.md"
RUNBOOK_URL = "https://github.com/serverfleet/serverfleet-exporter/blob/main/docs/runbooks.md#"
SEVERITIES = {"critical", "warning", "info"}
SCOPES = {"exporter", "source", "collector", "server"}

# -- alerts and their runbooks ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_where_and_what_to_do(name: str) -> None:
    rule = ALERTS[name]

    assert re.fullmatch(r"Serverfleet([A-Z][a-z]+)+", name)
    assert rule["labels"]["severity"] in SEVERITIES
    assert rule["labels"]["scope"] in SCOPES
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == RUNBOOK_URL + name.lower()
    assert rule["annotations"]["description"].endswith((".", "{{- end }}"))


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert re.findall(r"^### (\w+)$", RUNBOOKS.read_text(), re.MULTILINE) != []
    assert set(re.findall(r"^### (\w+)$", RUNBOOKS.read_text(), re.MULTILINE)) == set(ALERTS)


def test_a_runbook_has_each_part() -> None:
    sections = re.split(r"^### ", RUNBOOKS.read_text(), flags=re.MULTILINE)[1:]

    for section in sections:
        for part in ("**Means**", "**Affected**", "Check", "- Threshold:"):
            assert part in section or "Check and do" in section, (section.split("\n")[0], part)


def test_links_within_the_runbooks_lead_somewhere() -> None:
    linked = set(re.findall(r"\(#(\w+)\)", RUNBOOKS.read_text()))

    assert linked <= {name.lower() for name in ALERTS}


def test_a_runbook_names_only_thresholds_that_exist() -> None:
    named = {
        word
        for line in RUNBOOKS.read_text().splitlines()
        if line.startswith("- Threshold:")
        for word in re.findall(r"`(\w+_\w+)`", line)
    }

    assert {f"serverfleet:threshold:{word}" for word in named} <= set(RECORDS)


# -- what expressions may name ---------------------------------------------------------------------

_STRING = re.compile(r'"[^"]*"')
_WORD = re.compile(r"[a-zA-Z_:][\w:]*")
_BY = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}")
OF_PROMETHEUS = {"job", "instance"}
OTHER_FAMILIES = {"up", "process_start_time_seconds", "process_cpu_seconds_total"}
COUNTERS = {family.name for family in FAMILIES if family.kind in ("counter", "histogram")} | {
    "process_cpu_seconds_total"
}
BY_NAME = {family.name: family for family in FAMILIES}
ALL_LABELS = {label for family in FAMILIES for label in family.all_labels} | {"le"} | OF_PROMETHEUS


def _family(name: str) -> str:
    """Return the family of a sample's name."""
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    return base if base in BY_NAME and BY_NAME[base].kind == "histogram" else name


def _annotation_queries(rule: Rule) -> str:
    """Return what the annotations ask Prometheus, with the placeholders filled in."""
    text = " ".join(rule.get("annotations", {}).values())
    queries = re.findall(r'"([^"]*serverfleet[_:][^"]*)"', text)
    return " ".join(query.replace("%q", '"x"') for query in queries)


def _expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule.get("alert") or rule["record"], f"{rule['expr']} {_annotation_queries(rule)}"
    for query in re.findall(r"`([^`]*serverfleet[_:][^`]*)`", RUNBOOKS.read_text()):
        yield "runbooks.md", query.replace("http://EXPORTER", "")


def _labels_of(name: str) -> set[str]:
    """Return the labels that a series of this name can have."""
    if name in OTHER_FAMILIES:
        return OF_PROMETHEUS
    if name in RECORDS:
        return {*Scope.SERVER.labels, "model", "state", "severity", "component", "collector"}
    return {*BY_NAME[_family(name)].all_labels, *OF_PROMETHEUS, "le"}


EVERYWHERE = tuple(_expressions())


def test_expressions_name_only_families_that_exist() -> None:
    for where, expression in EVERYWHERE:
        words = _WORD.findall(_STRING.sub('""', expression))
        named = {
            word for word in words if word.startswith(("serverfleet_", "serverfleet:", "process_"))
        }
        unknown = {name for name in named if _family(name) not in BY_NAME}
        assert unknown <= set(RECORDS) | OTHER_FAMILIES, (where, expression)


def test_expressions_name_only_labels_that_exist() -> None:
    for where, expression in EVERYWHERE:
        for name, matchers in _SELECTOR.findall(expression):
            keys = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", _STRING.sub('""', matchers)))
            assert keys <= _labels_of(name), (where, expression)
        for listed in _BY.findall(_STRING.sub('""', expression)):
            keys = set(re.findall(r"\w+", listed)) - {"__name__"}
            assert keys <= ALL_LABELS, (where, expression)


def test_expressions_ask_only_for_states_that_exist() -> None:
    for where, expression in EVERYWHERE:
        for family, matchers in _SELECTOR.findall(expression):
            states = BY_NAME[family].states if family in BY_NAME else ()
            for wanted in re.findall(r'state=~?"([^"]*)"', matchers):
                assert not states or set(wanted.split("|")) <= set(states), (where, expression)


def test_only_counters_have_a_rate() -> None:
    for where, expression in EVERYWHERE:
        for asked in re.findall(r"\b(?:rate|irate|increase)\s*\(([^\[]*)\[", expression):
            words = set(_WORD.findall(_STRING.sub("", asked)))
            [name] = {_family(word) for word in words if "_" in word} - ALL_LABELS
            assert name in COUNTERS, (where, expression)


def test_no_expression_names_a_job() -> None:
    for where, expression in EVERYWHERE:
        assert not re.search(r"\bjob\s*(=|!)", expression), where


@pytest.mark.parametrize("name", RECORDS)
def test_no_record_keeps_what_tells_two_exporters_apart(name: str) -> None:
    assert re.fullmatch(r"serverfleet:[a-z0-9_]+:[a-z0-9_]+", name)
    assert not re.search(r"\b(by|without)\s*\([^)]*\b(job|instance)\b", RECORDS[name]["expr"])


def test_every_threshold_is_used_and_every_used_one_exists() -> None:
    expressions = " ".join(rule["expr"] for rule in RULES)
    used = set(re.findall(r"serverfleet:threshold:\w+", expressions))

    assert used == {name for name in RECORDS if name.startswith("serverfleet:threshold:")}


# -- how long conditions last ----------------------------------------------------------------------

INTERVALS = (
    ("serverfleet_server_power_last", "1h"),
    ("serverfleet_server_energy_last", "1h"),
    ("serverfleet_source_energy_last", "1h"),
    ("serverfleet_server_power_state", "1m"),
    ("serverfleet_server_power", "5m"),
    ("serverfleet_server_energy_joules", "5m"),
    ("serverfleet_server_temperature", "5m"),
    ("serverfleet_server_component", "5m"),
    ("serverfleet_server_firmware_update", "1m"),
    ("serverfleet_server_firmware", "30m"),
    ("serverfleet_server_config", "30m"),
    ("serverfleet_server_utilization", "1h"),
    ("serverfleet_server_warranty", "10m"),
    ("serverfleet_server_group", "10m"),
    ("serverfleet_group", "10m"),
    ("serverfleet_source_jobs", "5m"),
    ("serverfleet_source_appliances", "5m"),
    ("serverfleet_", "1m"),
)
"""Default interval of the collector that reads a family; the first prefix that fits holds.

An end of a warranty does not flicker: what is read once a day need not be waited for twice.
"""


@pytest.mark.parametrize(
    "name", [name for name, rule in ALERTS.items() if rule["labels"]["scope"] == "server"]
)
def test_a_server_alert_waits_for_two_readings_and_outlasts_a_failed_poll(name: str) -> None:
    rule = ALERTS[name]

    assert seconds(rule["for"]) >= 2 * max(map(_interval, _families_behind(rule["expr"])))
    assert seconds(rule["keep_firing_for"]) > seconds(ALERTS["ServerfleetSourceDown"]["for"])


@pytest.mark.parametrize("name", sorted(set(ALERTS) - {"ServerfleetExporterDown"}))
def test_what_a_source_tells_waits_for_two_readings(name: str) -> None:
    rule = ALERTS[name]
    families = {
        family
        for family in _families_behind(rule["expr"])
        if family.startswith(("serverfleet_source_", "serverfleet_group_", "serverfleet_server_"))
    }

    assert seconds(rule["for"]) >= 2 * max(map(_interval, families), default=0)


@pytest.mark.parametrize(
    "name", [name for name, rule in ALERTS.items() if rule["labels"]["scope"] != "exporter"]
)
def test_no_failed_scrape_and_no_outage_that_is_not_told_yet_ends_an_alert(name: str) -> None:
    if name == "ServerfleetSourceDown":
        return
    kept = seconds(ALERTS[name].get("keep_firing_for", "0s"))

    assert kept > seconds(ALERTS["ServerfleetSourceDown"]["for"])


REPEATS = {
    "ServerfleetServerHealthCritical": (
        "ServerfleetComponentCritical",
        "ServerfleetRedundancyFailed",
        "ServerfleetRedundancyLost",
        "ServerfleetVendorAlertCritical",
    ),
    "ServerfleetServerHealthWarning": ("ServerfleetRedundancyLost",),
}


@pytest.mark.parametrize(("first", "others"), REPEATS.items())
def test_health_is_told_before_what_repeats_it_and_ends_after(
    first: str, others: tuple[str, ...]
) -> None:
    health = ALERTS[first]
    for repeat in (ALERTS[name] for name in others):
        slowest = max(map(_interval, _families_behind(repeat["expr"])))
        later = seconds(health["keep_firing_for"]) - seconds(repeat["keep_firing_for"])
        assert seconds(repeat["for"]) - seconds(health["for"]) >= 300
        assert later > slowest


@pytest.mark.parametrize(
    "name", [name for name, rule in ALERTS.items() if rule["labels"]["scope"] == "server"]
)
def test_a_server_alert_knows_the_model_and_whether_its_source_is_up(name: str) -> None:
    assert "group_left (model)" in ALERTS[name]["expr"]
    assert "serverfleet:server_alerting:info" in ALERTS[name]["expr"]


def _families_behind(expression: str) -> set[str]:
    """Return the families that an expression reads, also through recording rules."""
    words = set(_WORD.findall(_STRING.sub("", expression)))
    found = {word for word in words if word.startswith("serverfleet_")}
    for record in words & set(RECORDS):
        # A rule may remember by reading itself.
        found |= _families_behind(RECORDS[record]["expr"].replace(record, ""))
    return found


def _interval(family: str) -> float:
    return next(seconds(text) for prefix, text in INTERVALS if family.startswith(prefix))


@pytest.mark.parametrize(
    "path", sorted((SHIPPED / "rules").glob("*.yml")), ids=lambda path: path.name
)
def test_each_group_has_an_interval_within_the_lookback_of_queries(path: Path) -> None:
    for group in yaml.safe_load(path.read_text())["groups"]:
        assert seconds(group["interval"]) < seconds("5m")
