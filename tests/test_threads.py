"""Threads that do not keep anything from ending."""

import asyncio
import subprocess
import sys
import threading

import pytest

from exporter.threads import outcome, started

PATIENCE = 60.0
ENDS = """
import asyncio, threading
from exporter.threads import outcome, started

async def main():
    try:
        async with asyncio.timeout(0.01):
            await outcome(started(threading.Event().wait))
    except TimeoutError:
        print("too late")

asyncio.run(main())
"""


async def test_work_is_done_in_a_thread_of_its_own() -> None:
    assert await outcome(started(threading.current_thread)) is not threading.current_thread()


async def test_an_error_is_raised_where_the_result_is_awaited() -> None:
    def fail() -> None:
        raise SystemExit("planted")

    with pytest.raises(SystemExit, match="planted"):
        await outcome(started(fail))


async def test_work_goes_on_after_a_cancellation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    go_on = threading.Event()
    work = started(lambda: go_on.wait(PATIENCE))
    waiting = asyncio.ensure_future(outcome(work))
    await asyncio.sleep(0)

    waiting.cancel()
    await asyncio.wait([waiting])
    go_on.set()

    assert work.result(PATIENCE) is True
    assert capsys.readouterr().err == ""


def test_a_thread_that_hangs_does_not_keep_the_program_from_ending() -> None:
    done = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=PATIENCE, check=True
    )

    assert (done.stdout, done.stderr) == ("too late\n", "")
