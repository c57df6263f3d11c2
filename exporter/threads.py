"""Blocking work in daemon threads, which never keep the program from ending.

`asyncio.to_thread` waits at the end of the program for every thread. One that reads from a file
system that does not answer would hold it for ever.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def begin(work: Callable[[], T], name: str) -> "Future[T]":
    """Start work in a thread of its own, and return its future result.

    Raises:
        RuntimeError: The system has no thread left.
    """
    result: Future[T] = Future()
    # From here on it cannot be cancelled, so that the thread can always set its result.
    result.set_running_or_notify_cancel()

    def carry_out() -> None:
        try:
            found = work()
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is awaited
            result.set_exception(error)
        else:
            result.set_result(found)

    threading.Thread(target=carry_out, name=name, daemon=True).start()
    return result


async def within(seconds: float, result: "Future[T]") -> T:
    """Await the result of work; it goes on after a time limit or a cancellation.

    Raises:
        TimeoutError: It takes longer.
    """
    async with asyncio.timeout(seconds):
        return await asyncio.wrap_future(result)
