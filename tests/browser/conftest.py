"""A headless Chromium in front of an exporter, and everything that it complains of."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Response,
    async_playwright,
    expect,
)

from tests.browser.fleet import Fleet, serving
from tests.support.exporting import Exporting

HANGS = 120_000
"""Milliseconds after which the page never becomes what it should be."""
expect.set_options(timeout=HANGS)
Open = Callable[..., Awaitable[Page]]
_WATCH = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`violates the policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture
def complaints() -> list[str]:
    """What the page wrote to the console as warning or error, exceptions included."""
    return []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests: to start it takes longer than most of them."""
    async with async_playwright() as playwright:
        # As root, which runs tests in containers, Chromium has no sandbox to offer.
        started = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, complaints: list[str]) -> AsyncIterator[Open]:
    """Open an address; the options are those of a browser context of its own."""
    contexts: list[BrowserContext] = []

    async def opened(address: str, **options: Any) -> Page:
        is_live = options.get("java_script_enabled", True)
        context = await browser.new_context(**options)
        contexts.append(context)
        await context.add_init_script(_WATCH)
        page = await context.new_page()
        page.set_default_timeout(HANGS)
        page.on("console", lambda said: complaints.append(said.text) if is_bad(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if is_live:
            await page.clock.install()
        await page.goto(address)
        if is_live:
            await page.wait_for_selector("#finder")
        return page

    yield opened
    for context in contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def fleet() -> AsyncIterator[Fleet]:
    """A fleet of 32 servers, of which 17 need attention."""
    async with serving(Fleet()) as served:
        yield served


def is_bad(said: Any) -> bool:
    return said.type in ("warning", "error")


def is_refresh(response: Response) -> bool:
    """Return whether a response is the page that its own script has asked for."""
    return response.request.resource_type == "fetch"


async def go_on(page: Page, seconds: float = 6) -> None:
    """Let the page's own time pass, so that it asks the exporter again, and wait for the answer."""
    async with page.expect_response(is_refresh):
        await page.clock.run_for(int(seconds * 1000))


def names(page: Page) -> Locator:
    """Return the names of the servers that are shown."""
    return page.locator("#cases tbody .name")


async def refreshed(exporting: Exporting, page: Page, seconds: float) -> None:
    """Let time pass for the exporter, and then for the page."""
    await exporting.clock.advance(seconds)
    await go_on(page)
