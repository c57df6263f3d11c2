"""How is a field of a panel read: its name, text and colour, after all overrides?"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grafana.gallery.colours import TEXT, classic, colour
from grafana.gallery.units import written

Value = float | str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings of one field, and the time at which it is read (Unix seconds)."""

    settings: Mapping[str, Any]
    now: float = 0.0

    @property
    def unit(self) -> str:
        """The unit."""
        return str(self.settings.get("unit") or "none")

    @property
    def missing(self) -> str:
        """What stands where there is no value."""
        return str(self.settings.get("noValue") or "")

    @property
    def width(self) -> int | None:
        """The width of a column in pixels, if it is set."""
        return self.settings.get("custom.width")

    @property
    def cell(self) -> str:
        """How a cell of a table shows its colour."""
        return str(self.settings.get("custom.cellOptions", {}).get("type", "auto"))

    @property
    def is_link(self) -> bool:
        """Whether a click leads somewhere."""
        return bool(self.settings.get("links"))

    def named(self, name: str) -> str:
        """Give the name that is shown for a field."""
        return str(self.settings.get("displayName") or name)

    def text(self, value: float | str | None) -> str:
        """Write a value."""
        if value is None:
            return self.missing
        word = self._word(value)
        if word and word.get("text"):
            return str(word["text"])
        if isinstance(value, str):
            return value
        return written(value, self.unit, self.settings.get("decimals"), self.now)

    def colour(self, value: float | str | None, index: int = 0) -> str:
        """Give the colour of a value, or of the series at a place in the palette."""
        word = self._word(value)
        if word and word.get("color"):
            return colour(word["color"])
        mode = self.settings.get("color", {})
        if mode.get("mode") == "fixed":
            return colour(mode["fixedColor"])
        if mode.get("mode") == "thresholds":
            return self._by_threshold(value)
        return classic(index)

    def judged(self, value: float | str | None) -> str:
        """Give the colour of a cell's text: that of its value, if anything judges it."""
        if self.cell == "auto":
            return TEXT
        return self.colour(value)

    @property
    def thresholds(self) -> list[tuple[float, str]]:
        """The colour from each value on."""
        steps = self.settings.get("thresholds", {}).get("steps", [])
        return [
            (-math.inf if step["value"] is None else step["value"], colour(step["color"]))
            for step in steps
        ]

    def _by_threshold(self, value: float | str | None) -> str:
        number = value if isinstance(value, int | float) else -math.inf
        reached = [step for least, step in self.thresholds if number >= least]
        return reached[-1] if reached else TEXT

    def _word(self, value: float | str | None) -> Mapping[str, Any] | None:
        key = value if isinstance(value, str) else ""
        if isinstance(value, int | float) and float(value).is_integer():
            key = str(int(value))
        for mapping in self.settings.get("mappings", []):
            found: Mapping[str, Any] | None = _MAPPED[mapping["type"]](
                mapping["options"], value, key
            )
            if found:
                return found
        return None


def _for_value(options: Mapping[str, Any], _: Value, key: str) -> Any:
    return options.get(key)


def _for_no_value(options: Mapping[str, Any], value: Value, _: str) -> Any:
    if options["match"] != "null+nan":
        raise ValueError(f"value mappings of {options['match']} are not drawn")
    absent = value is None or (isinstance(value, float) and math.isnan(value))
    return options["result"] if absent else None


_MAPPED: Mapping[str, Callable[[Mapping[str, Any], Value, str], Any]] = {
    "value": _for_value,
    "special": _for_no_value,
}


def reading(panel: Mapping[str, Any], name: str, letter: str = "", now: float = 0.0) -> Reading:
    """Read a field by its name and by the letter of its query."""
    config = panel.get("fieldConfig", {})
    settings = dict(config.get("defaults", {}))
    for key, value in settings.pop("custom", {}).items():
        settings[f"custom.{key}"] = value
    for override in config.get("overrides", []):
        if _concerns(override["matcher"], name, letter):
            settings.update(_properties(override))
    return Reading(settings, now)


def _properties(override: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for each in override["properties"]:
        yield each["id"], each["value"]


def _concerns(matcher: Mapping[str, Any], name: str, letter: str) -> bool:
    option = matcher.get("options")
    match matcher["id"]:
        case "byName":
            return bool(option == name)
        case "byFrameRefID":
            return bool(option == letter)
        case "byRegexp":
            return re.search(str(option).strip("/"), name) is not None
    raise ValueError(f"overrides by {matcher['id']} are not drawn")
