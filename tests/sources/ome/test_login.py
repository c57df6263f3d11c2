"""Is there one session for everybody, without locking accounts or leaving sessions behind?"""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from exporter.errors import Reason, SourceError
from exporter.model import Inventory

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import Appliance, FakeClock, Recorder

Build = Callable[..., "Source"]
SECRETS = ("planted-p4ssw0rd", "planted-t0ken")


async def failure(source: "Source") -> SourceError:
    with pytest.raises(SourceError) as caught:
        await source.collectors[0].collect(Inventory())
    assert not any(secret in str(caught.value) for secret in SECRETS)
    return caught.value


def refusing(status: int, body: str = "", **headers: str) -> Callable[[web.Request], web.Response]:
    return lambda _: web.Response(status=status, text=body, headers=headers)


async def test_the_login_sends_what_the_appliance_documents(
    appliance: "Appliance", build: Build, recorder: "Recorder"
) -> None:
    appliance.serve("DeviceService/Devices", [])
    await build(appliance.url).collectors[0].collect(Inventory())
    assert appliance.login_bodies == [
        {"UserName": "svc", "Password": "planted-p4ssw0rd", "SessionType": "API"}
    ]
    assert recorder.logins == [True]


async def test_collectors_that_start_together_share_one_login(
    appliance: "Appliance", build: Build
) -> None:
    appliance.serve("DeviceService/Devices", [])
    appliance.serve("AlertService/Alerts", [])
    source = build(appliance.url)
    appliance.login_gate.clear()
    runs = [asyncio.create_task(each.collect(Inventory())) for each in source.collectors[:2]]
    await login_under_way(appliance)
    appliance.login_gate.set()
    await asyncio.gather(*runs)
    assert len(appliance.login_bodies) == 1


async def test_an_ended_session_costs_one_login_however_many_calls_notice(
    appliance: "Appliance", build: Build
) -> None:
    appliance.serve("DeviceService/Devices", [])
    appliance.serve("AlertService/Alerts", [])
    source = build(appliance.url)
    await source.collectors[0].collect(Inventory())
    appliance.expire()
    await asyncio.gather(*(each.collect(Inventory()) for each in source.collectors[:2]))
    assert len(appliance.login_bodies) == 2


async def test_a_call_that_is_refused_with_a_fresh_session_too_fails_after_one_more_login(
    appliance: "Appliance", build: Build
) -> None:
    appliance.handlers["DeviceService/Devices"] = refusing(401)
    error = await failure(build(appliance.url))
    assert (error.reason, error.status) == (Reason.AUTH, 401)
    assert len(appliance.login_bodies) == 2
    assert len(appliance.asked("Devices")) == 2


async def test_a_session_that_one_resource_refuses_is_not_left_open(
    appliance: "Appliance", build: Build
) -> None:
    appliance.handlers["DeviceService/Devices"] = refusing(401)
    source = build(appliance.url)
    for _ in range(3):
        await failure(source)
    await source.close()
    assert len(appliance.logged_out) == len(appliance.login_bodies) == 4


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, Reason.AUTH),
        (401, Reason.AUTH),
        (403, Reason.FORBIDDEN),
        (404, Reason.HTTP_4XX),
        (429, Reason.RATE_LIMITED),
        (500, Reason.HTTP_5XX),
        (503, Reason.HTTP_5XX),
    ],
)
async def test_a_refused_login_fails_by_its_status_and_is_not_repeated(
    appliance: "Appliance", build: Build, recorder: "Recorder", status: int, reason: Reason
) -> None:
    appliance.login = refusing(status)
    error = await failure(build(appliance.url))
    assert (error.reason, error.status) == (reason, status)
    assert len(appliance.login_bodies) == 1
    assert recorder.logins == [False]


