"""The recorded answers of HPE Compute Ops Management as a page of `/metrics`.

The recordings are of v1beta2 and of the previous path prefix; they are served at the paths of v1.
"""

from datetime import UTC, datetime
from typing import Any, Final

from tests.golden.recorded import Answers, always, sample, serving
from tests.golden.served import config_of, page_of

NOW: Final = datetime(2022, 12, 14, 17, 30, tzinfo=UTC).timestamp()
"""Minutes after the newest recording."""
TOKEN_PATH: Final = "/as/token.oauth2"
SERVERS: Final = (
    "com/servers_v1beta2_list_DL325Gen10Plus_OK.repaired.json",
    "com/servers_v1beta2_list_unsubscribed.json",
)


async def page() -> str:
    """Return the stable part of the page."""
    async with serving(_answers()) as url:
        source = {
            "name": "com",
            "type": "com",
            "url": url,
            "token_url": url + TOKEN_PATH,
            "client_id": "client",
            "client_secret": "secret",
            "collectors": {"firmware": {"components": "all"}},
        }
        return await page_of(config_of([source]), NOW, url)


def _answers() -> Answers:
    token = sample("com/token_legacy_sso_response.redacted.json")
    return {
        f"POST {TOKEN_PATH}": always(token),
        "GET /compute-ops-mgmt/v1/servers": always(_servers()),
    }


def _servers() -> dict[str, Any]:
    """Return one list of the servers of all recorded pages."""
    items = [item for name in SERVERS for item in sample(name)["items"]]
    return {"offset": 0, "count": len(items), "total": len(items), "items": items}
