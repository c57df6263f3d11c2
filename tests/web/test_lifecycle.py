"""`/-/reload`: allowed or not, carried out or refused."""

import socket

import pytest

from exporter.config.plan import Changes, Outcome
from exporter.web.management import FOREIGN as FOREIGN_SITE
from exporter.web.management import NOT_ENABLED
from tests.support.exporting import Exporting
from tests.support.exposition import value
from tests.web.conftest import Connect


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_it_is_refused_unless_it_is_enabled(
    exporting: Exporting, connect: Connect, method: str
) -> None:
    client = await connect(exporting)

    response = await client.request(method, "/-/reload")

    assert (response.status, await response.text()) == (403, NOT_ENABLED)
    assert "--web.enable-lifecycle" in NOT_ENABLED


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_success_answers_with_what_changed(
    exporting: Exporting, connect: Connect, method: str
) -> None:
    async def reload() -> Outcome:
        found = Changes(added=("a", "b"), changed=("c",), moved=("d",), unchanged=("e",))
        return Outcome(found, warnings=("listen has changed",))

    exporting.reload = reload
    client = await connect(exporting)

    response = await client.request(method, "/-/reload")

    assert response.status == 200
    assert await response.text() == (
        "reloaded: 2 added, 0 removed, 2 changed, 1 unchanged\nwarning: listen has changed\n"
    )


async def test_a_failure_answers_500_with_every_reason(
    exporting: Exporting, connect: Connect
) -> None:
    async def reload() -> Outcome:
        return Outcome(problems=("config.yaml: one", "config.yaml: two"))

    exporting.reload = reload
    client = await connect(exporting)

    response = await client.post("/-/reload")

    assert response.status == 500
    assert await response.text() == (
        "not reloaded, the former configuration stays:\n"
        "  - config.yaml: one\n  - config.yaml: two\n"
    )


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
async def test_other_methods_change_nothing(
    exporting: Exporting, connect: Connect, method: str
) -> None:
    async def reload() -> Outcome:
        raise AssertionError("a link or a crawler must not reload")

    exporting.reload = reload
    client = await connect(exporting)

    assert (await client.request(method, "/-/reload")).status == 405


async def reloaded() -> Outcome:
    return Outcome()


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "https://127.0.0.1.evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://evil.example:10450", "Host": "evil.example:10450"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Host": "localhost", "Origin": "http://localhost"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_page_of_another_site_cannot_ask_for_it(
    exporting: Exporting, connect: Connect, headers: dict[str, str], method: str
) -> None:
    async def reload() -> Outcome:
        raise AssertionError("it is not to be carried out")

    exporting.reload = reload
    client = await connect(exporting)

    response = await client.request(method, "/-/reload", headers=headers)

    assert (response.status, await response.text()) == (403, FOREIGN_SITE)
    refused = value(exporting.own_text, "serverfleet_web_refused_total", reason="foreign_site")
    assert refused == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "exporter.example.net:10450"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "localhost:10450", "Origin": "http://localhost:10450"},
        {"Host": "[::1]:10450", "Origin": "https://[::1]:10450", "Sec-Fetch-Site": "same-origin"},
        {"Host": socket.gethostname(), "Origin": f"http://{socket.gethostname()}"},
    ],
)
async def test_programs_and_pages_of_this_machine_may_ask_for_it(
    exporting: Exporting, connect: Connect, headers: dict[str, str]
) -> None:
    exporting.reload = reloaded
    client = await connect(exporting)

    assert (await client.post("/-/reload", headers=headers)).status == 200
