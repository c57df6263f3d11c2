"""An API that repeats a secret in another form gets it into no label, no log and no page either."""

import base64
import html
import json
import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from exporter.lifecycle import Exporter
from exporter.web.server import Door
from tests.e2e.test_secrets import PLANTED, Parrot, configuration, pages, serving

FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "capitals": str.upper,
    "URL, small letters": lambda secret: re.sub(
        "%..", lambda found: found[0].lower(), quote(secret, safe="")
    ),
    "URL, every character": lambda secret: "".join(f"%{each:02x}" for each in secret.encode()),
    "form": quote_plus,
    "HTML": html.escape,
    "HTML, every character": lambda secret: "".join(f"&#{ord(each)};" for each in secret),
    "JSON": lambda secret: "".join(f"\\u{ord(each):04x}" for each in secret),
    "hexadecimal": lambda secret: secret.encode().hex(),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "basic": lambda secret: base64.b64encode(f"me:{secret}".encode()).decode(),
    "URL, twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "URL within HTML within JSON": lambda secret: json.dumps(html.escape(quote(secret)))[1:-1],
}


class Echo(Parrot):
    """Says one thing in every text of a successful answer, or of an error."""

    vendor = ""
    said = ""

    async def answer(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            return self._welcome()
        if self.vendor != ("com" if "compute-ops-mgmt" in request.path else "ome"):
            return web.Response(status=404)
        self.heard[self.vendor].add(self.said)
        if self.data != 200:
            error = {"message": self.said, "errorCode": self.said}
            return web.json_response({"error": error, **error}, status=self.data)
        return web.json_response(
            {
                "total": 1,
                "items": [self._server()],
                "@odata.count": 1,
                "value": [self._device()],
                "Version": self.said,
            }
        )

    def _server(self) -> dict[str, Any]:
        texts = dict.fromkeys(("name", "message", "processorVendor", "serverGeneration"), self.said)
        hardware = {"serialNumber": self.said, "model": self.said, "health": {self.said: "OK"}}
        host = {"hostname": self.said, "osName": self.said}
        state = {"connected": True, "subscriptionState": self.said}
        return {
            **texts, "id": self.said, "hardware": hardware, "host": host, "state": state,
            "severity": "CRITICAL", "serverId": self.said, "devices": [{"deviceId": self.said}],
        }  # fmt: skip

    def _device(self) -> dict[str, Any]:
        texts = ("Identifier", "DeviceServiceTag", "Model", "DeviceName", "Name", "Message",
                 "AlertDeviceName", "AlertDeviceIdentifier", "SubSystem")  # fmt: skip
        numbers = {"Id": 1, "Type": 1000, "SeverityType": 16, "StatusType": 2000, "TypeId": 3000}
        return {**dict.fromkeys(texts, self.said), **numbers}


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", ["client secret", "password", "COM token", "OME token"])
async def test_a_secret_is_hidden_in_any_form(
    caplog: pytest.LogCaptureFixture, status: int, form: str, secret: str
) -> None:
    caplog.set_level(logging.DEBUG)
    parrot = Echo(data=status)
    parrot.said = FORMS[form](PLANTED[secret])
    parrot.vendor = "com" if secret in ("client secret", "COM token") else "ome"
    async with serving(parrot):
        exporter = Exporter(configuration(parrot, concurrency=1))
        with capture_logs() as lines:
            for _ in range(2):
                await exporter.scheduler.run_all_once()
            found = [*await pages(exporter, Door(), {}), exporter.exposition().decode()]
        await exporter.scheduler.stop()

    assert parrot.heard[parrot.vendor]
    text = html.unescape("\n".join([*found, str(lines), caplog.text])).casefold()
    assert html.unescape(parrot.said).casefold() not in text
    assert PLANTED[secret].casefold() not in text
    assert "***" in text
