"""Is Power Manager there, and how is it set?"""

from exporter.errors import NotAvailableError
from exporter.sources.drift import NO_DRIFT
from exporter.sources.ome import calls, records
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.listing import whole_rows
from exporter.sources.ome.metrics import Units, units_from
from exporter.sources.ome.missing import needed
from exporter.sources.ome.records import PluginRecord
from exporter.sources.ome.vocabulary import POWER_MANAGER

PLUGINS, SETTINGS = calls.PLUGINS.endpoint, calls.POWER_SETTINGS.endpoint
NEEDED = (
    "the plugin Power Manager is needed: install and enable it on the appliance, "
    "or switch this collector off"
)


class PowerManagerPlugin:
    """What the appliance's list of plugins says about Power Manager.

    A flag that is absent or has another type says nothing; then Power Manager itself answers.
    """

    def __init__(self, client: OmeClient) -> None:
        """Begin without knowledge, so that Power Manager itself is asked."""
        self._client = client
        self._is_missing = False
        self.problems = 0
        """Rows of the latest list that could not be read."""
        self.drift = NO_DRIFT
        """What did not fit in the latest list."""

    async def read(self) -> None:
        """Read the list; where it fails, what was known stays.

        Raises:
            NotAvailableError: The appliance does not give the list to this user.
            SourceError: The list cannot be read.
        """
        self.problems, self.drift = 0, NO_DRIFT
        with needed(NEEDED):
            body = await self._client.get(PLUGINS, PLUGINS)
        found = await whole_rows(body, records.PLUGIN, PLUGINS)
        self.problems, self.drift = found.problems, found.drift
        mine = [each for each in found.records if each.id.upper() == POWER_MANAGER]
        if mine:
            self._is_missing = all(_is_off(each) for each in mine)
        elif not found.problems:
            self._is_missing = True

    def require(self) -> None:
        """Check that Power Manager is at work, as far as that is known.

        Raises:
            NotAvailableError: It is not installed, or not enabled.
        """
        if self._is_missing:
            raise NotAvailableError(NEEDED)


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
