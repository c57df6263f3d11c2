"""Is Power Manager there, and how is it set?"""

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.sources.drift import Drift
from exporter.sources.ome import calls, records
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.listing import whole_rows
from exporter.sources.ome.metrics import Units, units_from
from exporter.sources.ome.missing import needed
from exporter.sources.ome.vocabulary import POWER_MANAGER

PLUGINS, SETTINGS = calls.PLUGINS.endpoint, calls.POWER_SETTINGS.endpoint
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
    found = await whole_rows(body, records.PLUGIN, PLUGINS)
    mine = [each for each in found.records if each.id.upper() == POWER_MANAGER]
    if any(each.installed and each.enabled for each in mine):
        return
    if (found.problems and not mine) or any(_is_unreadable(each, found.drift) for each in mine):
        raise SourceError(
            Reason.SCHEMA, f"{PLUGINS}: not readable whether Power Manager is installed and enabled"
        )
    raise NotAvailableError(NEEDED)


def _is_unreadable(plugin: records.PluginRecord, drift: Drift) -> bool:
    """Whether a flag was left out because its type is wrong."""
    odd = {field for field, _, _ in drift.unknown}
    return (plugin.installed is None and "Installed" in odd) or (
        plugin.enabled is None and "Enabled" in odd
    )


async def power_manager_units(client: OmeClient) -> Units:
    """Read the units and the gathering interval.

    Raises:
        NotAvailableError: This user may not see them.
        SourceError: They cannot be read.
    """
    with needed(f"{NEEDED}; the user must be allowed to see its settings"):
        body = await client.get(SETTINGS, SETTINGS)
    return units_from((await whole_rows(body, records.POWER_SETTING, SETTINGS)).records)
