import asyncio
import gzip
import logging

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from exporter.catalogue import own
from exporter.web.server import Server
from tests.support.exporting import Exporting
from tests.support.exposition import openmetrics_families, series, value, values
from tests.support.fleet import inventory, servers
from tests.support.source import StubCollector
from tests.web.conftest import Client, Connect
from tests.web.test_negotiation import PROMETHEUS_2, PROMETHEUS_3

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


async def test_servers_and_the_exporter_itself_are_served(client: Client) -> None:
    response = await client.get("/metrics")
    body = await response.read()

    assert response.status == 200
    assert len(values(body, "serverfleet_server_health", state="ok")) == 3
    assert value(body, "serverfleet_collector_success", source="apac") == 1
    assert values(body, "process_start_time_seconds")


async def test_metrics_are_served_before_the_first_run(
    exporting: Exporting, connect: Connect
) -> None:
    client = await connect(exporting)

    response = await client.get("/metrics", headers={"Accept-Encoding": "gzip"})
    body = gzip.decompress(await response.read())

    assert response.status == 200
    assert values(body, "serverfleet_source_up") == [0, 0]


async def test_what_is_not_configured_has_no_state(client: Client) -> None:
    body = await (await client.get("/metrics")).read()

    assert values(body, "serverfleet_web_config_last_reload_successful") == []
    assert values(body, "serverfleet_ledger_file_bytes") == []


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (PROMETHEUS_2, OPENMETRICS),
        (PROMETHEUS_3, OPENMETRICS),
        ("*/*", TEXT),
        (None, TEXT),
        ("text/plain", TEXT),
    ],
)
@pytest.mark.parametrize("query", ["", "?source=emea"])
async def test_the_format_is_negotiated(
    client: Client, accept: str | None, content_type: str, query: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}

    response = await client.get("/metrics" + query, headers=headers)
    body = await response.read()

    assert response.headers["Content-Type"] == content_type
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    assert body.endswith(b"# EOF\n") == (content_type == OPENMETRICS)
    assert body.count(b"# EOF") == (content_type == OPENMETRICS)
    if content_type == OPENMETRICS:
        assert openmetrics_families(body)
    else:
        assert series(body)


@pytest.mark.parametrize("accept", [PROMETHEUS_3, "*/*"])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "?source=emea",
        "?collector=alerts",
        "?collect[]=alerts",
        "?source=emea&collector=alerts",
        "?source=apac&collector=alerts",
    ],
)
async def test_a_compressed_answer_is_the_plain_one(
    client: Client, accept: str, query: str
) -> None:
    plain = await client.get("/metrics" + query, headers={"Accept": accept})
    packed = await client.get(
        "/metrics" + query, headers={"Accept": accept, "Accept-Encoding": "gzip"}
    )
    packed_body = await packed.read()

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed_body) > 0
    names = [line.rsplit(b" ", 1)[0] for line in (await plain.read()).splitlines()]
    unpacked = gzip.decompress(packed_body).splitlines()
    assert [line.rsplit(b" ", 1)[0] for line in unpacked] == names


@pytest.mark.parametrize("encoding", ["gzip;q=0", "identity", "br", "*;q=0"])
async def test_a_client_that_takes_no_gzip_gets_none(client: Client, encoding: str) -> None:
    response = await client.get("/metrics", headers={"Accept-Encoding": encoding})

    assert "Content-Encoding" not in response.headers
    assert series(await response.read())


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_head_answers_like_get_without_a_body(client: Client, encoding: str) -> None:
    head = await client.head("/metrics?source=emea", headers={"Accept-Encoding": encoding})
    get = await client.get("/metrics?source=emea", headers={"Accept-Encoding": encoding})

    assert head.status == 200
    assert await head.read() == b""
    for name in ("Content-Type", "Content-Length"):
        assert head.headers[name] == get.headers[name]
    assert head.headers.get("Content-Encoding") == get.headers.get("Content-Encoding")
    again = await client.head("/metrics")
    assert again.status == 200


@pytest.mark.parametrize(
    ("query", "sources"),
    [
        ("source=emea", {"emea"}),
        ("source=apac", {"apac"}),
        ("source=apac&source=emea", {"apac", "emea"}),
        ("source=emea&source=emea", {"emea"}),
    ],
)
async def test_the_page_can_be_narrowed_to_sources(
    client: Client, query: str, sources: set[str]
) -> None:
    body = await (await client.get(f"/metrics?{query}")).read()

    assert {dict(labels)["source"] for _, labels in series(body)} == sources


