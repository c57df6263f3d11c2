"""How are the windows of the past read, several at the same time, and each only once?"""

import asyncio
from collections.abc import Callable, Iterable

from exporter.backfill.span import PastWindow
from exporter.backfill.spool import Spool
from exporter.errors import Reason, SourceError
from exporter.sources.contract import EnergyArchive
from exporter.sources.workers import for_each


async def fetch(
    windows: Iterable[PastWindow],
    archive: EnergyArchive,
    spool: Spool,
    at_once: int,
    advance: Callable[[], None],
) -> list[PastWindow]:
    """Read windows into the spool.

    Args:
        windows: What is to be read.
        archive: Whom to ask.
        spool: Where they go, one by one.
        at_once: Windows asked for at the same time.
        advance: Told after each.

    Returns:
        The windows that the API refuses.

    Raises:
        SourceError: A window could not be read; those before are in the spool.
        sqlite3.Error: The spool cannot be written.
    """
    refused: list[PastWindow] = []
    writing = asyncio.Lock()

    async def fetch_one(each: PastWindow) -> None:
        try:
            energies = await archive.read(each.window, each.start)
        except SourceError as error:
            # How far back hours are kept is not documented; days may go further.
            if error.reason is not Reason.HTTP_4XX:
                raise
            refused.append(each)
        else:
            async with writing:
                await asyncio.to_thread(spool.add, each, energies)
        advance()

    await for_each(windows, fetch_one, at_once)
    return refused
