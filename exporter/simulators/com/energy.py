"""The energy of servers over a window, as COM answers it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.com.listing import check_known, filter_of, page_of, wrapped
from exporter.simulators.hashing import noise, unit
from exporter.simulators.load import DAY, JOULES_PER_KWH
from exporter.simulators.machines import ComServer, EnergyOfWindow
from exporter.simulators.odata import Dialect
from exporter.simulators.query import BadQueryError, plain
from exporter.simulators.world import World

REACH: Final = 180 * DAY
"""Seconds into the past and the future that a window may reach."""
HOUR_DELAY: Final = 2 * 3600
DAY_DELAY: Final = 3 * 3600

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True, slots=True)
class Window:
    """A window in Unix seconds, `end` exclusive; data are out up to `published`."""

    begin: float
    end: float
    published: float


def window_of(query: Mapping[str, str], now: float) -> Window:
    """Read `start-date`, `end-date` and `sample-size`.

    Raises:
        BadQueryError: One is missing, of the wrong form, out of reach, or the span is empty.
    """
    size = query.get("sample-size", "1_DAY")
    if size not in ("1_DAY", "1_HOUR", "5_MINS"):
        raise BadQueryError("sample-size", "The sample size is 1_DAY, 1_HOUR or 5_MINS.")
    form = _DATE if size == "1_DAY" else _TIME
    begin = _moment(query, "start-date", form, now)
    end = _moment(query, "end-date", form, now)
    if begin >= end:
        raise BadQueryError("end-date", "The end must be after the start.")
    return Window(begin, end, published(size, now))


def published(sample_size: str, now: float) -> float:
    """Return the Unix second up to which the data of a sample size are out."""
    if sample_size == "1_DAY":
        return (now - DAY_DELAY) // DAY * DAY
    return (now - HOUR_DELAY) // 3600 * 3600


def _moment(query: Mapping[str, str], name: str, form: re.Pattern[str], now: float) -> float:
    text = query.get(name)
    if text is None:
        raise BadQueryError(name, f"The query parameter {name} is required.")
    if not form.fullmatch(text):
        raise BadQueryError(name, f"The value of {name} does not fit the sample size.")
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise BadQueryError(name, f"The value of {name} is no time.") from None
    if abs(moment - now) > REACH + DAY:
        raise BadQueryError(name, f"The value of {name} must be within 180 days of today.")
    return moment


MAX_LIMIT: Final = 1000
ALL_SERVERS: Final = "/compute-ops-mgmt/v1beta1/filters/e7cef8e6-a3f6-4490-b669-136e3ca40617"

NO_RESOURCE: Final = "The resource was not found."
"""A mistake of the query: 404 is none of the path's documented statuses."""

_SERVER_URI: Final = "/compute-ops-mgmt/v1/servers/"
_SORTS: Final = ("co2eKg/collected", "kwh/collected", "cost/collected", "name")
_DETAILS: Final = Dialect(
    fields={
        f"entityDetails/{key}": "text" for key in ("model", "generation", "location", "processor")
    }
)
_SALT_GAP, _SALT_LATE, _SALT_DELAY = 601, 602, 603


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late single servers' data come; when COM publishes is not documented."""

    one_in: int
    """Of so many windows of a server, the data of one come late."""
    most: float
    """Seconds after the window's end at the very latest."""


@dataclass(frozen=True, slots=True)
class _Table:
    """All rows of a window in the wanted order, and the sums over them."""

    rows: tuple[EnergyOfWindow, ...]
    excluded: int
    sums: Mapping[str, Mapping[str, float]]


