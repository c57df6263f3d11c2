"""Soaks the exporter and prints which promises it kept; the exit code is 1 if one was broken."""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.soak.clock import FastClock
from bench.soak.fleet import Fleet, StuckError, polled_fleet
from bench.soak.promises import LONG_ENOUGH, Promise, promises
from bench.soak.trouble import Trouble
from bench.soak.watch import Watch
from exporter.log import configure

_EPOCH = 1_780_000_000.0
_CALM = 2.0
"""Seconds of the machine after a recovery."""
_COMPARED_EVERY = 10
"""Storms after which every series is compared with those of a new exporter."""
_ENDED = 2.0
"""Seconds within which it ends after SIGTERM, on a machine with time for it."""
_DRAINED = 8.0
"""Seconds until the last slow scraper is gone and connections that idle are closed."""


def main() -> int:
    """Soak, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="of the machine (default: 60)")
    parser.add_argument("--servers", type=int, default=80, help="in the fleet (default: 80)")
    parser.add_argument(
        "--speed", type=float, default=60.0, help="fleet seconds in one of ours (default: 60)"
    )
    parser.add_argument("--seed", type=int, help="of the fleet and of all trouble (default: new)")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    folder = Path(tempfile.mkdtemp(prefix="serverfleet-soak-"))
    # Spoilt answers end when the exporter hangs up, which the simulated server takes for its fault.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    configure("json", "error")  # of the exporters that are started for comparison
    print(f"seed {seed}; everything is written to {folder}", flush=True)
    found = asyncio.run(_soaked(options, seed, folder))
    _print(found, seed)
    return 0 if all(promise.kept for promise in found) else 1


async def _soaked(options: argparse.Namespace, seed: int, folder: Path) -> list[Promise]:
    clock = FastClock.starting(_EPOCH, options.speed)
    with (folder / "orders.txt").open("w", encoding="utf-8") as orders:

        def say(text: str) -> None:
            orders.write(f"{clock.wall():.0f} {text}\n")
            orders.flush()

        async with polled_fleet(options.servers, seed, clock, folder) as fleet:
            trouble = Trouble(fleet, random.Random(seed), say)  # noqa: S311 - bad luck
            watch = Watch(fleet)
            judged = options.minutes >= LONG_ENOUGH
            await _troubled(trouble, watch, time.monotonic() + options.minutes * 60)
            asked = time.monotonic()
            code = await fleet.stop()
            took = time.monotonic() - asked
            fleet.log.follow()
            storms = [
                Promise("storms of faults", trouble.storms),
                Promise("answers spoilt", trouble.hits),
                Promise("end after SIGTERM", took, _ENDED if judged else None, "s"),
            ]
            return storms + list(promises(fleet, watch, options.minutes, code))


async def _troubled(trouble: Trouble, watch: Watch, until: float) -> None:
    """Let storms and calms take turns."""
    fleet: Fleet = trouble.fleet
    beside = [
        asyncio.create_task(each) for each in (fleet.listen(), watch.remember(), watch.scrape())
    ]
    try:
        await watch.recovery()
        while time.monotonic() < until:
            await trouble.storm()
            await watch.recovery()
            await asyncio.sleep(_CALM)
            watch.look()
            if trouble.storms % _COMPARED_EVERY == 0:
                await watch.compare_with_a_new_exporter()
        await asyncio.sleep(_DRAINED)
        watch.look()
        await watch.compare_with_a_new_exporter()
    except StuckError as error:
        watch.breaks(str(error))
    finally:
        for each in beside:
            each.cancel()
        for ended in await asyncio.gather(*beside, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


def _print(found: list[Promise], seed: int) -> None:
    table = Table("promise", "found", "most", "", title=f"soak, seed {seed}")
    for promise in found:
        verdict = "" if promise.most is None else "kept" if promise.kept else "BROKEN"
        number = f"{promise.found:,.0f}" if promise.found >= 100 else f"{promise.found:.3g}"
        most = "" if promise.most is None else f"{promise.most:g}"
        table.add_row(promise.name, f"{number} {promise.unit}".strip(), most, verdict)
    Console(width=100).print(table)


if __name__ == "__main__":
    sys.exit(main())
