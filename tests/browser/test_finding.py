"""Can servers be found, with a mouse and with a keyboard?"""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Open, go_on, names
from tests.browser.fleet import Fleet, serving

pytestmark = [pytest.mark.tool(chromium="chromium"), pytest.mark.asyncio(loop_scope="session")]


async def test_a_search_narrows_the_table_and_is_kept_in_the_address(
    fleet: Fleet, open_page: Open
) -> None:
    page = await open_page(fleet.address)

    await page.get_by_label("Search").fill("APAC warn")
    await expect(names(page)).to_have_text(["hosta", "hostb"])
    await expect(page.locator("#found")).to_have_text("2 of 17 servers.")
    await page.get_by_label("Search").fill("")
    await page.get_by_label("Source", exact=True).select_option("emea")
    await page.get_by_label("Severity", exact=True).select_option("warning")
    await expect(names(page)).to_have_text(["host10", "host20", "host25", "host5"])
    await page.get_by_label("Search").fill("sn99")
    await expect(page.locator("#found")).to_have_text("None of 17 servers matches.")

    assert page.url.endswith("?q=sn99&source=emea&severity=warning")
    await page.reload()
    await expect(page.locator("#found")).to_have_text("None of 17 servers matches.")
    assert await page.get_by_label("Source", exact=True).input_value() == "emea"


async def test_the_table_is_found_narrowed_and_sorted_by_keyboard_alone(
    fleet: Fleet, open_page: Open
) -> None:
    page = await open_page(fleet.address)

    order = await tabbed(page, until="Show")
    assert order[0] == "Skip to the content"
    assert order[1:4] == ["Metrics", "Status as JSON", "Discovery"]
    rest = [word for word in order if word in ("words", "source", "severity", "Severity", "Server")]
    assert rest == ["words", "source", "severity", "Severity", "Server"]

    await page.locator("#words").focus()
    await page.keyboard.type("emea")
    for _ in range(4):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(names(page).nth(2)).to_have_text("host3")
    assert (await names(page).all_text_contents())[:3] == ["host0", "host1", "host3"]
    await page.keyboard.press("Enter")
    await expect(names(page).first).to_have_text("host27")
    assert (await names(page).all_text_contents())[:2] == ["host27", "host25"]
    await expect(page.locator("#found")).to_have_text("15 of 17 servers.")
    head = page.locator("#cases th", has_text="Server")
    assert await head.get_attribute("aria-sort") == "descending"
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


async def tabbed(page: Page, until: str) -> list[str]:
    """Press Tab again and again; return what had the focus, by id or text."""
    await page.evaluate("document.activeElement.blur()")
    found: list[str] = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        at: str = await page.evaluate(
            "document.activeElement.id || document.activeElement.textContent.trim()"
        )
        if not at or at.startswith(until) or ("Skip" in at and found):
            break
        found.append(at)
    return found


async def test_the_skip_link_leads_to_the_content(fleet: Fleet, open_page: Open) -> None:
    page = await open_page(fleet.address)

    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    assert await page.evaluate("document.activeElement.id") == "main"


async def test_of_many_servers_the_first_are_drawn_and_all_are_searched(open_page: Open) -> None:
    async with serving(Fleet(1200)) as fleet:
        page = await open_page(fleet.address)
        await expect(page.locator("#found")).to_contain_text("; the first 25 are shown.")
        await expect(names(page)).to_have_count(25)

        await page.get_by_role("link", name="Show 100 more").click()
        await expect(names(page)).to_have_count(125)
        await go_on(page)
        await expect(names(page)).to_have_count(125)
        await page.get_by_label("Search").fill("host1195")

        await expect(names(page)).to_have_text(["host1195"])


async def test_when_all_rows_are_shown_the_keyboard_goes_on_at_the_first_new_one(
    open_page: Open,
) -> None:
    async with serving(Fleet(250)) as fleet:
        page = await open_page(fleet.address)

        await page.locator("#more").focus()
        await page.keyboard.press("Enter")

        await expect(names(page)).to_have_count(120)
        await expect(page.locator("#more")).to_have_count(0)
        await expect(page.locator("#cases tbody tr").nth(25)).to_be_focused()


async def test_an_address_with_a_choice_is_answered_without_javascript(
    fleet: Fleet, open_page: Open
) -> None:
    page = await open_page(f"{fleet.address}?q=emea&sort=-server", java_script_enabled=False)

    await expect(page.locator("#found")).to_have_text("15 of 17 servers.")
    await expect(names(page).first).to_have_text("host27")
    await page.locator("#cases th").get_by_role("link", name="Server").click()
    await expect(names(page).first).to_have_text("host0")
    await expect(page.locator("#found")).to_have_text("15 of 17 servers.")
    await expect(page.locator("#finder")).to_be_hidden()