async def test_the_page_can_be_narrowed_to_collectors(client: Client) -> None:
    body = await (await client.get("/metrics?collector=alerts&collector=devices")).read()

    assert values(body, "serverfleet_server_alerts", severity="critical") == [2, 0]
    assert values(body, "serverfleet_source_servers") == [1]
    assert values(body, "serverfleet_source_servers", source="emea") == []


def count_calls(exporting: Exporting) -> None:
    for source in ("emea", "apac"):
        exporting.metrics.increase(own.API_LOGINS_TOTAL, source)
        exporting.metrics.observe(own.API_REQUEST_DURATION_SECONDS, 1, source, "list")
        exporting.metrics.set(own.LEDGER_HOURS_PENDING, 1, source)


OF_A_SOURCE = {
    "serverfleet_source_servers",
    "serverfleet_source_up",
    "serverfleet_collector_success",
    "serverfleet_collector_failures_total",
    "serverfleet_api_logins_total",
    "serverfleet_api_request_duration_seconds_bucket",
    "serverfleet_api_request_duration_seconds_sum",
    "serverfleet_ledger_hours_pending",
}


async def test_a_page_of_a_source_has_the_families_about_that_source(
    exporting: Exporting, client: Client
) -> None:
    count_calls(exporting)
    exporting.metrics.increase(own.COLLECTOR_FAILURES_TOTAL, "emea", "alerts", "tls")

    body = await (await client.get("/metrics?source=emea")).read()
    whole = await (await client.get("/metrics")).read()

    about_it = {
        key: number for key, number in series(whole).items() if ("source", "emea") in key[1]
    }
    assert series(body) == about_it
    assert {name for name, _ in about_it} >= OF_A_SOURCE
    assert b'failures_total{source="emea",collector="alerts",reason="tls"} 1\n' in body


async def test_a_page_of_a_collector_has_the_families_about_that_collector(
    exporting: Exporting, client: Client
) -> None:
    count_calls(exporting)

    body = await (await client.get("/metrics?collector=alerts&collector=devices")).read()

    of_collectors = {
        dict(labels)["collector"]
        for name, labels in series(body)
        if name.startswith("serverfleet_collector_")
    }
    assert of_collectors == {"alerts", "devices"}
    assert values(body, "serverfleet_collector_success") == [1, 1]
    assert values(body, "serverfleet_source_up") == []
    assert b"serverfleet_api_" not in body


@pytest.mark.parametrize(
    "query", ["source=emea", "collector=alerts", "source=emea&collector=alerts"]
)
async def test_a_narrowed_page_leaves_out_what_describes_the_process(
    client: Client, query: str
) -> None:
    body = await (await client.get(f"/metrics?{query}")).read()

    assert values(body, "serverfleet_collector_success", collector="alerts") == [1]
    of_process = ("build", "config", "web", "exposition", "event_loop", "series", "shard", "total")
    for family in (*(f"serverfleet_{each}_" for each in of_process), "process_", "python_"):
        assert family.encode() not in body


async def test_a_family_without_a_series_in_a_narrowed_page_has_no_header(client: Client) -> None:
    body = await (await client.get("/metrics?source=emea")).read()

    described = {line.split()[2].decode() for line in body.splitlines() if line[:6] == b"# HELP"}
    assert "serverfleet_collector_missing_fields" not in described
    assert described == {name for name, _ in series(body)}


async def test_a_source_and_a_collector_narrow_together(client: Client) -> None:
    body = await (await client.get("/metrics?source=emea&collector=servers")).read()

    for name, labels in series(body):
        assert dict(labels)["source"] == "emea"
        assert dict(labels).get("collector", "servers") == "servers", name
    assert values(body, "serverfleet_source_servers") == [2]
    assert values(body, "serverfleet_collector_success") == [1]
    assert values(body, "serverfleet_server_alerts") == []


async def test_nothing_is_served_of_a_collector_that_the_source_does_not_have(
    client: Client,
) -> None:
    body = await (await client.get("/metrics?source=apac&collector=servers")).read()

    assert body == b""


