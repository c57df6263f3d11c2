"""Whatever stands in headers and queries: an answer, a wait that can be waited, or none."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from exporter.web.server import application
from tests.fuzz.choices import Choices
from tests.fuzz.profiles import tried
from tests.fuzz.requests import check, check_client, check_waits
from tests.support.exporting import Exporting
from tests.support.exposition import families
from tests.support.fleet import inventory, servers
from tests.support.source import StubCollector, polled

QUERIES = (
    "source=emea", "source=", "source", "source=%00", "source=%ff", "source=%", "source=a&source=emea",
    "source=emea&collector=servers", "collector=%22%3Cscript%3E", "collector=servers&collector=servers",
    "a[]=1&&=&;", "source=" + "x" * 2000, "source=%F0%9F%96%A5", "source[]=emea", "%73ource=emea",
)  # fmt: skip


@tried(80)
@given(data=st.binary(max_size=64))
def test_drawn_headers_are_understood_in_some_way(data: bytes) -> None:
    check(Choices(data))


@tried(80)
@given(text=st.text(max_size=40), body=st.binary(max_size=40))
def test_any_headers_are_understood_in_some_way(text: str, body: bytes) -> None:
    check_waits({"Retry-After": text}, body)
    check_client(text)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("path", ["/metrics", "/sd", "/"])
async def test_any_query_is_answered_or_refused_and_never_an_error_of_ours(
    path: str, query: str
) -> None:
    exporting = Exporting(polled("emea", StubCollector("servers", inventory(servers(1, 2)))))
    await exporting.begin()
    app = application(exporting.served)
    async with TestClient[web.Request, web.Application](TestServer(app)) as client:
        answer = await client.get(f"{path}?{query}")
        text = await answer.read()

    assert answer.status in (200, 400, 404)
    assert b"<script>" not in text or path == "/"
    if path == "/metrics" and answer.status == 200:
        assert families(text)
    await exporting.scheduler.stop()
