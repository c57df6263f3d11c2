from typing import Any

import msgspec
import pytest

from exporter.status.schema import (
    AttentionCounts,
    Calls,
    CollectorCondition,
    CollectorStatement,
    Drift,
    ExporterStatement,
    Failure,
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
        "state": SourceState.OK,
        "servers": 2500,
        "attention": NONE,
        "calls": Calls(needed_per_hour=120.0, allowed_per_hour=600),
        **changes,
    }
    return SourceStatement(name=name, collectors=collectors or (collector(),), **facts)


def page(*sources: SourceStatement, **changes: Any) -> Page:
    said = Statement(
        summary=Summary(
            state=SourceState.OK, text="All is well.", sources=1, sources_read=1, servers=1
        ),
        exporter=ExporterStatement(
            version="1.2.3", python="3.13.1", started_timestamp_seconds=NOW - 7200
        ),
        volume=Volume(series=1_250_000, bytes_identity=27_300_000, bytes_gzip=1_600_000),
        attention=NONE,
        sources=sources,
    )
    none = listing([], Query())
    return Page(status_page(msgspec.structs.replace(said, **changes), NOW, none))


def test_the_page_shows_the_numbers_of_the_exporter() -> None:
    found = page(source())

    assert {"All is well.", "1.2.3", "2 h", "1,250,000", "27.3 MB", "gzip: 1.6 MB"} <= set(
        found.words
    )


def test_a_collector_shows_age_limit_next_run_and_counts() -> None:
    found = page(source()).words

    begin = found.index("Problems") + 1
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
        ({"data_until_timestamp_seconds": None}, "no longer served"),
        ({"running": True}, "running"),
        ({"next_run_timestamp_seconds": NOW - 1}, "due"),
        ({"next_run_timestamp_seconds": None}, "waits"),
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
        (600, "120 calls an hour needed, 600 allowed", True),
        (None, "120 calls an hour needed, no limit set", False),
    ],
)
def test_the_budget_is_shown(allowed: int | None, text: str, has_meter: bool) -> None:
    found = page(source(calls=Calls(needed_per_hour=120.0, allowed_per_hour=allowed)))

    assert text in found.words
    assert ("meter" in found.tags) is has_meter


def test_of_many_sources_only_those_in_trouble_are_open() -> None:
    well = [source(f"s{number}") for number in range(4)]

    assert page(*well).attributes.count("open") == 0
    assert page(*well, source("bad", state=SourceState.DOWN)).attributes.count("open") == 1
    assert page(*well[:3]).attributes.count("open") == 3


def test_hostile_words_stay_words() -> None:
    failure = Failure(reason=HOSTILE, text=HOSTILE, advice=HOSTILE, runbook=HOSTILE)
    drift = Drift(fields=(), text=HOSTILE, advice=HOSTILE, runbook=HOSTILE)
    bad = collector(name=HOSTILE, unavailable=HOSTILE, failure=failure, drift=drift)

    found = page(
        source(HOSTILE, bad, vendor=HOSTILE, address=HOSTILE),
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
