"""Is Power Manager there, and how is it set?"""

from exporter.errors import NotAvailableError
from exporter.sources.ome import records
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.metrics import Units, units_from
from exporter.sources.ome.missing import needed
from exporter.sources.records import decode, readable

POWER_MANAGER = "2F6D05BE-EE4B-4B0E-B873-C8D2F64A4625"
PLUGINS = "PluginService/Plugins"
SETTINGS = "PowerService/Settings"
NEEDED = (
    "the plugin Power Manager is needed: install and enable it on the appliance, "
    "or switch this collector off"
)


async def require_power_manager(client: OmeClient) -> None:
    """Check that Power Manager is installed and enabled.

    Raises:
        NotAvailableError: It is not.
        SourceError: The plugins cannot be read.
    """
    with needed(NEEDED):
        body = await client.get(PLUGINS, PLUGINS)
    for each in readable(decode(body, records.ROWS, PLUGINS).value, records.PLUGIN).records:
        if each.id.upper() == POWER_MANAGER and each.installed and each.enabled:
            return
    raise NotAvailableError(NEEDED)


async def power_manager_units(client: OmeClient) -> Units:
    """Read the units and the gathering interval.

    Raises:
        NotAvailableError: This user may not see them.
        SourceError: They cannot be read.
    """
    with needed(f"{NEEDED}; the user must be allowed to see its settings"):
        body = await client.get(SETTINGS, SETTINGS)
    rows = decode(body, records.ROWS, SETTINGS).value
    return units_from(readable(rows, records.POWER_SETTING).records)
