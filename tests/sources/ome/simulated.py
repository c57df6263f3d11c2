"""How do tests ask a source in front of a simulated appliance?"""

from typing import TYPE_CHECKING, Any

from exporter.errors import NotAvailableError, SourceError
from exporter.model import Collected, Inventory, Status
from exporter.simulators import Simulation
from exporter.simulators.machines import SERVER, OmeDevice

if TYPE_CHECKING:
    from exporter.sources.contract import Source


async def run(source: "Source", name: str, inventory: Inventory | None = None) -> Collected:
    """Run a collector by its name."""
    found = next(each for each in source.collectors if each.name == name)
    return await found.collect(inventory or Inventory())


async def outcome(
    source: "Source", name: str, inventory: Inventory
) -> Collected | SourceError | NotAvailableError:
    """Run a collector; a failure is returned."""
    try:
        return await run(source, name, inventory)
    except (SourceError, NotAvailableError) as error:
        return error


async def known(source: "Source") -> Inventory:
    """Read the inventory that the other collectors need."""
    collected = await run(source, "devices")
    assert collected.servers
    return Inventory(collected.servers, column(collected, Status))


def column(collected: Collected, facet: type) -> dict[str, Any]:
    """Return a facet by the ids of the devices."""
    return dict(next(each.by_id for each in collected.columns if each.facet is facet))


def servers(simulation: Simulation) -> dict[str, OmeDevice]:
    """Return the true servers by their ids."""
    return {str(d.id): d for d in simulation.world.ome_devices() if d.type == SERVER}
