"""What answers took for a while is given back."""

import asyncio
import platform
import subprocess
import sys
from typing import Any

import pytest

from exporter.memory import memory_given_back
from tests.support.clock import FakeClock

GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")

ROUNDS = """
import asyncio, sys
from contextlib import nullcontext
from pathlib import Path
from exporter.memory import memory_given_back

class Clock:
    def __init__(self):
        self.asleep, self.wake = asyncio.Event(), asyncio.Event()

    async def sleep(self, seconds):
        self.asleep.set()
        await self.wake.wait()
        self.wake.clear()

    async def pass_the_time(self):
        self.asleep.clear()
        self.wake.set()
        await self.asleep.wait()

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

def rounds(size):
    kept = []
    for _ in range(3):
        buffers = []
        for _ in range(90_000_000 // size):
            buffers.append(b"x" * size)
            kept.append([object() for _ in range(size // 1000)])
            kept.append(b"y" * 1000)
    return kept

async def main(how, size):
    clock = Clock()
    given_back = how == "given back"
    async with memory_given_back(clock) if given_back else nullcontext():
        before = resident()
        kept = rounds(size)
        if given_back:
            await clock.asleep.wait()
            await clock.pass_the_time()
        print(resident() - before)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def grown(how: str, size: int) -> float:
    """Return by how many MB a process grows while buffers of a size come and go three times."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", ROUNDS, how, str(size)],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return float(done.stdout)


@GLIBC
@pytest.mark.parametrize("size", [3_000_000, 200_000, 30_000])
def test_buffers_between_small_objects_are_given_back(size: int) -> None:
    small = 30.0
    assert grown("given back", size) < small
    assert grown("by itself", size) > small, "the C library has learned it: the call can go"


@GLIBC
async def test_a_machine_without_room_for_a_thread_is_tried_again_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[Any] = []

    async def none_to_be_had(*call: Any) -> None:
        tried.append(call)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(asyncio, "to_thread", none_to_be_had)
    clock = FakeClock()
    async with memory_given_back(clock):
        await clock.advance(200)

    assert len(tried) == 3
