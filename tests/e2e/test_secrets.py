"""An API that repeats whatever it is sent never gets it into a log, a page or an error."""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import pytest
import yaml
from aiohttp import web
from structlog.testing import capture_logs

from exporter.config.load import Config, parse
from exporter.lifecycle import Exporter
from exporter.sources.vendors import SOURCES
from exporter.web.limits import Limits
from exporter.web.protection import Protected
from exporter.web.server import Door
from tests.support.http import fetched
from tests.support.protection import Authority, basic, hashed

PLANTED = {
    "client secret": 'planted+client/secret "1"',
    "password": 'planted pass\\word & "2"',
    "COM token": "planted-com-token-3",
    "OME token": "planted-ome-token-4",
    "session": "planted-session-5",
    "proxy password": "planted-proxy-6",
    "web password": "planted-web-7",
}
OWN = {
    "com": {PLANTED["COM token"]},
    "ome": {PLANTED["OME token"], PLANTED["session"]},
}
"""What each API gives away at a login."""
WEB_HASH = hashed(PLANTED["web password"])


@dataclass
class Parrot:
    """Speaks for both APIs, and says everything that it has been told."""

    login: int = 200
    data: int = 500
    location: str = ""
    heard: dict[str, set[str]] = field(default_factory=lambda: {"com": set(), "ome": set()})
    base: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        told = (await request.read()).decode()
        vendor = "com" if request.path.startswith(("/token", "/compute-ops-mgmt")) else "ome"
        heard = self.heard[vendor]
        heard |= {told, *told.split("&"), *request.headers.values()}
        if "UserName" in told:
            heard.add(json.loads(told)["Password"])
        heard |= {text for _, text in parse_qsl(told)}
        is_login = request.method == "POST" and request.path.endswith(("/token", "/Sessions"))
        status = self.login if is_login else self.data
        if is_login and status == 200:
            heard |= OWN[vendor]
            return self._welcome()
        headers = {"Location": self.location} if self.location else {}
        everything = " ".join(sorted(heard, key=len))
        return web.json_response(
            {
                "errorCode": everything[:120],
                "message": everything,
                "debugId": everything[-100:],
                "error": {
                    "message": everything,
                    "@Message.ExtendedInfo": [
                        {"MessageId": everything[:80], "Message": everything}
                    ],
                },
            },
            status=status,
            headers=headers,
        )

    def _welcome(self) -> web.Response:
        return web.json_response(
            {
                "access_token": PLANTED["COM token"],
                "expires_in": 900,
                "Id": PLANTED["session"],
            },
            headers={"X-Auth-Token": PLANTED["OME token"]},
        )


@asynccontextmanager
async def serving(parrot: Parrot) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", parrot.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    parrot.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield
    await runner.cleanup()


@pytest.fixture
async def parrot() -> AsyncIterator[Parrot]:
    made = Parrot()
    async with serving(made):
        yield made


def configuration(parrot: Parrot, **http: Any) -> Config:
    com = {"type": "com", "url": parrot.base, "token_url": f"{parrot.base}/token"}
    com |= {"client_id": "me", "client_secret": PLANTED["client secret"]}
    ome = {"type": "ome", "url": parrot.base, "username": "me", "password": PLANTED["password"]}
    entries = [
        {"name": name, **entry, "http": {"timeout": "5s", **http}}
        for name, entry in (("emea", com), ("frankfurt", ome))
    ]
    types = {name: kind.settings for name, kind in SOURCES.items()}
    return parse(yaml.safe_dump({"sources": entries}), types, {}, origin="test")


def shown(text: str) -> list[str]:
    """Name the secrets that a text shows, as they are, in JSON, in a form or in a repr."""
    found = []
    for name, secret in {**PLANTED, "hash": WEB_HASH}.items():
        forms = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote_plus(secret)}
        if any(form in text for form in forms):
            found.append(name)
    return found


def test_the_search_finds_a_secret_in_every_form() -> None:
    for text in (str(list(PLANTED.values())), json.dumps(PLANTED), str(PLANTED)):
        assert len(shown(text)) == len(PLANTED)
    assert shown(f"client_secret={quote_plus(PLANTED['client secret'])}") == ["client secret"]


@pytest.mark.parametrize(
    "mode",
    [
        {"login": 400},
        {"login": 401},
        {"login": 403},
        {"login": 500},
        {"login": 302, "location": f"http://192.0.2.1/?token={PLANTED['COM token']}"},
        {"data": 400},
        {"data": 401},
        {"data": 403},
        {"data": 404},
        {"data": 500},
        {"data": 307, "location": f"/?token={PLANTED['OME token']}&s={PLANTED['session']}"},
        {"data": 200},
        {"proxy": 407},
    ],
    ids=str,
)
async def test_nothing_that_is_repeated_shows(
    parrot: Parrot, mode: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    http = {}
    if proxy := mode.get("proxy"):
        parrot.login = parrot.data = proxy
        http["proxy"] = parrot.base.replace("//", f"//me:{PLANTED['proxy password']}@")
    for key in set(mode) - {"proxy"}:
        setattr(parrot, key, mode[key])
    config = configuration(parrot, **http)
    exporter = Exporter(config)
    web_file = Authority(tmp_path).config(basic_auth_users={"alice": WEB_HASH})
    door = Door(Limits(), Protected(web_file))
    user = {"Authorization": basic("alice", PLANTED["web password"])}

    with capture_logs() as lines:
        said = [*await failures(exporter), *await pages(exporter, door, user)]

    assert all(parrot.heard.values()), "nothing was asked"
    assert len([line for line in lines if line["event"] == "poll failed"]) >= 2
    objects = [repr(each) for each in (config, *config.sources, door, door.protected.now)]
    assert shown("\n".join([*said, *objects, str(lines), caplog.text])) == []


async def failures(exporter: Exporter) -> list[str]:
    """Run every inventory, and return the tracebacks with all that caused them."""
    found = []
    for polled in exporter.scheduler.sources:
        try:
            await polled.source.collectors[0].collect(polled.inventory)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not show a secret
            found.append("".join(traceback.format_exception(error)) + repr(error))
            found.append(str(vars(error)))
    assert found
    return found


async def pages(exporter: Exporter, door: Door, user: dict[str, str]) -> list[str]:
    """Serve until every source has been tried, and return every page, with and without password."""
    async with exporter.serving("127.0.0.1", 0, door) as port:
        async with asyncio.timeout(120):
            while not exporter.scheduler.attempted:  # noqa: ASYNC110 - the state is all there is
                await asyncio.sleep(0.01)
        found = []
        for path in (
            "/",
            "/metrics",
            "/-/ready",
            "/status.json",
            "/attention.json",
            "/metrics?source=nowhere",
        ):
            for headers in (user, {"Authorization": basic("alice", PLANTED["password"])}):
                answer = await fetched(f"http://127.0.0.1:{port}{path}", headers)
                found += [answer.text, str(answer.headers)]
        return found
