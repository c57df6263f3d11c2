"""What does a whole exporter serve with a state file, and what without?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from exporter.config.source import SourceSettings
from exporter.energy.accounts import MILLIJOULES, MOST
from exporter.energy.collectors import kept
from exporter.energy.file import StateFileError
from exporter.energy.ledger import Ledger
from exporter.lifecycle import Exporter
from exporter.model import Collected, Column, Inventory, Power, PowerDraw
from exporter.simulators import Simulation
from exporter.sources.contract import EnergyReadings
from exporter.sources.ome.settings import OmeSettings
from exporter.web.server import Door
from tests.commands.conftest import Fleet
from tests.commands.program import run_beside, running
from tests.e2e.rig import Rig, samples, value
from tests.energy.conftest import COUNTER, START, Heard
from tests.support.clock import FakeClock
from tests.support.fleet import servers
from tests.support.source import StubCollector, StubSource

KWH = 3.6e6


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    simulation = Simulation(servers=12, seed=3)
    async with simulation.serving() as base_url:
        yield Fleet(simulation, base_url, tmp_path)


def powers(**kwh: float | None) -> Collected:
    return Collected(
        columns=(
            Column(PowerDraw, {}),
            Column(
                Power,
                {
                    id.replace("_", "-"): Power(
                        peak_watts=9.0, energy_joules=None if each is None else each * KWH
                    )
                    for id, each in kwh.items()
                },
            ),
        )
    )


def settings(per_minute: int = 0) -> SourceSettings:
    return OmeSettings.model_validate(
        {
            "name": "fra",
            "type": "ome",
            "url": "https://ome.example.net",
            "username": "u",
            "password": "p",
            "http": {"requests_per_minute": per_minute},
        }
    )


class Counting:
    """A collector of devices' own counters, with the ledger behind it."""

    def __init__(self, ledger: Ledger) -> None:
        self.power = StubCollector("power", powers(), interval=300.0)
        source = StubSource(StubCollector("devices", Collected()), self.power)
        own = kept(source, settings(), EnergyReadings("power"), ledger, FakeClock(wall=START))
        self._collector = own.collectors[1]
        assert self._collector.interval == 300.0

    async def read(self, inventory: Inventory, **kwh: float | None) -> dict[str, float | None]:
        """Return kWh by device after another reading."""
        self.power.then(powers(**kwh))
        found = await self._collector.collect(inventory)
        column = next(each for each in found.columns if each.facet is Power)
        assert all(cast("Power", each).peak_watts == 9.0 for each in column.by_id.values())
        joules = {id: cast("Power", each).energy_joules for id, each in column.by_id.items()}
        return {id: None if each is None else each / KWH for id, each in joules.items()}


@asynccontextmanager
async def counting(path: Path) -> AsyncIterator[Counting]:
    ledger = Ledger(path, FakeClock(wall=START), Heard())
    await ledger.open()
    yield Counting(ledger)
    await ledger.close()


async def test_a_device_counter_is_carried_over_resets_restarts_and_new_device_ids(
    tmp_path: Path,
) -> None:
    listed = Inventory(servers(1, 2))
    path = tmp_path / "state.db"
    async with counting(path) as life:
        assert await life.read(listed, id_1=500, id_2=8) == {"id-1": 0, "id-2": 0}
        assert await life.read(listed, id_1=501.5, id_2=8) == {"id-1": 1.5, "id-2": 0}
        assert await life.read(listed, id_1=0.25, id_2=None) == {"id-1": 1.75, "id-2": None}
    found_anew = Inventory((replace(listed.servers[0], id="id-77"),))
    async with counting(path) as life:
        assert await life.read(found_anew, id_77=3.25) == {"id-77": 4.75}
        assert await life.read(listed, id_2=9) == {"id-2": 1}


SENTINELS = (2**32, 2.56e9 + 1e7, 1e18, 1e300, float("inf"), float("nan"), -5.0)


async def test_a_reading_that_no_account_can_hold_costs_itself_alone(tmp_path: Path) -> None:
    listed = Inventory(servers(1, 2))
    async with counting(tmp_path / "state.db") as life:
        for odd in SENTINELS:
            found = await life.read(listed, id_1=odd, id_2=8)
            assert found == {"id-1": None, "id-2": 0}
        assert await life.read(listed, id_1=500, id_2=9) == {"id-1": 0, "id-2": 1}
        for odd in SENTINELS:
            found = await life.read(listed, id_1=odd, id_2=9)
            assert found == {"id-1": None, "id-2": 1}
        assert await life.read(listed, id_1=501, id_2=9) == {"id-1": 1, "id-2": 1}


