import gzip
from collections.abc import AsyncIterator

import pytest

from exporter.catalogue import own
from exporter.errors import Reason, SourceError
from exporter.exposition.text import Format
from tests.support.exporting import Exporting
from tests.support.exposition import as_gzip, joined, openmetrics_families, value, values
from tests.support.fleet import inventory, power, servers
from tests.support.source import StubCollector, polled

DOWN = SourceError(Reason.TIMEOUT, "no answer")


@pytest.fixture
def listing() -> StubCollector:
    return StubCollector("servers", inventory(servers(1, 2)))


@pytest.fixture
async def exporting(listing: StubCollector) -> AsyncIterator[Exporting]:
    readings = StubCollector("power", power({"id-1": 100.0}), interval=300)
    made = Exporting(polled("emea", listing, readings))
    yield made
    await made.scheduler.stop()


def of_servers(exporting: Exporting, name: str, **labels: str) -> list[float]:
    return values(
        exporting.own_text,
        f"serverfleet_collector_{name}",
        source="emea",
        collector="servers",
        **labels,
    )


def test_before_the_first_run_only_what_is_known_is_served(exporting: Exporting) -> None:
    assert of_servers(exporting, "interval_seconds") == [60]
    assert of_servers(exporting, "data_served") == [0]
    assert of_servers(exporting, "consecutive_failures") == [0]
    assert of_servers(exporting, "success") == []
    assert of_servers(exporting, "last_run_timestamp_seconds") == []
    assert of_servers(exporting, "last_success_timestamp_seconds") == []
    assert value(exporting.own_text, "serverfleet_source_up", source="emea", vendor="hpe") == 0
    assert value(exporting.own_text, "serverfleet_exposition_series") == 0


async def test_a_success_shows_in_every_family_of_its_collector(exporting: Exporting) -> None:
    began = exporting.clock.wall()
    await exporting.begin()

    assert of_servers(exporting, "success") == [1]
    assert of_servers(exporting, "last_run_timestamp_seconds") == [began]
    assert of_servers(exporting, "last_success_timestamp_seconds") == [began]
    assert of_servers(exporting, "duration_seconds") == [0]
    assert of_servers(exporting, "last_run_records") == [2]
    assert of_servers(exporting, "last_run_skipped_records") == [0]
    assert of_servers(exporting, "data_served") == [1]
    assert of_servers(exporting, "runs_total") == [1]
    assert of_servers(exporting, "failures_total") == []
    assert value(exporting.own_text, "serverfleet_source_up") == 1


async def test_a_failure_shows_while_the_data_are_still_served(
    exporting: Exporting, listing: StubCollector
) -> None:
    await exporting.begin()
    succeeded = exporting.clock.wall() - 1
    listing.then(DOWN)
    await exporting.clock.advance(70)

    assert of_servers(exporting, "success") == [0]
    assert of_servers(exporting, "consecutive_failures") == [1]
    assert of_servers(exporting, "last_success_timestamp_seconds") == [succeeded]
    assert of_servers(exporting, "last_run_timestamp_seconds")[0] > succeeded
    assert of_servers(exporting, "failures_total", reason="timeout") == [1]
    assert of_servers(exporting, "data_served") == [1]
    assert value(exporting.own_text, "serverfleet_source_up") == 0


async def test_data_that_are_too_old_show_as_not_served(
    exporting: Exporting, listing: StubCollector
) -> None:
    await exporting.begin()
    listing.then(DOWN)
    await exporting.clock.advance(178)
    assert of_servers(exporting, "data_served") == [1]

    await exporting.clock.advance(2)
    assert of_servers(exporting, "data_served") == [0]
    assert value(exporting.own_text, "serverfleet_exposition_series") == 1

    listing.then(inventory(servers(1)))
    await exporting.clock.advance(600)
    assert of_servers(exporting, "data_served") == [1]
    assert of_servers(exporting, "consecutive_failures") == [0]


async def test_the_size_of_what_is_served_shows(exporting: Exporting) -> None:
    await exporting.begin()

    text = exporting.own_text
    page = joined(exporting.pages.whole(Format.TEXT))
    lines = [line for line in page.splitlines(keepends=True) if not line.startswith(b"#")]
    assert value(text, "serverfleet_exposition_series") == len(lines) == 2 * 4 + 2 + 1
    size = "serverfleet_exposition_bytes"
    assert value(text, size, encoding="identity") == sum(map(len, lines))
    assert value(text, size, encoding="gzip") == exporting.pages.volume().compressed


async def test_the_page_is_written_once_while_nothing_changes(exporting: Exporting) -> None:
    await exporting.begin()
    for kind in Format:
        text = exporting.own.text(kind)
        assert exporting.own.text(kind) is text


async def test_scrapers_of_different_formats_do_not_renew_each_others_pages(
    exporting: Exporting,
) -> None:
    await exporting.begin()
    text = exporting.own.text(Format.TEXT)

    exporting.own.text(Format.OPENMETRICS)

    assert exporting.own.text(Format.TEXT) is text


async def test_the_page_is_renewed_when_something_is_counted(exporting: Exporting) -> None:
    before = exporting.own_text
    exporting.metrics.increase(own.API_LOGINS_TOTAL, "emea")

    assert exporting.own_text is not before
    assert value(exporting.own_text, "serverfleet_api_logins_total") == 1


async def test_the_page_is_renewed_after_a_second_for_what_changes_by_itself(
    exporting: Exporting,
) -> None:
    before = exporting.own_text
    exporting.clock.now += 0.9
    assert exporting.own_text is before

    exporting.clock.now += 0.1
    assert exporting.own_text is not before


async def test_openmetrics_of_the_whole_page_is_read_strictly(exporting: Exporting) -> None:
    await exporting.begin()
    own = exporting.own.text(Format.OPENMETRICS)
    page = joined(exporting.pages.whole(Format.OPENMETRICS), own)

    found = {each.name: each.type for each in openmetrics_families(page)}

    assert found["serverfleet_server_health"] == "gauge"
    assert found["serverfleet_collector_runs"] == "counter"
    assert found["serverfleet_event_loop_lag_seconds"] == "histogram"
    assert own.plain.endswith(b"# EOF\n")


async def test_the_compressed_page_is_the_plain_one(exporting: Exporting) -> None:
    await exporting.begin()
    body, own = exporting.pages.whole(Format.TEXT), exporting.own.text(Format.TEXT)

    assert gzip.decompress(as_gzip(body, own)) == joined(body, own)
