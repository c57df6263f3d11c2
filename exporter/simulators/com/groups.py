"""How does COM answer `GET /v1/groups` and the compliance of a group, device by device?

The specification has capitals for the state of compliance; live answers have title case.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.com.estate import Appliance, Compliance, Estate, Group
from exporter.simulators.com.listing import (
    arranged,
    check_known,
    filtered,
    offset_time,
    page_of,
    wrapped,
)
from exporter.simulators.com.problems import ProblemError
from exporter.simulators.hashing import uuid_text
from exporter.simulators.machines import ComServer
from exporter.simulators.odata import Dialect
from exporter.simulators.world import World

MAX_LIMIT: Final = 1000

_GROUPS: Final = Dialect(
    fields={
        **dict.fromkeys(("id", "name", "deviceType", "complianceStatus", "securityStatus"), "text"),
        **dict.fromkeys(("createdAt", "updatedAt"), "time"),
    }
)
_REPORTS: Final = Dialect(
    fields={
        **dict.fromkeys(("deviceId", "complianceCategory", "complianceState", "id"), "text"),
        "score": "number",
        "updatedAt": "time",
    }
)
_WORST: Final[tuple[Compliance, ...]] = ("NOT_COMPLIANT", "UNKNOWN", "COMPLIANT")


class Groups:
    """The groups, and what they say of their members."""

    def __init__(self, world: World, estate: Estate) -> None:
        """Show the groups of an estate."""
        self._world = world
        self._estate = estate

    def page(self, query: Mapping[str, str]) -> Answer:
        """Answer the list of groups with their members."""
        check_known(query, "offset", "limit", "filter", "sort")
        page = page_of(query, MAX_LIMIT)
        found = [self._item(group) for group in self._estate.groups(self._world.clock())]
        kept = arranged(found, query, _GROUPS)
        return Answer(wrapped(kept[page.offset : page.offset + page.limit], page, len(kept)))

    def firmware(self, group_id: str, query: Mapping[str, str]) -> Answer:
        """Answer the compliance of a group's firmware, with that of its settings among it."""
        group = self._with(group_id, "has_firmware")
        check_known(query, "filter", "limit", "offset")
        reports = [self._firmware(group, server) for server in group.servers]
        if group.has_settings:
            reports += [self._settings(group, server) for server in group.servers[:3]]
        return _reported(reports, query)

    def settings(self, group_id: str, query: Mapping[str, str]) -> Answer:
        """Answer the compliance of a group's iLO settings."""
        check_known(query, "limit", "offset")
        group = self._with(group_id, "has_settings")
        return _reported([self._settings(group, server) for server in group.servers], query)

    def _with(self, group_id: str, what: str) -> Group:
        for group in self._estate.groups(self._world.clock()):
            if group.id == group_id and getattr(group, what):
                return group
        raise ProblemError(404, f"There is no compliance of the group {group_id}.")

    def _item(self, group: Group) -> dict[str, Any]:
        firmware = _summed(group.has_firmware, map(self._estate.firmware, group.servers))
        settings = _summed(group.has_settings, map(self._estate.settings, group.servers))
        summary = min((firmware, settings), key=(*_WORST, "NOT_APPLICABLE").index)
        verdicts = {
            "summary": _title(summary),
            "firmware": {"status": _title(firmware), "statusReason": ""},
            "iloSettings": {"status": _title(settings), "statusReason": ""},
        }
        item = {
            "id": group.id,
            "type": "compute-mgmt-ops/group",
            "name": group.name,
            "description": None,
            "generation": 1,
            "createdAt": offset_time(1.7e9 + group.number),
            "updatedAt": offset_time(1.7e9 + group.number),
            "deviceType": "OVE_APPLIANCE_VM" if group.appliances else "DIRECT_CONNECT_SERVER",
            "complianceStatus": summary,
            "securityStatus": ("OK", "RISK", "IGNORED", "UNKNOWN")[group.number % 4],
            "devices": [*map(_server, group.servers), *map(_appliance, group.appliances)],
        }
        # Older groups have the plain status only.
        return item if group.number % 7 == 6 else {**item, "groupCompliance": verdicts}

    def _firmware(self, group: Group, server: ComServer) -> dict[str, Any]:
        state = self._estate.firmware(server)
        stale = {
            "componentName": "System ROM",
            "componentFilename": "U46_2.56.fwpkg",
            "expectedVersion": "2.60",
            "installedVersion": "2.56",
        }
        return {
            **_report(group, server, "FIRMWARE", state),
            "score": self._estate.score(server),
            "bundleId": "9b3f4a1c2d5e46f7a8b9c0d1e2f30415",
            "deviations": [stale] if state == "NOT_COMPLIANT" else [],
        }

    def _settings(self, group: Group, server: ComServer) -> dict[str, Any]:
        report = _report(group, server, "ILO_SETTINGS", self._estate.settings(server))
        return {**report, "deviations": []}


def _summed(has: bool, states: Iterable[Compliance]) -> str:
    return min(states, key=_WORST.index) if has else "NOT_APPLICABLE"


def _title(word: str) -> str:
    return word.replace("_", " ").title()


def _server(server: ComServer) -> dict[str, Any]:
    tier = {"subscriptionTier": "ENHANCED"} if server.subscription == "SUBSCRIBED" else {}
    return {
        "type": "compute-ops-mgmt/group/device",
        "deviceId": server.id,
        "serial": server.serial,
        "productId": server.hardware.product_id,
        "overallSecurityStatus": ("OK", "RISK", "UNKNOWN")[server.index % 3],
        "subscriptionState": server.subscription,
        **tier,
    }


def _appliance(appliance: Appliance) -> dict[str, Any]:
    return {
        "type": "compute-ops-mgmt/group/device",
        "deviceId": appliance.device_id,
        "serial": appliance.id,
        "productId": appliance.kind,
    }


def _report(group: Group, server: ComServer, category: str, state: str) -> dict[str, Any]:
    return {
        "id": uuid_text(group.number, server.slot, server.generation, len(category)),
        "groupId": group.id,
        "deviceId": server.id,
        "complianceCategory": category,
        "complianceState": _title(state) if group.number % 2 else state,
        "errorReason": "Inventory is missing" if state == "UNKNOWN" else "",
        "updatedAt": offset_time(server.installed_at + 60),
    }


def _reported(reports: list[dict[str, Any]], query: Mapping[str, str]) -> Answer:
    """Answer everything at once; `limit` and `offset` are taken, though not documented."""
    kept = filtered(reports, query, _REPORTS)
    page = page_of({"limit": str(len(kept)), **query}, max(MAX_LIMIT, len(kept)))
    return Answer(wrapped(kept[page.offset : page.offset + page.limit], page, len(kept)))
