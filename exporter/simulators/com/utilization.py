"""How does COM answer `GET /v1beta1/utilization-by-entity`: the average use of a resource?

A day's data are out three hours after midnight UTC; until then, and for one server in fifty, they
are insufficient. Servers that COM does not measure are only counted.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.com.energy import ALL_SERVERS, NO_RESOURCE, Window, window_of
from exporter.simulators.com.estate import RESOURCES, Estate
from exporter.simulators.com.listing import check_known, page_of, wrapped
from exporter.simulators.hashing import noise
from exporter.simulators.load import DAY
from exporter.simulators.machines import ComServer
from exporter.simulators.query import BadQueryError, plain
from exporter.simulators.world import World

MAX_LIMIT: Final = 1000

_KNOWN: Final = (
    "start-date", "end-date", "resource-uri", "metric-type", "filter-tags", "excluded-servers",
    "sort", "offset", "limit",
)  # fmt: skip
_SORTS: Final = {"": False, "collected/average asc": False, "collected/average desc": True}
_SALT_GAP: Final = 611


class Utilization:
    """The utilization of the fleet, server by server."""

    def __init__(self, world: World, estate: Estate) -> None:
        """Measure the servers of a world."""
        self._world = world
        self._estate = estate

    def by_entity(self, query: Mapping[str, str]) -> Answer:
        """Answer a page of the servers' averages."""
        check_known(query, *_KNOWN)
        now = self._world.clock()
        metric_type = _metric_type(query)
        window = window_of(query, now)
        page = page_of(query, MAX_LIMIT)
        servers = self._in_scope(query, now)
        measured = [server for server in servers if self._estate.is_measured(server)]
        rows = [(server, self._average(server, metric_type, window)) for server in measured]
        if _flag(query, "excluded-servers"):
            rows += [(server, None) for server in servers if not self._estate.is_measured(server)]
        rows.sort(key=lambda row: -1.0 if row[1] is None else row[1], reverse=_order(query))
        items = [_item(*row) for row in rows[page.offset : page.offset + page.limit]]
        return Answer(
            {
                **wrapped(items, page, len(rows)),
                "excluded": len(servers) - len(measured),
                "metricDetails": {"metricType": metric_type, "metricUnit": "Percentage"},
            }
        )

    def _in_scope(self, query: Mapping[str, str], now: float) -> Sequence[ComServer]:
        uri = plain(query.get("resource-uri", ""))
        if not uri:
            raise BadQueryError("resource-uri", "The query parameter resource-uri is required.")
        servers = self._estate.servers(now)
        if uri == ALL_SERVERS:
            return servers
        found = [x for x in servers if uri == f"/compute-ops-mgmt/v1/servers/{x.id}"]
        if not found:
            raise BadQueryError("resource-uri", NO_RESOURCE)
        return found

    def _average(self, server: ComServer, metric_type: str, window: Window) -> float | None:
        last = min(window.end, window.published)
        if noise(_SALT_GAP, server.slot, int(window.begin)) % 50 == 0 or last <= window.begin:
            return None
        days = [window.begin + DAY * n for n in range(int((last - window.begin) // DAY))]
        averages = [self._estate.utilization(server, metric_type, day) for day in days]
        return sum(averages) / len(averages)


def _item(server: ComServer, average: float | None) -> dict[str, Any]:
    item = {"id": server.id, "name": server.name, "type": "SERVER", "metadata": {}}
    if average is None:
        # No figure is required: some records have no object for them, others an empty one.
        empty: dict[str, Any] = {"collected": {}} if server.index % 2 else {}
        return {**item, "status": "PARTIAL", "statusReason": "DATA_INSUFFICIENT", **empty}
    return {
        **item,
        "status": "COMPLETE",
        "statusReason": "",
        "collected": {"average": average, "high": min(100.0, average + 4), "low": average * 0.9},
    }


def _metric_type(query: Mapping[str, str]) -> str:
    found = query.get("metric-type")
    if found not in RESOURCES:
        raise BadQueryError("metric-type", f"The metric type is one of {', '.join(RESOURCES)}.")
    return found


def _order(query: Mapping[str, str]) -> bool:
    order = plain(query.get("sort", ""))
    if order not in _SORTS:
        raise BadQueryError("sort", "The sort order is not supported.")
    return _SORTS[order]


def _flag(query: Mapping[str, str], name: str) -> bool:
    value = query.get(name, "false")
    if value not in ("true", "false"):
        raise BadQueryError(name, f"The value of {name} is true or false.")
    return value == "true"
