"""Is the counter's increase the truth, whatever happens to the exporter within thirty days?"""

import asyncio
import random
from contextlib import suppress

import pytest

from exporter.simulators.com.energy import Lateness
from tests.energy.conftest import DAY, HOUR, START, Life, Make, Rig


class Scrapes:
    """What `increase()` of Prometheus sees of every server's counter."""

    def __init__(self) -> None:
        self.last: dict[str, float] = {}
        self.increase: dict[str, float] = {}

    def take(self, counters: dict[str, float]) -> None:
        for serial, value in counters.items():
            if serial not in self.last:
                assert value == 0, f"{serial} was not seen before it grew"
            assert value >= self.last.get(serial, 0), f"{serial} fell"
            grown = value - self.last.get(serial, 0)
            self.increase[serial] = self.increase.get(serial, 0) + grown
            self.last[serial] = value


class Chaos:
    """Kills and starts the exporter, and cuts its wire, by chance."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.rig = rig
        self.chance = random.Random(seed)  # noqa: S311 - reproducible faults
        self.scrapes = Scrapes()
        self.life: Life | None = None
        self.down_until = 0.0
        self.cut_until = 0.0
        self.kills = self.cuts = 0

    async def hour(self) -> None:
        """Let an hour go by."""
        now = self.rig.clock.wall()
        if self.chance.random() < 0.04:
            self.cuts += 1
            self.cut_until = now + HOUR * self.chance.choice((1, 3, 12))
        self.rig.wire.is_cut = now < self.cut_until
        if self.life is None and now >= self.down_until:
            self.life = await self.rig.start(most_calls=self.chance.choice((3, 40, 2000)))
            await self.life.run()
            self.scrapes.take(self.life.counters())
        if self.life is not None:
            await self._run(self.life, now)

    async def _run(self, life: Life, now: float) -> None:
        dies = self.chance.random() < 0.05
        if not dies:
            await life.run()
            self.scrapes.take(life.counters())
            return
        self.kills += 1
        self.rig.wire.hangs_after = self.chance.randrange(12)
        run = asyncio.create_task(life.run())
        hanging = asyncio.create_task(self.rig.wire.hanging.wait())
        await asyncio.wait((run, hanging), return_when=asyncio.FIRST_COMPLETED)
        self.rig.kill()
        for task in (run, hanging):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.life = None
        self.down_until = now + HOUR * self.chance.choice((0, 1, 2, 8, 30, 130))


@pytest.mark.parametrize("seed", [1])
async def test_the_increase_is_the_truth_to_the_watt_hour(make: Make, seed: int) -> None:
    rig = make(servers=7, seed=seed)
    rig.simulation.com_energy.late = Lateness(one_in=6, most=2 * DAY)
    present = {each.serial: START for each in rig.simulation.world.com_servers()}
    chaos = Chaos(rig, seed)
    for hour in range(30 * 24):
        if hour == 200:
            new = rig.simulation.world.add("com")
            rig.simulation.world.remove(gone := next(iter(present)))
            del present[gone]
            present[new] = rig.clock.wall()
        await chaos.hour()
        rig.clock.now += HOUR

    rig.simulation.com_energy.late = None
    rig.wire.is_cut = False
    chaos.life = chaos.life or await rig.start()
    chaos.life.hours._most_calls = 2000
    for _ in range(110):
        await chaos.life.run()
        chaos.scrapes.take(chaos.life.counters())
        rig.clock.now += HOUR
    await chaos.life.run()
    chaos.scrapes.take(chaos.life.counters())

    truth = {
        serial: rig.truth(serial, since, rig.published)
        for serial, since in present.items()
        if rig.is_measured(serial)
    }
    assert len(truth) >= 5
    assert chaos.kills > 5
    assert chaos.cuts > 10
    # To the joule, which is less than a thousandth of a watt-hour.
    found = {serial: chaos.scrapes.increase.get(serial) for serial in truth}
    assert found == pytest.approx(truth, abs=1, rel=0)
    assert chaos.life.heard.lost_hours == 0
    assert chaos.life.heard.pending_hours == 0