async def test_a_refused_login_tells_what_the_appliance_said_and_hides_what_was_sent(
    appliance: "Appliance", build: Build
) -> None:
    info = [{"MessageId": "CUSR1005", "Message": "no\nuser with planted-p4ssw0rd" + "x" * 999}]
    body = json.dumps({"error": {"@Message.ExtendedInfo": info}})
    appliance.login = refusing(401, body)
    error = await failure(build(appliance.url))
    assert "CUSR1005: no user with ***" in error.message
    assert "check username and password" in error.message
    assert len(error.message) < 500


LIMIT = {"MessageId": "CURS1209", "Message": "Unable to create a new session."}


@pytest.mark.parametrize("status", [400, 403, 503])
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"@Message.ExtendedInfo": [LIMIT]}},
        {"@Message.ExtendedInfo": [LIMIT]},
        LIMIT,
    ],
)
async def test_the_session_limit_is_explained_whatever_its_status_and_form(
    appliance: "Appliance", build: Build, status: int, body: dict[str, Any]
) -> None:
    appliance.login = refusing(status, json.dumps(body))
    error = await failure(build(appliance.url))
    assert "CURS1209" in error.message
    assert "limits the sessions of a user: give the exporter a user of its own" in error.message
    # How many there are is a setting of the appliance.
    assert "100" not in error.message


async def test_a_refused_login_passes_on_how_long_to_wait(
    appliance: "Appliance", build: Build
) -> None:
    appliance.login = refusing(429, **{"Retry-After": "17"})
    assert (await failure(build(appliance.url))).retry_after == 17


@pytest.mark.parametrize("headers", [{}, {"X-Auth-Token": ""}, {"X-Auth-Token": "a b"}])
async def test_a_login_without_a_usable_token_is_empty(
    appliance: "Appliance", build: Build, headers: dict[str, str]
) -> None:
    appliance.login = refusing(200, "{}", **headers)
    assert (await failure(build(appliance.url))).reason is Reason.EMPTY


async def test_a_login_that_is_redirected_is_not_followed(
    appliance: "Appliance", build: Build
) -> None:
    appliance.login = refusing(302, Location=f"{appliance.url}/elsewhere")
    assert (await failure(build(appliance.url))).reason is Reason.REDIRECT
    assert not appliance.asked("elsewhere")


async def test_after_a_refusal_nobody_logs_in_for_a_while_and_then_more_and_more_rarely(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    appliance.password = "another"
    source = build(appliance.url)
    logins = []
    for seconds in [0, 29, 2, 58, 3, 119, 2, 239, 2, 479, 2, 599, 2, 599, 2]:
        clock.now += seconds
        assert (await failure(source)).reason is Reason.AUTH
        logins.append(len(appliance.login_bodies))
    assert logins == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8]


async def test_a_failing_appliance_is_no_reason_to_hold_back_a_login(
    appliance: "Appliance", build: Build
) -> None:
    appliance.login = refusing(503)
    source = build(appliance.url)
    await failure(source)
    await failure(source)
    assert len(appliance.login_bodies) == 2


