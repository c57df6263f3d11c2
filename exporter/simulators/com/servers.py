"""How does COM answer `GET /compute-ops-mgmt/v1/servers` and `/servers/{id}`?"""

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.com.listing import (
    Tree,
    check_known,
    filter_of,
    page_of,
    selected,
    selection,
    wrapped,
)
from exporter.simulators.com.problems import ProblemError
from exporter.simulators.com.server_record import FIELDS, HEALTH_KEYS, keys_of, record
from exporter.simulators.machines import ComServer
from exporter.simulators.odata import Dialect, Filter
from exporter.simulators.query import plain
from exporter.simulators.world import World

MAX_LIMIT: Final = 100

_REDUNDANCIES: Final = ("fanRedundancy", "liquidCoolingRedundancy", "powerSupplyRedundancy")
_HEALTH: Final = tuple(
    f"hardware/health/{key}" for key in ("summary", *HEALTH_KEYS.values(), *_REDUNDANCIES)
)
_TEXTS: Final = (
    *_HEALTH,
    *(f"hardware/{key}" for key in ("serialNumber", "model", "uuid", "productId", "manufacturer",
                                    "formFactor", "platform", "powerState", "indicatorLed")),
    *(f"hardware/bmc/{key}" for key in ("mac", "ip", "hostname", "license", "model", "version")),
    *(f"host/{key}" for key in ("osName", "osVersion", "hostname", "osDescription")),
    *(f"oneview/{key}" for key in ("applianceUri", "name", "state")),
    *(f"state/{key}" for key in ("subscriptionState", "subscriptionTier", "subscriptionKey")),
    *(f"lastFirmwareUpdate/{key}" for key in ("status", "attemptedBaselineUri",
                                              "bundleUpdateMethod")),
)  # fmt: skip
_NESTED: Final[Mapping[str, str]] = {
    **dict.fromkeys(_TEXTS, "text"),
    "hardware/memoryMb": "number",
    "host/osType": "number",
    "state/managed": "bool",
    "state/connected": "bool",
    "oneview/maintenanceMode": "bool",
    "lastFirmwareUpdate/downgrade": "bool",
    "lastFirmwareUpdate/installSwDrivers": "bool",
    "lastFirmwareUpdate/powerOff": "bool",
    "state/connectedModifiedAt": "time",
    "state/subscriptionExpiresAt": "time",
    "lastFirmwareUpdate/attemptedAt": "time",
    "lastFirmwareUpdate/completedAt": "time",
}
_WHOLE: Final = ("hardware", "hardware/health", "hardware/bmc", "host", "oneview",
                 "lastFirmwareUpdate")  # fmt: skip
SELECTABLE: Final = (
    *FIELDS, *_NESTED, "hardware/health", "hardware/bmc", "hardware/bmc/userDefined",
    "appliance/applianceId", "appliance/applianceUri",
    "lastFirmwareUpdate/firmwareInventoryUpdates",
)  # fmt: skip
FILTERABLE: Final = Dialect(
    fields={
        **_NESTED,
        **dict.fromkeys(_WHOLE, "text"),
        **dict.fromkeys(
            ("biosFamily", "deviceClaimType", "firmwareBundleUri", "id", "managedBy", "name",
             "lastFullInventoryCollectionPowerState", "platformFamily", "processorVendor",
             "resourceUri", "serverGeneration"), "text",
        ),
        **dict.fromkeys(("autoIloFwUpdate", "maintenanceMode"), "bool"),
        **dict.fromkeys(
            ("createdAt", "lastFullInventoryCollectionAt", "lastServerLogCollectionAt"), "time",
        ),
    }
)  # fmt: skip


class Servers:
    """The servers' list and its items."""

    def __init__(self, world: World) -> None:
        """Show the servers of a world."""
        self._world = world
        self._found = lru_cache(maxsize=16)(self._search)

    def page(self, query: Mapping[str, str]) -> Answer:
        """Answer the list; there is no `sort`, and other parameters are refused as well."""
        check_known(query, "offset", "limit", "filter", "select")
        page = page_of(query, MAX_LIMIT)
        tree = _selection(query)
        t = self._world.clock()
        condition = filter_of(query, FILTERABLE)
        if condition is None:
            total = len(self._world.roster.com)
            epoch = self._world.register.epoch(t)
            slots = self._world.roster.com_order(page.offset, page.limit, epoch)
        else:
            found = self._matching(query["filter"], condition, t)
            total, slots = len(found), found[page.offset : page.offset + page.limit]
        items = [_shown(self._world.com_server(slot, t), tree) for slot in slots]
        return Answer(wrapped(items, page, total))

    def one(self, server_id: str, query: Mapping[str, str]) -> Answer:
        """Answer a single server."""
        check_known(query, "select")
        tree = _selection(query)
        return Answer(_shown(self.server(server_id), tree))

    def server(self, server_id: str) -> ComServer:
        """Return the server with an id.

        Raises:
            ProblemError: There is none, 404.
        """
        server = self._lookup(server_id, self._world.clock())
        if server is None:
            raise ProblemError(404, f"The server {server_id} was not found.")
        return server

    def _lookup(self, server_id: str, t: float) -> ComServer | None:
        try:
            slot = self._world.slot_of(server_id.rpartition("+")[2])
        except KeyError:
            return None
        if slot & 1:
            return None
        server = self._world.com_server(slot, t)
        return server if server.id == server_id else None

    def _matching(self, text: str, condition: Filter, t: float) -> list[int]:
        wanted = condition.pinned.get("id")
        if wanted is not None:
            server = self._lookup(str(wanted), t)
            matches = server is not None and condition.matches(partial(_resolve, server))
            return [server.slot] if server is not None and matches else []
        changes = self._world.changes, self._world.roster.version
        return self._found(_Question(text, condition), int(t), changes)

    def _search(self, question: "_Question", second: int, changes: tuple[int, int]) -> list[int]:
        del changes  # part of the cache's key only
        t = max(float(second), self._world.clock())
        count = len(self._world.roster.com)
        slots = self._world.roster.com_order(0, count, self._world.register.epoch(t))
        return [
            slot
            for slot in slots
            if question.condition.matches(partial(_resolve, self._world.com_server(slot, t)))
        ]


class _Question:
    """A search; two are the same if their words are."""

    def __init__(self, text: str, condition: Filter) -> None:
        self.condition = condition
        self._text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Question) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def _selection(query: Mapping[str, str]) -> Tree | None:
    return selection(plain(query["select"]), SELECTABLE) if "select" in query else None


def _shown(server: ComServer, tree: Tree | None) -> dict[str, Any]:
    if tree is None:
        return record(server)
    return selected(keys_of(server), partial(_field, server), tree)


def _field(server: ComServer, key: str) -> Any:
    return FIELDS[key](server)


def _resolve(server: ComServer, path: str) -> Any:
    # Filtering by `name` compares the serial number, not the name that is shown.
    if path == "name":
        return server.serial
    key, *rest = path.split("/")
    if key not in keys_of(server):
        return None
    value = FIELDS[key](server)
    for step in rest:
        value = value.get(step) if isinstance(value, dict) else None
    return value
