import re
from html.parser import HTMLParser

import pytest

from exporter.errors import Reason, SourceError
from exporter.polling.board import CollectorState
from exporter.web.landing import SourceLine, landing_page
from tests.support.exporting import Exporting
from tests.support.source import StubCollector
from tests.web.conftest import Client

NOW = 1_750_000_000.0
HOSTILE = "<script>alert('x')</script>&\"'"
DOWN = SourceError(Reason.CONNECT, f"cannot connect to {HOSTILE}")


class Page(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [
            str(value)
            for name, value in attrs
            if name in ("src", "href") and not str(value).startswith("/")
        ]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def state(**changes: object) -> CollectorState:
    facts = {"source": "emea", "collector": "servers", "interval": 60.0, **changes}
    return CollectorState(**facts)  # type: ignore[arg-type]


def cells(*states: CollectorState, served: bool = False) -> list[list[str]]:
    pairs = frozenset((each.source, each.collector) for each in states) if served else frozenset()
    text = landing_page(states, [], pairs, NOW)
    rows = re.findall(r"<tr>(<td>.*?)</tr>", text)
    return [[re.sub("<[^>]+>", "", cell) for cell in row.split("<td>")[1:]] for row in rows]


def test_a_collector_that_has_not_run_is_waiting() -> None:
    (row,) = cells(state())

    assert row == ["emea", "servers", "waiting", "never", "never", "1m", "", "", "", "none", ""]


def test_a_collector_that_works_shows_its_facts() -> None:
    good = state(
        success=True,
        last_success=NOW - 30,
        next_run=NOW + 30,
        duration=1.234,
        items=250,
        problems=3,
        interval=3600.0,
    )

    (row,) = cells(good, served=True)

    expected = ["ok", "30 s ago", "in 30 s", "1h", "1.23 s", "250", "3", "served", ""]
    assert row == ["emea", "servers", *expected]


def test_a_collector_that_fails_shows_why_and_how_often() -> None:
    bad = state(
        success=False,
        consecutive_failures=4,
        last_success=NOW - 7300,
        next_run=NOW + 600,
        reason="timeout",
        error="no complete answer",
    )

    (row,) = cells(bad)

    assert row[2:5] == ["failed (4 in a row)", "2 h ago", "in 10 min"]
    assert row[-2:] == ["none", "timeout: no complete answer"]


def test_a_run_that_is_under_way_is_now() -> None:
    assert cells(state(running=True, next_run=NOW - 5))[0][4] == "now"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "in 0 s"), (119, "in 119 s"), (120, "in 2 min"), (7200, "in 2 h"), (172800, "in 2 d")],
)
def test_a_time_is_a_distance_from_now(seconds: float, words: str) -> None:
    assert cells(state(next_run=NOW + seconds))[0][4] == words


def test_a_time_has_the_exact_one_behind_it() -> None:
    page = landing_page([state(last_success=NOW)], [], frozenset(), NOW)

    assert "<time title='2025-06-15 15:06:40 UTC'>" in page


def test_hostile_words_stay_words() -> None:
    states = [state(source=HOSTILE, collector=HOSTILE, reason="connect", error=HOSTILE)]
    text = landing_page(states, [SourceLine(HOSTILE, HOSTILE, HOSTILE, 1, 60, 0)], frozenset(), NOW)

    page = Page(text)

    assert "script" not in page.tags
    assert page.words.count(HOSTILE) == 5
    assert f"connect: {HOSTILE}" in page.words


def test_the_page_needs_nothing_from_outside() -> None:
    page = Page(landing_page([state()], [], frozenset(), NOW))

    assert page.outside == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)


async def test_the_page_shows_sources_collectors_and_the_last_error(
    exporting: Exporting, listing: StubCollector, client: Client
) -> None:
    listing.then(DOWN)
    await exporting.clock.advance(70)

    response = await client.get("/")
    page = Page(await response.text())

    assert response.status == 200
    assert response.content_type == "text/html"
    assert {"emea", "apac", "hpe", "dell", "https://emea.example.net"} <= set(page.words)
    assert "failed (1 in a row)" in page.words
    assert f"connect: cannot connect to {HOSTILE}" in page.words
    assert "script" not in page.tags


async def test_the_page_may_not_be_framed_scripted_or_stored(client: Client) -> None:
    headers = (await client.get("/")).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


async def test_every_link_of_the_page_works(client: Client) -> None:
    text = await (await client.get("/")).text()

    links = re.findall(r"href=(\S+?)>", text)

    assert len(links) >= 3
    for link in links:
        assert (await client.get(link)).status == 200
