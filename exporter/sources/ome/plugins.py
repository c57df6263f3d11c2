"""Is Power Manager there, and how is it set?"""

from exporter.errors import NotAvailableError
from exporter.sources.ome import calls, records
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.listing import WholeRows, whole_rows
from exporter.sources.ome.metrics import Units, units_from
from exporter.sources.ome.missing import needed
from exporter.sources.ome.records import PluginRecord
from exporter.sources.ome.vocabulary import POWER_MANAGER

PLUGINS, SETTINGS = calls.PLUGINS.endpoint, calls.POWER_SETTINGS.endpoint
NEEDED = (
    "the plugin Power Manager is needed: install and enable it on the appliance, "
    "or switch this collector off"
)


async def require_power_manager(client: OmeClient) -> WholeRows[PluginRecord]:
    """Check that Power Manager is installed and enabled, as far as that can be read.

    A flag that is absent or has another type says nothing; then Power Manager itself answers.

    Returns:
        The plugins, with what could not be read of them.

    Raises:
        NotAvailableError: It is not installed, or not enabled.
        SourceError: The plugins cannot be read.
    """
    with needed(NEEDED):
        body = await client.get(PLUGINS, PLUGINS)
    found = await whole_rows(body, records.PLUGIN, PLUGINS)
    mine = [each for each in found.records if each.id.upper() == POWER_MANAGER]
    if all(_is_off(each) for each in mine) if mine else not found.problems:
        raise NotAvailableError(NEEDED)
    return found


def _is_off(plugin: PluginRecord) -> bool:
    """Whether a flag says that a plugin is not at work."""
    return plugin.installed is False or plugin.enabled is False


async def power_manager_units(client: OmeClient) -> Units:
    """Read the units and the gathering interval.

    Raises:
        NotAvailableError: This user may not see them.
        SourceError: They cannot be read.
    """
    with needed(f"{NEEDED}; the user must be allowed to see its settings"):
        body = await client.get(SETTINGS, SETTINGS)
    return units_from((await whole_rows(body, records.POWER_SETTING, SETTINGS)).records)