async def test_a_total_that_is_as_large_as_it_can_be_stands_still(tmp_path: Path) -> None:
    listed = Inventory(servers(1, 2))
    largest = 2.5e9
    path = tmp_path / "state.db"
    async with counting(path) as life:
        await life.read(listed, id_1=0, id_2=8)
        await life.read(listed, id_1=largest, id_2=8)
        await life.read(listed, id_1=0, id_2=8)
        found = await life.read(listed, id_1=largest, id_2=9)
        assert found == {"id-1": pytest.approx(MOST / MILLIJOULES / KWH), "id-2": 1}
    async with counting(path) as life:
        assert await life.read(listed, id_1=largest, id_2=9) == found


async def test_the_ledger_takes_a_quarter_of_the_requests_that_a_source_may_send() -> None:
    archive = object()
    readings = EnergyReadings("power", lambda _: archive)  # type: ignore[arg-type,return-value]
    source = StubSource(StubCollector("devices", Collected()), StubCollector("power", Collected()))
    ledger = Ledger(Path("unused"), FakeClock(), Heard())
    for per_minute, calls in ((0, 2000), (1, 15), (60, 900), (1000, 2000)):
        own = kept(source, settings(per_minute), readings, ledger, FakeClock())
        assert own.collectors[-1]._most_calls == calls  # type: ignore[attr-defined]
    assert kept(source, settings(), None, ledger, FakeClock()) is source
    off = StubSource(StubCollector("devices", Collected()))
    assert kept(off, settings(), readings, ledger, FakeClock()) is off


async def test_without_a_state_file_nothing_is_kept(fleet: Fleet) -> None:
    rig = Rig(fleet.simulation, fleet.base_url)
    exporter = rig.exporter()
    await exporter.scheduler.run_all_once()
    page = exporter.exposition()
    await rig.close()

    assert {dict(own)["vendor"] for own in samples(page)[COUNTER]} == {"dell"}
    assert min(samples(page)[COUNTER].values()) > 0
    assert "serverfleet_ledger_file_bytes" not in samples(page)


async def test_with_one_the_counters_begin_at_zero_and_the_file_shows(fleet: Fleet) -> None:
    rig = Rig(fleet.simulation, fleet.base_url)
    path = fleet.folder / "state.db"
    exporter = Exporter(rig.config(), state_file=path)
    assert exporter.ledger is not None
    await exporter.ledger.open()
    await exporter.scheduler.run_all_once()
    page = exporter.exposition()
    with pytest.raises(StateFileError):
        async with Exporter(rig.config(), state_file=path).serving("127.0.0.1", 0, Door()):
            pass
    await exporter.scheduler.stop()
    await exporter.ledger.close()

    assert set(samples(page)[COUNTER].values()) == {0.0}
    assert len(samples(page)[COUNTER]) > 3
    success = "serverfleet_collector_success"
    assert value(page, success, source="com-demo", collector="energy_ledger") == 1
    assert value(page, "serverfleet_ledger_hours_pending", source="com-demo") == 0
    assert value(page, "serverfleet_ledger_hours_lost_total", source="com-demo") == 0
    assert value(page, "serverfleet_ledger_errors_total", reason="write") == 0
    assert (value(page, "serverfleet_ledger_file_bytes") or 0) > 0
    written = value(page, "serverfleet_ledger_last_write_timestamp_seconds", source="ome-demo")
    assert (written or 0) > START


async def test_a_text_file_in_place_of_a_state_file_ends_it_with_2_and_stays(fleet: Fleet) -> None:
    notes = fleet.folder / "notes.md"
    notes.write_text("# To do\n")

    done = await run_beside("run", "--config", fleet.config(), "--state.file", notes)

    assert (done.code, done.out) == (2, "")
    assert f"cannot keep state in {notes}: it is not a state file" in done.err
    assert "Traceback" not in done.err
    assert notes.read_text() == "# To do\n"
    assert not list(fleet.folder.glob("notes.md?*"))


async def test_a_second_program_on_the_same_file_ends_with_1_and_says_why(fleet: Fleet) -> None:
    path = fleet.folder / "state.db"
    arguments = ("run", "--config", fleet.config(), "--state.file", path)
    async with running(fleet.folder, *arguments) as program:
        await program.address()
        second = await run_beside(*arguments)

    assert (second.code, second.out) == (1, "")
    assert f"cannot keep state in {path}: another exporter uses it" in second.err
    assert "Traceback" not in second.err
