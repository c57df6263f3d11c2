from typing import Any

import msgspec
import pytest

from exporter.status.attention import Case, Severity
from exporter.status.schema import (
    AttentionCounts,
    Calls,
    CollectorCondition,
    CollectorStatement,
    Drift,
    ExporterStatement,
    Failure,
    Overall,
    SourceState,
    SourceStatement,
    Statement,
    Summary,
    Volume,
)
from exporter.web import page as words
from exporter.web.page import Query, listing, status_page
from tests.web.reading import Page

NOW = 1_750_000_000.0
HOSTILE = "<script>alert('x')</script>&\"'"
NONE = AttentionCounts(total=0, critical=0, warning=0, unknown=0)


def collector(**changes: Any) -> CollectorStatement:
    facts: dict[str, Any] = {
        "name": "servers",
        "state": CollectorCondition.OK,
        "running": False,
        "data_served": True,
        "interval_seconds": 60.0,
        "last_run_timestamp_seconds": NOW - 30,
        "last_success_timestamp_seconds": NOW - 30,
        "data_until_timestamp_seconds": NOW + 150,
        "next_run_timestamp_seconds": NOW + 30,
        "duration_seconds": 1.234,
        "consecutive_failures": 0,
        "calls": 2,
        "items": 2500,
        "problems": 0,
        "failure": None,
        "unavailable": "",
        "drift": None,
        **changes,
    }
    return CollectorStatement(**facts)


def source(name: str = "emea", *collectors: CollectorStatement, **changes: Any) -> SourceStatement:
    facts: dict[str, Any] = {
        "vendor": "hpe",
        "address": "https://api.example.net",
        "console": "",
        "state": SourceState.OK,
        "servers": 2500,
        "attention": NONE,
        "calls": Calls(needed_per_hour=120.0, allowed_per_hour=600),
        **changes,
    }
    return SourceStatement(name=name, collectors=collectors or (collector(),), **facts)


def statement(*sources: SourceStatement) -> Statement:
    return Statement(
        summary=Summary(
            overall=Overall.HEALTHY,
            state=SourceState.OK,
            text="The source is up · None of 1 server needs attention",
            sources_text="The source is up",
            servers_text="None of 1 server needs attention",
            sources=1,
            sources_read=1,
            servers=1,
        ),
        exporter=ExporterStatement(
            version="1.2.3", python="3.13.1", started_timestamp_seconds=NOW - 7200
        ),
        volume=Volume(series=1_250_000, bytes_identity=27_300_000, bytes_gzip=1_600_000),
        attention=NONE,
        sources=sources,
    )


def page(*sources: SourceStatement, **changes: Any) -> Page:
    said, none = statement(*sources), listing([], Query())
    return Page(status_page(msgspec.structs.replace(said, **changes), NOW, none))


def test_the_page_shows_the_numbers_of_the_exporter() -> None:
    found = page(source())

    assert {
        "Healthy",
        "The source is up",
        "1.2.3",
        "2 h",
        "1,250,000",
        "27.3 MB",
        "gzip: 1.6 MB",
    } <= set(found.words)


def test_a_collector_shows_age_limit_next_run_and_counts() -> None:
    found = page(source()).words

    begin = found.index("Skipped records") + 1
    assert found[begin : begin + 10] == [
        "servers", "ok", "30 s", " ", "of 3 min", "in 30 s", "1 min", "1.23 s", "2", "2,500",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words_shown"),
    [
        (
            {"last_success_timestamp_seconds": None, "data_until_timestamp_seconds": None},
            "none yet",
        ),
        ({"data_until_timestamp_seconds": None}, "no longer exported"),
        ({"running": True}, "running"),
        ({"next_run_timestamp_seconds": NOW - 1}, "due"),
        ({"next_run_timestamp_seconds": None}, "waiting"),
        ({"state": CollectorCondition.NO_DATA}, "no data"),
        ({"unavailable": "a licence is missing"}, "a licence is missing"),
    ],
)
def test_what_is_not_as_it_should_be_is_said_in_words(changes: Any, words_shown: str) -> None:
    assert words_shown in page(source("emea", collector(**changes))).words


def test_a_failure_says_why_what_to_do_and_where_to_read_on() -> None:
    failure = Failure(reason="tls", text="expired", advice="Renew it.", runbook="https://x.test/#a")

    found = page(source("emea", collector(failure=failure, consecutive_failures=3)))

    assert " tls (3 times in a row): " in found.words
    assert {"expired", "Renew it. "} <= set(found.words)
    assert "https://x.test/#a" in found.links


