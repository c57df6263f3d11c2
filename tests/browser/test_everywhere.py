"""Is the page right for everybody: on a phone, in the dark, without JavaScript, behind a proxy?"""

import re
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from exporter.web.limits import Limits
from exporter.web.protection import Protected
from exporter.web.server import Door
from tests.browser.conftest import Open, go_on, names
from tests.browser.fleet import DOWN, NAMES, Fleet, ManySources, hostile, serving
from tests.support.protection import Authority, hashed

pytestmark = [pytest.mark.tool(chromium="chromium"), pytest.mark.asyncio(loop_scope="session")]


AXE = Path(str(metadata.distribution("axe-playwright-python").locate_file("")))
AXE_FILE = "axe_playwright_python/axe.min.js"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
_ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')


async def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    measured = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    found: int = await page.evaluate(measured)
    return found


async def test_hostile_names_stay_text(
    fleet: Fleet, open_page: Open, complaints: list[str]
) -> None:
    fleet.listing.then(hostile())
    await fleet.exporting.clock.advance(70)
    page = await open_page(fleet.address)

    assert set(NAMES) <= set(await names(page).all_text_contents())
    made = await page.evaluate(
        "document.querySelectorAll('main script, main img, main svg, main [onerror], main [onload],"
        " main [onmouseover]').length"
    )
    assert made == 0
    assert await overflow(page) == 0
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [{}, PHONE], ids=["desk", "phone"])
async def test_the_page_is_accessible(
    fleet: Fleet, open_page: Open, scheme: str, device: dict[str, Any]
) -> None:
    fleet.devices.then(DOWN)
    await fleet.exporting.clock.advance(70)
    # The audit itself is put into the page, which the page's own policy would refuse.
    page = await open_page(fleet.address, color_scheme=scheme, bypass_csp=True, **device)
    await page.add_script_tag(path=AXE / AXE_FILE)

    found = await page.evaluate("axe.run(document, {resultTypes: ['violations', 'incomplete']})")

    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    unsure = [each["nodes"][0]["html"] for each in found["incomplete"] if "contrast" in each["id"]]
    assert unsure == []
    assert await overflow(page) == 0


async def test_on_a_phone_nothing_has_to_be_scrolled_sideways(open_page: Open) -> None:
    async with serving(Fleet(200)) as fleet:
        fleet.devices.then(hostile())
        fleet.listing.then(DOWN)
        await fleet.exporting.clock.advance(70)
        page = await open_page(fleet.address, **PHONE)
        await page.locator("details").evaluate_all("(all) => all.forEach((one) => one.open = true)")

        assert await overflow(page) == 0
        wide = await page.evaluate(
            "[...document.querySelectorAll('main *')].filter((one) =>"
            " !one.closest('.hidden, thead')"
            " && one.getBoundingClientRect().right > innerWidth + 1).length"
        )
        assert wide == 0


@pytest.mark.parametrize(("width", "most"), [(1280, 4000), (400, 10_000)])
async def test_with_16_of_30_sources_down_each_has_a_line_and_its_details_are_closed(
    open_page: Open, width: int, most: int
) -> None:
    async with serving(ManySources()) as fleet:
        page = await open_page(fleet.address, viewport={"width": width, "height": 900})
        cards = page.locator("#sources details")

        await expect(page.locator("#headline")).to_contain_text("16 of 30 sources down")
        await expect(cards).to_have_count(30)
        await expect(page.locator("#sources details[open]")).to_have_count(0)
        await expect(cards.nth(15).locator("summary")).to_contain_text(
            re.compile("site-29.*down.*cannot connect to ome.example.net.*Check the address")
        )
        await expect(cards.nth(16).locator("summary")).to_contain_text(re.compile("site-02.*ok"))
        assert await page.evaluate("document.documentElement.scrollHeight") < most
        assert await overflow(page) == 0


@pytest.mark.parametrize("width", [840, 1024, 1280])
async def test_at_no_width_is_a_short_word_broken_or_the_page_too_wide(
    fleet: Fleet, open_page: Open, width: int
) -> None:
    fleet.devices.then(DOWN)
    await fleet.exporting.clock.advance(70)
    page = await open_page(fleet.address, viewport={"width": width, "height": 900})

    assert await overflow(page) == 0
    broken = await page.evaluate(
        "[...document.querySelectorAll('.badge, .tiles dd:nth-of-type(1), thead a')]"
        ".filter((one) => one.getClientRects().length > 1 ||"
        " one.offsetHeight > 1.8 * parseFloat(getComputedStyle(one).lineHeight))"
        ".map((one) => one.textContent)"
    )
    assert broken == []


async def test_without_javascript_the_page_says_the_same(fleet: Fleet, open_page: Open) -> None:
    fleet.devices.then(DOWN)
    await fleet.exporting.clock.advance(70)
    live = await open_page(fleet.address)
    plain = await open_page(fleet.address, java_script_enabled=False)

    for part in ("#headline", "#tiles", "#sources"):
        assert await told(plain, part) == await told(live, part)
    await expect(plain.get_by_role("link", name="attention.json")).to_be_visible()


async def told(page: Page, part: str) -> str:
    """Return the elements and texts of a part, but for the times."""
    markup = await page.locator(part).inner_html()
    markup = re.sub(r"<time.*?</time>", "<time>", markup)
    # In which order the attributes stand says nothing.
    return re.sub(
        r"<(\w+)([^>]*)>", lambda tag: f"<{tag[1]} {sorted(_ATTRIBUTE.findall(tag[2]))}>", markup
    )


async def test_the_page_works_with_tls_and_a_password(
    open_page: Open, complaints: list[str], tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    users = {"basic_auth_users": {"oncall": hashed("secret")}}
    config = authority.config(tls_server_config=authority.pair(), **users)
    fleet = Fleet()
    fleet.exporting.door = Door(Limits(), Protected(config))
    async with serving(fleet):
        page = await open_page(
            fleet.address.replace("http:", "https:"),
            ignore_https_errors=True,
            http_credentials={"username": "oncall", "password": "secret"},
        )
        await go_on(page)

        await expect(page.locator("#found")).to_have_text("17 servers.")
        await expect(page.locator("#lost")).to_be_hidden()
    assert complaints == []


async def test_the_page_works_behind_a_proxy_under_a_path_of_its_own(
    fleet: Fleet, open_page: Open, complaints: list[str]
) -> None:
    async with ClientSession(auto_decompress=False) as session:

        async def forward(request: web.Request) -> web.Response:
            there = fleet.address + request.match_info["rest"]
            async with session.get(there, headers=request.headers) as answer:
                kept = {k: v for k, v in answer.headers.items() if k != "Transfer-Encoding"}
                body = await answer.read()
                return web.Response(status=answer.status, body=body, headers=kept)

        app = web.Application()
        app.router.add_get("/monitoring/fleet/{rest:.*}", forward)
        async with TestServer(app, host="127.0.0.1") as proxy:
            page = await open_page(str(proxy.make_url("/monitoring/fleet/")))
            await expect(page.locator("#found")).to_have_text("17 servers.")

    assert complaints == []