async def test_a_rotated_secret_is_tried_at_once(
    appliance: "Appliance", build: Build, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("planted-p4ssw0rd-old\n")
    appliance.serve("DeviceService/Devices", [])
    source = build(appliance.url, password=None, password_file=str(file))
    await failure(source)
    file.write_text("planted-p4ssw0rd\n")
    await source.collectors[0].collect(Inventory())
    assert len(appliance.login_bodies) == 2


async def test_a_success_ends_the_memory_of_refusals(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    appliance.serve("DeviceService/Devices", [])
    appliance.password = "another"
    source = build(appliance.url)
    await failure(source)
    clock.now += 31
    await failure(source)
    clock.now += 61
    appliance.password = "planted-p4ssw0rd"
    await source.collectors[0].collect(Inventory())
    appliance.password = "another"
    appliance.expire()
    await failure(source)
    clock.now += 31
    await failure(source)
    assert len(appliance.login_bodies) == 5


async def test_an_unreadable_secret_names_its_file_and_sends_nothing(
    appliance: "Appliance", build: Build, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name, cause in (("gone", "No such file"), ("fifo", "it is not a regular file")):
        source = build(appliance.url, password=None, password_file=str(tmp_path / name))
        error = await failure(source)
        assert error.reason is Reason.AUTH
        assert f"{tmp_path / name}: {cause}" in error.message
    assert appliance.raw == []


async def test_closing_logs_out(appliance: "Appliance", build: Build) -> None:
    appliance.serve("DeviceService/Devices", [])
    source = build(appliance.url)
    await source.collectors[0].collect(Inventory())
    await source.close()
    assert appliance.raw[-1] == "DELETE /api/SessionService/Sessions('7b723932-a119-1')"
    assert appliance.logged_out == ["7b723932-a119-1"]


async def test_closing_without_a_session_sends_nothing(
    appliance: "Appliance", build: Build
) -> None:
    await build(appliance.url).close()
    assert appliance.raw == []


async def login_under_way(appliance: "Appliance") -> None:
    while not appliance.login_bodies:  # noqa: ASYNC110 - the request is all there is to see
        await asyncio.sleep(0.001)


async def test_closing_waits_for_a_login_on_its_way_and_logs_out(
    appliance: "Appliance", build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.sources.ome.login.LOGIN_GRACE", 60.0)
    source = build(appliance.url)
    appliance.login_gate.clear()
    run = asyncio.create_task(source.collectors[0].collect(Inventory()))
    await login_under_way(appliance)
    run.cancel()
    closing = asyncio.create_task(source.close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    appliance.login_gate.set()
    await closing
    assert appliance.logged_out == ["7b723932-a119-1"]
    with pytest.raises(asyncio.CancelledError):
        await run


async def test_a_login_that_never_ends_does_not_hold_up_the_end(
    appliance: "Appliance", build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.sources.ome.login.LOGIN_GRACE", 0.05)
    source = build(appliance.url)
    appliance.login_gate.clear()
    run = asyncio.create_task(source.collectors[0].collect(Inventory()))
    await login_under_way(appliance)
    async with asyncio.timeout(60):
        await source.close()
    with pytest.raises((asyncio.CancelledError, SourceError)):
        await run
    appliance.login_gate.set()


async def test_closing_never_raises_when_the_appliance_is_gone(
    appliance: "Appliance", build: Build
) -> None:
    appliance.serve("DeviceService/Devices", [])
    source = build(appliance.url)
    await source.collectors[0].collect(Inventory())
    appliance.expire()
    await source.close()
    assert (await failure(source)).reason is Reason.INTERNAL


@pytest.mark.parametrize("identity", ["../Devices(1)", "x'y", "", None, 17, "a/b"])
async def test_an_odd_session_id_is_never_put_into_a_path(
    appliance: "Appliance", build: Build, identity: Any
) -> None:
    appliance.serve("DeviceService/Devices", [])
    appliance.tokens["odd"] = "planted-t0ken-odd"
    body = json.dumps({"Id": identity})
    appliance.login = refusing(201, body, **{"X-Auth-Token": "planted-t0ken-odd"})
    source = build(appliance.url)
    await source.collectors[0].collect(Inventory())
    await source.close()
    assert not appliance.asked("DELETE")


async def test_the_session_id_is_taken_from_the_location_where_the_body_has_none(
    appliance: "Appliance", build: Build
) -> None:
    appliance.serve("DeviceService/Devices", [])
    appliance.tokens["odd"] = "planted-t0ken-odd"
    location = "/api/SessionService/Sessions('1a2b-3c')"
    appliance.login = refusing(
        200, "<html>", **{"X-Auth-Token": "planted-t0ken-odd", "Location": location}
    )
    source = build(appliance.url)
    await source.collectors[0].collect(Inventory())
    await source.close()
    assert appliance.logged_out == ["1a2b-3c"]
