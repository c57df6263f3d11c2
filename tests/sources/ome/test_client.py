"""Does a request look as the appliance wants it, and does a refusal say what to do?"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aioresponses import aioresponses

from exporter.clock import SystemClock
from exporter.errors import Reason, SourceError
from exporter.model import Inventory
from exporter.sources.observer import Silence
from exporter.sources.ome.client import KEEPALIVE, OmeClient
from exporter.sources.ome.lists import any_of, odata
from exporter.sources.ome.login import OmeSession
from exporter.sources.ome.refusals import refusal_from
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.refusals import Refusal
from exporter.sources.transport import Transport

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import Appliance

Build = Callable[..., "Source"]
URL = "https://ome.example.net"
SESSIONS = f"{URL}/api/SessionService/Sessions"
INFO = "ApplicationService/Info"
TOKEN = "planted-t0ken"


@pytest.fixture
def settings() -> OmeSettings:
    entry = {"name": "o", "type": "ome", "url": URL, "username": "svc", "password": "planted"}
    return OmeSettings.model_validate(entry)


async def ask(settings: OmeSettings, times: int = 1) -> bytes:
    """Read one resource with everything that belongs to it, and close."""
    clock, silence = SystemClock(), Silence()
    transport = Transport(settings.http, clock, silence, keepalive=KEEPALIVE)
    session = OmeSession(settings, transport, clock, silence)
    client = OmeClient(settings.api, transport, session, clock)
    try:
        for _ in range(times - 1):
            await client.get(INFO, INFO)
        return await client.get(INFO, INFO)
    finally:
        await session.log_out()
        await transport.close()


def with_login(api: aioresponses) -> None:
    body = {"Id": "7b723932-a119-4843-a5b7-7a122e4def99"}
    api.post(SESSIONS, status=201, payload=body, headers={"X-Auth-Token": TOKEN}, repeat=True)
    api.delete(f"{SESSIONS}('{body['Id']}')", status=204, repeat=True)


async def failure(settings: OmeSettings) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await ask(settings)
    assert "planted" not in str(caught.value)
    return caught.value


def calls(api: aioresponses, method: str) -> int:
    return sum(len(found) for (verb, _), found in api.requests.items() if verb == method)


async def test_a_login_serves_every_call_and_is_logged_out(
    api: aioresponses, settings: OmeSettings
) -> None:
    with_login(api)
    api.get(f"{URL}/api/{INFO}", body=b"{}", repeat=True)
    assert await ask(settings, times=3) == b"{}"
    assert (calls(api, "POST"), calls(api, "GET"), calls(api, "DELETE")) == (1, 3, 1)
    sent = [call.kwargs["headers"] for found in api.requests.values() for call in found]
    assert [each.get("X-Auth-Token") for each in sent] == [None, TOKEN, TOKEN, TOKEN, TOKEN]


async def test_a_401_costs_one_fresh_login_and_one_more_call(
    api: aioresponses, settings: OmeSettings
) -> None:
    with_login(api)
    api.get(f"{URL}/api/{INFO}", status=401)
    api.get(f"{URL}/api/{INFO}", body=b"{}")
    assert await ask(settings) == b"{}"
    assert (calls(api, "POST"), calls(api, "GET")) == (2, 2)


@pytest.mark.parametrize(
    ("status", "reason", "hint"),
    [
        (400, Reason.HTTP_4XX, ""),
        (401, Reason.AUTH, "is the user locked or disabled?"),
        (403, Reason.FORBIDDEN, "give the user the role VIEWER"),
        (404, Reason.HTTP_4XX, ""),
        (429, Reason.RATE_LIMITED, ""),
        (501, Reason.HTTP_5XX, ""),
        (503, Reason.HTTP_5XX, ""),
    ],
)
async def test_a_refusal_carries_its_reason_and_what_the_appliance_said(
    api: aioresponses, settings: OmeSettings, status: int, reason: Reason, hint: str
) -> None:
    with_login(api)
    info = [{"MessageId": "CGEN1002", "Message": f"Bad <b>query</b>\r\n of {TOKEN}."}]
    body = {"error": {"@Message.ExtendedInfo": info}}
    api.get(f"{URL}/api/{INFO}", status=status, payload=body, repeat=True)
    error = await failure(settings)
    assert (error.reason, error.status) == (reason, status)
    assert error.message.startswith(
        f"ApplicationService/Info: HTTP {status}: CGEN1002: Bad <b>query</b>  of ***."
    )
    assert hint in error.message


async def test_a_refusal_passes_on_how_long_to_wait(
    api: aioresponses, settings: OmeSettings
) -> None:
    with_login(api)
    api.get(f"{URL}/api/{INFO}", status=503, headers={"Retry-After": "120"}, repeat=True)
    assert (await failure(settings)).retry_after == 120


async def test_a_redirect_is_not_followed_because_it_could_take_the_token_away(
    api: aioresponses, settings: OmeSettings
) -> None:
    with_login(api)
    api.get(f"{URL}/api/{INFO}", status=302, headers={"Location": "https://evil.example/"})
    assert (await failure(settings)).reason is Reason.REDIRECT
    assert all(url.host == "ome.example.net" for _, url in api.requests)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", Refusal()),
        (b"<html>Service Unavailable</html>", Refusal()),
        (b'{"error": {', Refusal()),
        (b'{"error": null}', Refusal()),
        (b'{"error": {"@Message.ExtendedInfo": 7}}', Refusal()),
        (b'{"error": {"@Message.ExtendedInfo": []}}', Refusal()),
        (b'{"error": {"message": "general"}}', Refusal("", "general")),
        (b'{"error": {"@Message.ExtendedInfo": [{"MessageId": "C1"}]}}', Refusal("C1")),
        (b'{"error": {"@Message.ExtendedInfo": [{"Message": "x\\u0000y"}]}}', Refusal("", "x y")),
        (b'{"error": {"@Message.ExtendedInfo": {"MessageId": "C1"}}}', Refusal("C1")),
        (b'{"error": {"@Message.ExtendedInfo": [7, {"MessageId": "C1"}]}}', Refusal("C1")),
        (b'{"error": {"MessageId": "C1", "Message": "full"}}', Refusal("C1", "full")),
        (b'{"error": "full", "MessageId": "C1"}', Refusal("C1")),
        (b'{"MessageId": "C1", "Message": "full"}', Refusal("C1", "full")),
        (b'{"@Message.ExtendedInfo": [{"MessageId": "C1"}]}', Refusal("C1")),
        (b'{"MessageId": 7, "Message": ["x"]}', Refusal()),
        (b'[{"MessageId": "C1"}]', Refusal()),
        (b'"C1"', Refusal()),
        (b"null", Refusal()),
        (b"\xff\xfe", Refusal()),
        (b"[" * 100_000, Refusal()),
    ],
)
def test_whatever_stands_in_an_error_can_be_read(body: bytes, refusal: Refusal) -> None:
    assert refusal_from(body) == refusal


def test_a_long_refusal_is_cut() -> None:
    body = b'{"error": {"message": "%s"}}' % (b"x" * 10_000)
    assert len(refusal_from(body).message) == 256


def test_a_query_has_literal_dollars_and_encoded_blanks() -> None:
    assert odata(where="Type eq 1000", orderby="TimeStamp desc", top=500, skip=0) == (
        "$filter=Type%20eq%201000&$orderby=TimeStamp%20desc&$top=500&$skip=0"
    )
    assert odata(where="Name eq 'a+b&c#d'") == "$filter=Name%20eq%20'a%2Bb%26c%23d'"
    assert odata() == ""
    assert any_of("Type", (1000, 2000)) == "Type eq 1000 or Type eq 2000"


async def test_the_wire_carries_the_query_exactly_so(appliance: "Appliance", build: Build) -> None:
    appliance.serve("AlertService/Alerts", [])
    appliance.serve("DeviceService/Devices", [])
    source = build(appliance.url, device_types=[1000, 2000])
    for collector in source.collectors[:2]:
        await collector.collect(Inventory())
    assert appliance.raw == [
        "POST /api/SessionService/Sessions",
        "GET /api/ApplicationService/Network/TimeConfiguration",
        "GET /api/DeviceService/Devices?$filter=Type%20eq%201000%20or%20Type%20eq%202000"
        "&$orderby=Identifier&$top=200&$skip=0",
        "GET /api/ApplicationService/Info",
        "GET /api/AlertService/Alerts?$filter=SeverityType%20eq%2016%20and%20StatusType%20eq%202000"
        "&$orderby=TimeStamp%20desc&$top=500&$skip=0",
        "GET /api/AlertService/Alerts?$filter=SeverityType%20eq%208%20and%20StatusType%20eq%202000"
        "&$orderby=TimeStamp%20desc&$top=500&$skip=0",
        "GET /api/AlertService/Alerts?$filter=StatusType%20eq%202000&$top=1",
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", Reason.DECODE),
        ("<html><body>login</body></html>", Reason.DECODE),
        ('{"@odata.count": 5, "value": [{"Id": 1, "Ident', Reason.DECODE),
        ("[]", Reason.SCHEMA),
        ("{}", Reason.SCHEMA),
        ('{"value": []}', Reason.EMPTY),
        ('{"value": null}', Reason.EMPTY),
        ('{"@odata.count": -1, "value": []}', Reason.SCHEMA),
        ('{"@odata.count": 1, "value": {"Id": 1}}', Reason.SCHEMA),
        ('{"@odata.count": 1, "value": []}', Reason.TRUNCATED),
        ('{"@odata.count": 1, "value": [{"Id": "x"}]}', Reason.SCHEMA),
    ],
)
async def test_an_answer_of_another_shape_fails_the_run(
    appliance: "Appliance", build: Build, body: str, reason: Reason
) -> None:
    appliance.handlers["DeviceService/Devices"] = lambda _: web.Response(text=body)
    with pytest.raises(SourceError) as caught:
        await build(appliance.url).collectors[0].collect(Inventory())
    assert caught.value.reason is reason