class Energy:
    """The energy of the fleet, server by server."""

    def __init__(self, world: World) -> None:
        """Measure the servers of a world."""
        self._world = world
        self.late: Lateness | None = None
        """By default the data of a window come for all servers at once."""
        self._table = lru_cache(maxsize=8)(self._computed)

    def by_entity(self, query: Mapping[str, str]) -> Answer:
        """Answer a page of the servers' energy in a window."""
        check_known(
            query, "start-date", "end-date", "sample-size", "aggregate-by", "resource-uri",
            "filter", "excluded-servers", "sort", "offset", "limit",
        )  # fmt: skip
        now = self._world.clock()
        window = window_of(query, now)
        _one_of(query, "aggregate-by", ("SERVER",))
        with_excluded = _one_of(query, "excluded-servers", ("false", "true")) == "true"
        page = page_of(query, MAX_LIMIT)
        filter_of(query, _DETAILS)
        table = self._table(
            window, self._scope(query), query.get("filter"), _sort_of(query), with_excluded,
            (self._world.roster.version, self._world.register.epoch(now), int(now // 300)),
        )  # fmt: skip
        rows = table.rows[page.offset : page.offset + page.limit]
        items = [self._item(row, now) for row in rows]
        document = wrapped(items, page, len(table.rows))
        return Answer({**document, "excluded": table.excluded, **table.sums})

    def _scope(self, query: Mapping[str, str]) -> int | None:
        uri = plain(query.get("resource-uri", ALL_SERVERS))
        if uri == ALL_SERVERS:
            return None
        serial = uri.rpartition("+")[2]
        try:
            slot = self._world.slot_of(serial)
        except KeyError:
            raise BadQueryError("resource-uri", NO_RESOURCE) from None
        if uri != _SERVER_URI + self._world.com_server(slot, self._world.clock()).id:
            raise BadQueryError("resource-uri", NO_RESOURCE)
        return slot

    def _computed(
        self, window: Window, scope: int | None, text: str | None, order: tuple[str, bool],
        with_excluded: bool, changes: tuple[int, int, int],
    ) -> _Table:  # fmt: skip
        del changes  # part of the cache's key only
        slots = [slot for slot in self._in_scope(scope) if self._passes(slot, text)]
        measured = [slot for slot in slots if self._world.has_energy(slot)]
        rows = [self._row(slot, window) for slot in measured]
        sums = self._sums(rows)
        if with_excluded:
            rest = (slot for slot in slots if not self._world.has_energy(slot))
            rows += [EnergyOfWindow(slot, None, 0.0, False) for slot in rest]
        field, descending = order
        rows.sort(key=partial(self._sort_key, field), reverse=descending)
        return _Table(tuple(rows), len(slots) - len(measured), sums)

    def _in_scope(self, scope: int | None) -> list[int]:
        return self._world.roster.com if scope is None else [scope]

    def _passes(self, slot: int, text: str | None) -> bool:
        if text is None:
            return True
        condition = filter_of({"filter": text}, _DETAILS)
        details = _details(self._world.com_server(slot, self._world.clock()))
        return condition is None or condition.matches(lambda path: details.get(path.split("/")[1]))

    def settled(self, slot: int, begin: float, end: float) -> EnergyOfWindow:
        """Return what is said of a window once all of its data are out: the truth for a test."""
        return self._measured(slot, Window(begin, end, end))

    def _row(self, slot: int, window: Window) -> EnergyOfWindow:
        late = self.late
        if late and noise(_SALT_LATE, slot, int(window.begin)) % late.one_in == 0:
            delay = late.most * unit(0, _SALT_DELAY, slot, int(window.begin))
            if self._world.clock() < window.end + delay:
                window = replace(window, published=window.begin)
        return self._measured(slot, window)

    def _measured(self, slot: int, window: Window) -> EnergyOfWindow:
        published = window.published
        # The samples of one server in fifty have a gap: its window is never complete.
        if noise(_SALT_GAP, slot, int(window.begin)) % 50 == 0:
            published = min(published, window.begin + 0.8 * (window.end - window.begin))
        return self._world.energy(slot, window.begin, window.end, published)

    def _sort_key(self, field: str, row: EnergyOfWindow) -> tuple[bool, Any]:
        if field == "name":
            return True, self._world.com_server(row.slot, self._world.clock()).name
        if row.joules is None:
            return False, 0.0
        return True, row.joules * dict(self._factors(row.slot))[field.split("/", maxsplit=1)[0]]

    def _factors(self, slot: int) -> tuple[tuple[str, float], ...]:
        place = self._world.place(slot)
        return (
            ("kwh", 1 / JOULES_PER_KWH),
            ("co2eKg", place.co2e_kg_per_kwh / JOULES_PER_KWH),
            ("cost", place.usd_per_kwh / JOULES_PER_KWH),
        )

    def _sums(self, rows: list[EnergyOfWindow]) -> dict[str, dict[str, float]]:
        sums = {key: [0.0, 0.0] for key in ("kwh", "co2eKg", "cost")}
        for row in rows:
            for key, factor in self._factors(row.slot):
                sums[key][0] += (row.joules or 0.0) * factor
                sums[key][1] += row.projected_joules * factor
        return {
            f"{key}Sums": {"collected": had, "projected": will, "total": had + will}
            for key, (had, will) in sums.items()
        }

    def _item(self, row: EnergyOfWindow, now: float) -> dict[str, Any]:
        server = self._world.com_server(row.slot, now)
        values = {key: _value(row, factor) for key, factor in self._factors(row.slot)}
        return {
            "id": server.id,
            "name": server.name,
            "type": "SERVER",
            "serverCount": 1,
            "entityDetails": _details(server),
            **values,
            "status": "COMPLETE" if row.complete else "PARTIAL",
            "statusReason": "" if row.complete else "DATA_INSUFFICIENT",
        }


def _details(server: ComServer) -> dict[str, Any]:
    found = {
        "model": server.hardware.model,
        "generation": server.hardware.generation,
        "processor": server.processor,
    }
    return found if server.index % 12 == 10 else {**found, "location": server.place.name}


def _value(row: EnergyOfWindow, factor: float) -> dict[str, Any]:
    projected = row.projected_joules * factor
    if row.joules is None:
        return {"projected": projected, "total": projected}
    collected = row.joules * factor
    total = collected + projected
    return {
        "collected": collected,
        "projected": projected,
        "total": total,
        "min": collected * 0.9,
        "max": collected * 1.1,
        "average": collected,
        "percents": {
            "collected": 100 * collected / total if total else 0.0,
            "projected": 100 * projected / total if total else 0.0,
            "total": 100.0,
        },
    }


def _one_of(query: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = query.get(name, allowed[0])
    if value not in allowed:
        raise BadQueryError(name, f"The value of {name} is not supported.")
    return value


def _sort_of(query: Mapping[str, str]) -> tuple[str, bool]:
    field, _, direction = plain(query.get("sort", "co2eKg/collected asc")).partition(" ")
    if field not in _SORTS or direction not in ("", "asc", "desc"):
        raise BadQueryError("sort", "The sort order is not supported.")
    return field, direction == "desc"
