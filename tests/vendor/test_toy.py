"""A third vendor is one folder and one line: everything else finds it by itself."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import yaml
from aiohttp.test_utils import TestServer

from exporter.capture.folder import Folder
from exporter.capture.replay import Replay
from exporter.commands.capture import save
from exporter.commands.metrics import origins_markdown
from exporter.config.load import Config, parse
from exporter.doctor.examination import examine
from exporter.lifecycle import Exporter
from exporter.sources.vendors import SOURCES
from tests.support.clock import FakeClock
from tests.vendor import toy

KEY = "k3y-of-the-toy"
ROWS = (
    'serverfleet_server_health{source="one",vendor="acme",serial="SN-2",server="SN-2",'
    'state="critical"} 1',
    'serverfleet_server_power_watts{source="one",vendor="acme",serial="SN-1",server="SN-1"} 250.5',
)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOURCES, "toy", toy.SOURCE)


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async with TestServer(toy.simulator(KEY)) as server:
        yield str(server.make_url("")).rstrip("/")


def config_of(url: str, **more: object) -> Config:
    entry = {"name": "one", "type": "toy", "url": url, "key": KEY} | more
    types = {name: kind.settings for name, kind in SOURCES.items()}
    return parse(yaml.safe_dump({"sources": [entry]}), types, {}, origin="test")


async def exposition(config: Config) -> str:
    exporter = Exporter(config, FakeClock())
    try:
        await exporter.scheduler.run_all_once()
        return exporter.exposition().decode()
    finally:
        await exporter.scheduler.stop()


async def test_its_servers_are_on_the_page(address: str) -> None:
    page = (await exposition(config_of(address))).splitlines()

    assert set(ROWS) <= set(page)
    assert 'serverfleet_collector_success{source="one",collector="power"} 1' in page


async def test_its_collectors_can_be_set_like_any_other(address: str) -> None:
    config = config_of(address, collectors={"power": {"enabled": False, "interval": "10m"}})

    page = await exposition(config)

    assert ROWS[0] in page
    assert "serverfleet_server_power_watts" not in page


def test_a_collector_that_it_does_not_have_is_a_mistake(
    refused: Callable[[Callable[[], object]], str],
) -> None:
    said = refused(lambda: config_of("http://127.0.0.1:1", collectors={"alerts": {}}))

    assert "sources[0].collectors.alerts: unknown setting; known here: devices, power" in said


async def test_it_is_probed(address: str) -> None:
    (works,) = await examine(config_of(address).sources, 10.0)
    (fails,) = await examine(config_of(address, key="wrong").sources, 10.0)

    assert works.works
    assert not fails.works


def test_it_is_in_the_documentation() -> None:
    assert (
        "| `serverfleet_server_power_watts` | power (5m) | `power` | `watts` |"
        in origins_markdown(SOURCES)
    )


async def test_it_is_captured_and_replayed(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "capture"
    assert await save(config_of(address).sources[0], Folder(folder), 1_784_000_700.0)

    replay = Replay.of(folder)
    async with replay.serving() as again:
        types = {name: kind.settings for name, kind in SOURCES.items()}
        entry = yaml.safe_dump({"sources": [replay.entry("one", again)]})
        page = await exposition(parse(entry, types, {}, origin="test"))

    assert page.count('vendor="acme"') > 0
    assert "} 250.5" in page
    assert "SN-1" not in "".join(each.read_text() for each in folder.rglob("*.json"))


@pytest.fixture
def refused() -> Callable[[Callable[[], object]], str]:
    def call(build: Callable[[], object]) -> str:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - the text is what matters
            build()
        return str(caught.value)

    return call