@pytest.mark.parametrize("query", ["collect[]=alerts", "collect%5B%5D=alerts"])
async def test_collect_is_another_name_of_collector(client: Client, query: str) -> None:
    alias = await (await client.get(f"/metrics?{query}&collector=devices")).read()
    both = await (await client.get("/metrics?collector=alerts&collector=devices")).read()

    assert series(alias) == series(both)
    assert values(alias, "serverfleet_collector_success") == [1, 1]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("source=nowhere", "unknown source; known: apac, emea\n"),
        ("source=emea&source=", "unknown source; known: apac, emea\n"),
        ("collector=nothing", "unknown collector; known: alerts, devices, servers\n"),
        ("source=emea&collector=<b>", "unknown collector; known: alerts, devices, servers\n"),
        ("collect[]=nothing", "unknown collector; known: alerts, devices, servers\n"),
    ],
)
async def test_an_unknown_name_is_not_found_and_the_known_ones_are_listed(
    client: Client, query: str, text: str
) -> None:
    response = await client.get(f"/metrics?{query}")

    assert response.status == 404
    assert response.content_type == "text/plain"
    assert await response.text() == text


@pytest.mark.parametrize("path", ["/metrics", "/", "/-/healthy", "/-/ready"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nothing_can_be_written(client: Client, path: str, method: str) -> None:
    response = await client.request(method, path)

    assert response.status == 405
    assert set(response.headers["Allow"].split(",")) == {"GET", "HEAD"}


async def test_an_unknown_path_is_not_found(client: Client) -> None:
    assert (await client.get("/nothing")).status == 404


async def test_data_that_are_too_old_are_not_served_without_any_new_run(
    exporting: Exporting, client: Client
) -> None:
    exporting.clock.now += 181

    body = await (await client.get("/metrics")).read()

    assert values(body, "serverfleet_source_servers") == []
    assert values(body, "serverfleet_collector_data_served") == [0, 0, 0]


async def test_scrapes_during_publications_are_always_whole(
    exporting: Exporting, client: Client
) -> None:
    sizes = [1, 700, 20, 1500, 0x200]
    done = asyncio.Event()

    async def publish() -> None:
        for size in sizes * 4:
            fleet = inventory(servers(*range(size)))
            await exporting.store.publish("emea", "servers", fleet, keep_for=1e6)
            await asyncio.sleep(0)
        done.set()

    async def scrape(encoding: str) -> int:
        scrapes = 0
        while not done.is_set() or not scrapes:
            response = await client.get("/metrics", headers={"Accept-Encoding": encoding})
            body = await response.read()
            assert len(body) == int(response.headers["Content-Length"])
            text = gzip.decompress(body) if encoding == "gzip" else body
            listed = value(text, "serverfleet_source_servers", source="emea")
            found = values(text, "serverfleet_server_health", source="emea", state="ok")
            assert len(found) == listed
            assert listed in {2, *sizes}
            scrapes += 1
        return scrapes

    *scrapes, _ = await asyncio.gather(scrape("gzip"), scrape("identity"), publish())

    assert all(scrapes)


async def test_a_client_that_hangs_up_is_nobodys_error(
    exporting: Exporting, caplog: pytest.LogCaptureFixture
) -> None:
    fleet = inventory(servers(*range(20_000)))
    await exporting.store.publish("emea", "servers", fleet, keep_for=1e6)
    server = await Server.start(exporting.served, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.port}/metrics"

    with capture_logs() as lines, caplog.at_level(logging.WARNING):
        for clients in range(1, 4):
            async with ClientSession(headers={"Accept-Encoding": "identity"}) as session:
                response = await session.get(url)
                await response.content.read(1000)
                response.close()
            async with asyncio.timeout(60):
                while len(lines) < clients:  # noqa: ASYNC110 - the log is all there is to see
                    await asyncio.sleep(0.001)
        async with ClientSession() as session, session.get(url) as response:
            assert len(await response.read()) > 8_000_000
    await server.stop()

    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("a client went away", "debug")
    ] * 3
    assert caplog.records == []


async def test_names_of_servers_cannot_break_the_page(
    exporting: Exporting, listing: StubCollector, connect: Connect
) -> None:
    hostile = 'x"} 1\nserverfleet_source_up{a="\\'
    (only,) = servers(1)
    listing.then(inventory([type(only)("id-1", "SN1", hostile)]))
    await exporting.begin()

    body = await (await (await connect(exporting)).get("/metrics")).read()

    assert values(body, "serverfleet_server_health", server=hostile, state="ok") == [1]
    assert len(values(body, "serverfleet_source_up")) == 2
