"""Does the page follow the exporter?"""

import re

import pytest
from playwright.async_api import expect

from exporter.model import Health
from tests.browser.conftest import Open, go_on, is_refresh, names, refreshed
from tests.browser.fleet import DOWN, Fleet, serving
from tests.support.exporting import Exporting
from tests.support.fleet import inventory, servers
from tests.support.source import StubCollector, polled

pytestmark = [pytest.mark.tool(chromium="chromium"), pytest.mark.asyncio(loop_scope="session")]


async def test_the_page_says_whether_all_is_well_and_complains_of_nothing(
    fleet: Fleet, open_page: Open, complaints: list[str]
) -> None:
    page = await open_page(fleet.address)

    await expect(page.locator("#headline")).to_contain_text(
        re.compile("Critical.*All 2 sources up.*17 of 32 servers need attention: 11 critical")
    )
    await expect(page.locator("#found")).to_have_text("17 servers.")
    assert await page.title() == "Critical · serverfleet-exporter"
    assert complaints == []


async def test_a_fault_and_its_end_show_up_without_a_reload(
    fleet: Fleet, open_page: Open, complaints: list[str]
) -> None:
    page = await open_page(fleet.address)
    await page.evaluate("window.stayed = true")
    good = fleet.devices.outcomes[0]
    fleet.devices.then(DOWN)

    await refreshed(fleet.exporting, page, 70)

    card = page.locator("details", has_text="apac")
    await expect(card.locator("summary")).to_contain_text("down")
    await expect(card.locator(".problems")).to_contain_text(DOWN.message)
    await expect(card.locator(".problems")).to_contain_text("What to do: Check the address")
    await expect(page.locator("#headline")).to_contain_text("1 of 2 sources down")
    await expect(page).to_have_title("Critical · serverfleet-exporter")

    fleet.devices.then(good)
    await refreshed(fleet.exporting, page, 300)

    await expect(card.locator(".problems")).to_have_count(0)
    assert await page.evaluate("window.stayed")
    assert complaints == []


async def test_a_server_that_falls_ill_shows_up_without_a_reload(
    fleet: Fleet, open_page: Open
) -> None:
    page = await open_page(fleet.address)
    fleet.listing.then(inventory(servers(*range(30)), {"id-7": Health.CRITICAL}))

    await refreshed(fleet.exporting, page, 70)

    await expect(page.locator("#found")).to_have_text("4 servers.")
    await expect(names(page)).to_have_text(["host1", "host7", "hosta", "hostb"])


async def test_an_exporter_that_stops_is_told_and_one_that_returns_too(
    fleet: Fleet, open_page: Open
) -> None:
    page = await open_page(fleet.address)
    await fleet.hang_up()
    await page.clock.run_for(6000)

    note = page.locator("#lost")
    await expect(note).to_contain_text("has not answered since")
    await expect(note).to_contain_text("it cannot be reached")
    await expect(page.locator("body")).to_have_class("lost")
    await expect(names(page)).to_have_count(17)  # the last data stay

    await fleet.listen()
    await go_on(page)

    await expect(note).to_be_hidden()
    await expect(page.locator("body")).not_to_have_class("lost")


async def test_focus_and_what_was_closed_by_hand_survive_an_update(
    fleet: Fleet, open_page: Open
) -> None:
    page = await open_page(fleet.address)
    card = page.locator("details", has_text="emea")
    await card.locator("summary").click()
    await refreshed(fleet.exporting, page, 70)

    assert not await card.evaluate("(card) => card.open")
    assert await page.evaluate("document.activeElement.tagName") == "SUMMARY"


async def test_an_open_source_and_the_focus_survive_a_change_of_the_order(
    open_page: Open, complaints: list[str]
) -> None:
    outcomes = StubCollector("servers", inventory(servers("x")))
    fleet = Fleet()
    fleet.exporting = Exporting(
        *(polled(name, StubCollector("servers", inventory(servers(name)))) for name in "abc"),
        polled("last", outcomes),
    )
    async with serving(fleet):
        page = await open_page(fleet.address)
        card = page.locator("#sources details", has_text="last")
        await card.locator("summary").click()
        outcomes.then(DOWN)

        await refreshed(fleet.exporting, page, 70)

        await expect(page.locator("#sources h3")).to_have_text(["last", "a", "b", "c"])
        assert await card.evaluate("(card) => card.open")
        await expect(card.locator("summary")).to_be_focused()
        await expect(page.locator("#sources details[open]")).to_have_count(1)
    assert complaints == []


async def test_typed_text_selected_text_and_the_place_on_the_page_survive_an_update(
    fleet: Fleet, open_page: Open
) -> None:
    page = await open_page(fleet.address, viewport={"width": 900, "height": 400})
    words = page.get_by_label("Search")
    await words.fill("emea")
    await expect(page.locator("#found")).to_have_text("15 of 17 servers.")
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('#cases .name'))")
    top = await page.evaluate("(scrollTo(0, 500), scrollY)")

    await refreshed(fleet.exporting, page, 70)

    assert top == 500
    assert await page.evaluate("scrollY") == top
    assert await page.evaluate("String(getSelection())") == "host0"
    assert await words.input_value() == "emea"
    await expect(page.locator("#found")).to_have_text("15 of 17 servers.")


async def test_an_answer_that_is_no_status_page_leaves_the_page_as_it_was(
    fleet: Fleet, open_page: Open
) -> None:
    page = await open_page(fleet.address)
    await page.route("**/*", lambda route: route.fulfill(body="<h1>Log in</h1>"))

    await page.clock.run_for(6000)

    await expect(page.locator("#lost")).to_contain_text("it answers something else")
    await expect(names(page)).to_have_count(17)


async def test_a_page_that_nobody_sees_asks_less(fleet: Fleet, open_page: Open) -> None:
    page = await open_page(fleet.address)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    await page.evaluate("Object.defineProperty(document, 'hidden', {value: true, writable: true})")
    await go_on(page)  # what was planned before
    asked.clear()
    await page.clock.run_for(50_000)
    assert asked == []

    await page.evaluate("document.hidden = false")
    async with page.expect_request(lambda request: request.resource_type == "fetch"):
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def test_what_has_not_changed_is_not_sent_again(fleet: Fleet, open_page: Open) -> None:
    page = await open_page(fleet.address)
    await go_on(page)

    async with page.expect_response(is_refresh) as answered:
        await page.clock.run_for(6000)

    assert (await answered.value).status == 304


async def test_sources_come_and_go_while_the_page_is_open(
    fleet: Fleet, open_page: Open, complaints: list[str]
) -> None:
    page = await open_page(fleet.address)
    await page.get_by_label("Source", exact=True).select_option("apac")
    scheduler = fleet.exporting.scheduler
    emea, _ = scheduler.sources
    new = polled("latam", StubCollector("servers", inventory(servers("x"), Health.CRITICAL)))

    await scheduler.halt(["apac"])
    scheduler.arrange([new, emea])
    await refreshed(fleet.exporting, page, 1)

    await expect(page.locator("#sources h3")).to_have_text(["latam", "emea"])
    await expect(page.locator("#found")).to_have_text("16 servers.")
    assert await page.get_by_label("Source", exact=True).input_value() == ""
    assert await page.locator("#source option").all_text_contents() == ["All", "latam", "emea"]
    assert complaints == []
