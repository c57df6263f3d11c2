"""Work that may take for ever, in daemon threads.

The program ends without waiting for a daemon thread. The threads of `asyncio.to_thread` are joined
at the end, so that one that reads from a dead network file system would hold up SIGTERM.
"""

import asyncio
import errno
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def started(work: Callable[[], T]) -> "Future[T]":
    """Start work in a thread of its own.

    Returns:
        Its outcome; an `OSError` where no thread can be started.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised where the outcome is asked for
            future.set_exception(error)
        else:
            future.set_result(result)

    try:
        Thread(target=run, daemon=True).start()
    except RuntimeError:
        future.set_exception(OSError(errno.EAGAIN, "the system starts no more threads"))
    return future


async def outcome(future: "Future[T]") -> T:
    """Wait for work on the event loop; a cancellation leaves the thread to itself.

    Raises:
        BaseException: What the work raised.
    """
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def wake(_: "Future[T]") -> None:
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(ended.set)

    future.add_done_callback(wake)
    await ended.wait()
    return future.result()