@pytest.mark.parametrize(
    ("allowed", "text", "has_meter"),
    [
        (600, "120 requests per hour, limit 600", True),
        (None, "120 requests per hour, no limit set", False),
    ],
)
def test_the_budget_is_shown(allowed: int | None, text: str, has_meter: bool) -> None:
    found = page(source(calls=Calls(needed_per_hour=120.0, allowed_per_hour=allowed)))

    assert text in found.words
    assert ("meter" in found.tags) is has_meter


def test_of_more_than_two_sources_every_one_is_closed() -> None:
    well = [source(f"s{number}") for number in range(2)]

    assert page(*well).attributes.count("open") == 2
    assert page(*well, source("bad", state=SourceState.DOWN)).attributes.count("open") == 0


def test_sources_with_trouble_come_first_and_the_others_keep_their_order() -> None:
    states = {
        "b": SourceState.OK,
        "a": SourceState.OK,
        "starting": SourceState.STARTING,
        "degraded": SourceState.DEGRADED,
        "down": SourceState.DOWN,
    }
    listed = [source(name, state=state) for name, state in states.items()]

    assert [each.name for each in words.troubled_first(listed)] == [
        "down", "degraded", "starting", "b", "a",
    ]  # fmt: skip


def test_the_line_of_a_source_has_its_first_problem_and_counts_the_others() -> None:
    timeout = Failure(reason="timeout", text="no answer", advice="Check it.", runbook="#a")
    drift = Drift(fields=(), text="x is missing", advice="Report it.", runbook="#b")
    failing, drifted = collector(name="alerts", failure=timeout), collector(drift=drift)

    both = words.main_problem(source("emea", drifted, failing))
    assert both == words.Problem("alerts", "no answer", "Check it.", 1)
    assert words.main_problem(source("emea", drifted)) == words.Problem(
        "servers", "x is missing", "Report it.", 0
    )
    assert words.main_problem(source()) is None
    assert " (and 1 more)." in page(source("emea", drifted, failing)).words


def test_a_server_links_to_its_bmc_its_console_and_its_dashboard() -> None:
    case = Case(
        severity=Severity.WARNING,
        server="host1",
        serial="SN1",
        source="apac",
        vendor="dell",
        bmc_address="192.0.2.20",
        reasons=("fans warning",),
    )
    said = statement(source("apac", console="https://ome.example.net"))
    servers = listing([case], Query())

    links = Page(status_page(said, NOW, servers, "https://grafana.example.net")).links

    assert "https://192.0.2.20" in links
    assert links.count("https://ome.example.net") == 2, "the server's and the source's"
    dashboard = "/d/serverfleet-server?var-source=apac&var-server=host1&var-serial=SN1"
    assert f"https://grafana.example.net{dashboard}" in links
    assert not any("grafana" in link for link in Page(status_page(said, NOW, servers)).links)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://u:p@x", "", HOSTILE])
def test_a_console_that_is_no_plain_address_is_not_linked(address: str) -> None:
    found = page(source(console=address))

    assert "Console" not in found.words
    assert address not in found.links


def test_hostile_words_stay_words() -> None:
    failure = Failure(reason=HOSTILE, text=HOSTILE, advice=HOSTILE, runbook=HOSTILE)
    drift = Drift(fields=(), text=HOSTILE, advice=HOSTILE, runbook=HOSTILE)
    bad = collector(name=HOSTILE, unavailable=HOSTILE, failure=failure, drift=drift)

    found = page(
        source(HOSTILE, bad, vendor=HOSTILE, address=HOSTILE, console=HOSTILE),
        exporter=ExporterStatement(version=HOSTILE, python=HOSTILE, started_timestamp_seconds=NOW),
    )

    assert found.tags.count("script") == 1, "its own"
    assert found.words.count(HOSTILE) >= 9
    assert not {"onerror", "onclick"} & set(found.attributes)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172800, "2 d"), (-5, "0 s")],
)
def test_a_span_is_written_in_a_unit_of_which_there_are_two(seconds: float, expected: str) -> None:
    assert words.span(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(60, "60 s"), (118, "2 min"), (179, "3 min"), (180, "3 min"), (10799, "3 h")],
)
def test_a_limit_is_written_about_right(seconds: float, expected: str) -> None:
    assert words.about(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(60, "1 min"), (90, "90 s"), (3600, "1 h"), (86400, "1 d")]
)
def test_a_length_that_was_set_is_written_exactly(seconds: float, expected: str) -> None:
    assert words.length(seconds) == expected


@pytest.mark.parametrize(
    ("size", "expected"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2**30, "1.1 GB")]
)
def test_a_size_is_written_in_its_unit(size: int, expected: str) -> None:
    assert words.size(size) == expected
