"""What did somebody set by hand on one machine, and what does its state become by it?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, get_args

from exporter.simulators.episodes import COMPONENTS, Health, Power, Situation

HEALTHS: Final[tuple[Health, ...]] = get_args(Health)
POWERS: Final[tuple[Power, ...]] = get_args(Power)
SEVERITIES: Final = ("CRITICAL", "WARNING", "OK", "UNKNOWN")
FURTHER_COMPONENTS: Final = (
    "smart_storage", "liquid_cooling", "air_filter", "health_led", "battery", "voltage",
    "current", "intrusion", "sel", "system",
)  # fmt: skip

_RANK: Final[Mapping[Health, int]] = {"OK": 0, "UNKNOWN": 1, "WARNING": 2, "CRITICAL": 3}
_FIELDS: Final = ("health", "power", "connected", "component", "alerts")


@dataclass(frozen=True, slots=True)
class AlertWish:
    """One open alert that a machine shall have."""

    severity: str
    component: str = "system"


@dataclass(frozen=True, slots=True)
class Override:
    """What holds for the machine in `slot` from the Unix second `at` on; None leaves its course.

    `alerts` are all open alerts of the machine; where it is None they follow from `health`.
    """

    slot: int
    at: float
    health: Health | None = None
    power: Power | None = None
    connected: bool | None = None
    components: Mapping[str, Health] = field(default_factory=lambda: MappingProxyType({}))
    alerts: tuple[AlertWish, ...] | None = None

    def applied(self, situation: Situation) -> Situation:
        """Return a state with everything set that was set by hand."""
        wished: dict[str, Any] = {"changed_at": max(self.at, situation.changed_at)}
        if self.health is not None or self.components:
            health, parts = self._health(situation)
            wished |= {"health": health, "components": parts, "rated": True}
        if self.power is not None:
            wished["power"] = self.power
        if self.connected is not None:
            wished["connected"] = self.connected
        return replace(situation, **wished)

    def open_alerts(self) -> tuple[AlertWish, ...] | None:
        """Return the alerts the machine has by this override, None if its own course decides."""
        if self.alerts is not None:
            return self.alerts
        if self.health is None and not self.components:
            return None
        found = tuple(
            AlertWish(health, component)
            for component, health in self.components.items()
            if health in ("WARNING", "CRITICAL")
        )
        if not found and self.health in ("WARNING", "CRITICAL"):
            return (AlertWish(self.health, "storage"),)
        return found

    def _health(self, situation: Situation) -> tuple[Health, Mapping[str, Health]]:
        if self.health is None:
            parts = {**situation.components, **self.components}
            worst = max((*parts.values(), situation.health), key=_RANK.__getitem__)
            return worst, _not_ok(parts)
        parts = dict(self.components)
        if not parts and self.health in ("WARNING", "CRITICAL"):
            parts = {"storage": self.health}
        return self.health, _not_ok(parts)


def override_from(wishes: Mapping[str, Any], slot: int, at: float) -> Override:
    """Check the wishes and make an override of them.

    Args:
        wishes: `health`, `power`, `connected`, `component` (a mapping of component to health) and
            `alerts` (severities, or mappings with `severity` and `component`).
        slot: The slot of the machine.
        at: Unix seconds from which on it holds.

    Raises:
        ValueError: A key or a value is unknown.
    """
    unknown = sorted(set(wishes) - set(_FIELDS))
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; known: {', '.join(_FIELDS)}")
    connected = wishes.get("connected")
    if connected is not None and not isinstance(connected, bool):
        raise ValueError("connected is true or false")
    return Override(
        slot=slot,
        at=at,
        health=_one_of(wishes.get("health"), HEALTHS, "health"),
        power=_one_of(wishes.get("power"), POWERS, "power"),
        connected=connected,
        components=MappingProxyType(_components(wishes.get("component"))),
        alerts=_alerts(wishes.get("alerts")),
    )


def _one_of(value: Any, known: tuple[Any, ...], name: str) -> Any:
    if value is not None and value not in known:
        raise ValueError(f"{name} is one of {', '.join(known)}")
    return value


def _components(given: Any) -> dict[str, Health]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ValueError("component is a mapping of component to health")  # noqa: TRY004
    known = COMPONENTS + FURTHER_COMPONENTS
    return {
        str(_one_of(name, known, "component")): _one_of(health, HEALTHS, f"component {name}")
        for name, health in given.items()
    }


def _alerts(given: Any) -> tuple[AlertWish, ...] | None:
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ValueError("alerts is a list")  # noqa: TRY004
    return tuple(_alert(each) for each in given)


def _alert(given: Any) -> AlertWish:
    wish = {"severity": given} if isinstance(given, str) else dict(given)
    severity = _one_of(wish.get("severity", "").upper(), SEVERITIES, "severity")
    return AlertWish(severity, str(wish.get("component", "system")))


def _not_ok(parts: Mapping[str, Health]) -> dict[str, Health]:
    return {name: health for name, health in parts.items() if health != "OK"}
