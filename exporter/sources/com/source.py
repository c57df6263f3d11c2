"""What a COM source is made of."""

from dataclasses import dataclass

from exporter.clock import Clock
from exporter.sources.com.client import ComClient
from exporter.sources.com.energy_reader import EnergyReader
from exporter.sources.com.lists import Lists
from exporter.sources.com.login import Tokens
from exporter.sources.com.settings import ComSettings
from exporter.sources.contract import Surroundings
from exporter.sources.transport import Transport


@dataclass(frozen=True, slots=True)
class ComParts:
    """What the collectors of one region of one workspace share."""

    clock: Clock
    transport: Transport
    tokens: Tokens
    lists: Lists
    energy: EnergyReader

    async def close(self) -> None:
        """Close the connections; a token expires by itself."""
        await self.tokens.close(grace=0.0)
        await self.transport.close()


def connect(settings: ComSettings, surroundings: Surroundings) -> ComParts:
    """Build the parts of a source; nothing is sent yet. Needs a running event loop."""
    clock, observer = surroundings.clock, surroundings.observer
    transport = Transport(settings.http, clock, observer, memory=surroundings.memory)
    tokens = Tokens(settings, transport, clock, observer)
    lists = Lists(ComClient(settings, transport, tokens, clock), clock, settings.http.concurrency)
    return ComParts(clock, transport, tokens, lists, EnergyReader(lists, clock))
