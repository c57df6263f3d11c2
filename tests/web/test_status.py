import gzip
import re
from importlib.resources import files

import msgspec
import pytest

from exporter.errors import Reason, SourceError
from exporter.web.assets import all_assets
from tests.support.exporting import Exporting
from tests.support.source import StubCollector
from tests.web.conftest import Client
from tests.web.reading import Page

HOSTILE = "<script>alert('x')</script>&\"'"
DOWN = SourceError(Reason.CONNECT, f"cannot connect to {HOSTILE}")
DOCUMENTS = ("/status.json", "/attention.json", "/assets/status.js")


@pytest.mark.parametrize("path", DOCUMENTS[:2])
async def test_both_documents_are_json(client: Client, path: str) -> None:
    response = await client.get(path)

    assert response.status == 200
    assert response.content_type == "application/json"
    assert msgspec.json.decode(await response.read())["format"] == 1


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_who_has_it_already_is_told_so_without_a_body(client: Client, path: str) -> None:
    first = await client.get(path)

    again = await client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "no-cache"
    assert again.status == 304
    assert await again.read() == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Vary"] == "Accept-Encoding"
    assert (await client.get(path, headers={"If-None-Match": 'W/"other"'})).status == 200


async def test_a_change_is_sent_to_who_has_the_former_state(
    exporting: Exporting, listing: StubCollector, client: Client
) -> None:
    tag = (await client.get("/status.json")).headers["ETag"]
    listing.then(DOWN)
    await exporting.clock.advance(70)

    response = await client.get("/status.json", headers={"If-None-Match": tag})
    said = msgspec.json.decode(await response.read())

    assert response.status == 200
    failure = said["sources"][0]["collectors"][0]["failure"]
    assert failure["text"] == f"cannot connect to {HOSTILE}"


@pytest.mark.parametrize("path", ["/", *DOCUMENTS])
async def test_gzip_is_sent_to_those_who_take_it(client: Client, path: str) -> None:
    plain = await client.get(path)
    packed = await client.get(path, headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(await packed.read()) == await plain.read()


@pytest.mark.parametrize("path", ["/", *DOCUMENTS])
async def test_head_answers_like_get_without_a_body(client: Client, path: str) -> None:
    head, get = await client.head(path), await client.get(path)

    assert head.status == 200
    assert await head.read() == b""
    for name in ("Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers[name] == get.headers[name]


async def test_the_page_may_run_its_own_files_and_nothing_else(client: Client) -> None:
    headers = (await client.get("/")).headers

    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


async def test_the_page_shows_sources_collectors_and_the_last_error_without_javascript(
    exporting: Exporting, listing: StubCollector, client: Client
) -> None:
    listing.then(DOWN)
    await exporting.clock.advance(70)

    response = await client.get("/")
    page = Page(await response.text())

    assert response.status == 200
    assert response.content_type == "text/html"
    assert {"emea", "apac", "hpe", "dell", "https://emea.example.net"} <= set(page.words)
    assert {"down", "failing", "servers", "alerts", "devices"} <= set(page.words)
    assert f"cannot connect to {HOSTILE}" in page.words
    assert any(text.startswith("Check the address, DNS") for text in page.words)
    assert {
        "Critical",
        "1 of 2 sources down",
        "1 of 3 servers needs attention: 1 critical",
    } <= set(page.words)
    assert page.tags.count("script") == 1


async def test_the_page_is_not_sent_again_to_who_has_it(client: Client) -> None:
    first = await client.get("/")

    again = await client.get("/", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.headers["Cache-Control"], again.status) == ("no-store", 304)
    other = await client.get("/?q=host", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status == 200


async def test_the_address_of_the_page_selects_the_servers_that_are_listed(client: Client) -> None:
    every = Page(await (await client.get("/")).text())
    none = Page(await (await client.get("/?q=nothing")).text())
    unknown = Page(await (await client.get("/?source=x&severity=y&sort=-z&show=-1")).text())

    assert {"host1", "2 critical alerts open", "1 server."} <= set(every.words)
    assert "None of 1 server matches." in none.words
    assert "host1" not in none.words
    assert {"host1", "1 server."} <= set(unknown.words)


async def test_hostile_words_in_the_address_stay_words(client: Client) -> None:
    for name in ("q", "source", "severity", "sort", "show"):
        response = await client.get("/", params={name: HOSTILE + "\udcff\x00"})
        page = Page(await response.text())

        assert response.status == 200
        assert page.tags.count("script") == 1, "its own"
        assert not {"onerror", "onclick"} & set(page.attributes)


async def test_every_link_and_file_of_the_page_works_and_is_relative(client: Client) -> None:
    page = Page(await (await client.get("/")).text())

    ours = [link for link in page.links if not link.startswith(("#", "https://github.com/"))]

    assert {"metrics", "status.json", "attention.json", "assets/status.js"} <= set(ours)
    for link in ours:
        assert not link.startswith("/"), "it would not work under a path of a reverse proxy"
        assert (await client.get(f"/{link}")).status == 200


async def test_a_file_that_is_not_there_is_not_found(client: Client) -> None:
    for name in ("nothing.js", "__init__.py", "page.html", "..%2Fserver.py"):
        assert (await client.get(f"/assets/{name}")).status == 404


def test_no_file_of_the_page_asks_for_anything_outside() -> None:
    for name, asset in all_assets().items():
        text = asset.document.plain.decode().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z]+\.|@import|url\(", text), name


def test_no_script_makes_markup_of_text_but_of_the_page_itself() -> None:
    for name, asset in all_assets().items():
        found = re.findall(
            r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|DOMParser",
            asset.document.plain.decode(),
        )
        assert found == (["DOMParser"] if name == "status.js" else []), name


def test_the_files_of_the_page_are_small() -> None:
    packed = sum(len(asset.document.gzip) for asset in all_assets().values())

    assert packed < 20_000
    assert files("exporter.web.assets").joinpath("page.html").is_file()
