"""What did each server use in a window of the past? COM knows windows of the last 180 days."""

from collections.abc import Mapping

from exporter.model import Energy, Window
from exporter.sources.com.energy_reader import EnergyReader
from exporter.sources.com.lists import PAGE_SIZE
from exporter.sources.com.mapping import serial_from_id
from exporter.sources.com.windows import REACH, Span


class EnergyArchive:
    """Reads windows that are named, where the collector `energy` looks for the newest."""

    reach = REACH
    page = PAGE_SIZE

    def __init__(self, reader: EnergyReader) -> None:
        """Take who reads a window."""
        self._reader = reader

    async def read(self, window: Window, start: int) -> Mapping[str, Energy]:
        """Read the servers that are complete in a window.

        Args:
            window: Its length.
            start: Its first Unix second; a day begins at midnight UTC.

        Returns:
            What each used, by the server's id; also of servers that are in no inventory any more,
            as far as COM still lists them.

        Raises:
            SourceError: The window could not be read.
        """
        reading = await self._reader.read(Span(window, start, start + window.seconds))
        return {
            record.id: record.energy
            for record in reading.listing.items
            if record.energy is not None
        }

    def serial(self, server_id: str) -> str:
        """Return the serial number of a server that is in no inventory."""
        return serial_from_id(server_id)
