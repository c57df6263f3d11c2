"""Names, labels, numbers and headers in the two text formats of Prometheus."""

from collections.abc import Iterable, Sequence
from enum import Enum

import msgspec

from exporter.catalogue.family import Family


class Format(Enum):
    """A text format of Prometheus, by its media type."""

    TEXT = "text/plain; version=0.0.4; charset=utf-8"
    OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


_JSON = msgspec.json.Encoder()
_NOT_NUMBERS = ("null", '"', "[", "{")
"""What JSON makes of numbers that are not finite, and of what is no number."""
UNITS = ("seconds", "bytes", "joules", "watts", "celsius", "ratio", "grams")


def unit_of(family: Family) -> str:
    """Return the unit that ends the name, or the empty string."""
    last = family.name.removesuffix("_total").rpartition("_")[2]
    return last if last in UNITS else ""


def header(family: Family, kind: Format) -> str:
    """Write the lines that come before the samples of a family."""
    text = family.help.replace("\\", "\\\\").replace("\n", "\\n")
    if kind is Format.TEXT:
        return f"# HELP {family.name} {text}\n# TYPE {family.name} {family.kind}\n"
    name = family.name.removesuffix("_total") if family.kind == "counter" else family.name
    unit = unit_of(family)
    unit_line = f"# UNIT {name} {unit}\n" if unit else ""
    return f"# HELP {name} {text}\n# TYPE {name} {family.kind}\n{unit_line}"


def escaped(value: str) -> str:
    """Escape a label value."""
    if "\\" in value or '"' in value or "\n" in value:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return value


def all_escaped(values: tuple[str, ...]) -> tuple[str, ...]:
    """Escape label values; few need it, so all are looked through at once."""
    together = "".join(values)
    if "\\" in together or '"' in together or "\n" in together:
        return tuple(map(escaped, values))
    return values


def labels_format(names: Iterable[str]) -> str:
    """Write labels without their braces, with a `%s` for each escaped value."""
    return ",".join(f'{name}="%s"' for name in names)


def labels_text(names: Iterable[str], values: Iterable[str]) -> str:
    """Write labels without their braces."""
    return labels_format(names) % all_escaped(tuple(values))


def number_text(value: float) -> str:
    """Write a number; whole ones without a fraction."""
    text = repr(value + 0)  # a bool becomes a number
    return text[:-2] if text[-2:] == ".0" else text


def number_texts(values: Sequence[float]) -> list[str]:
    """Write numbers, all at once: that takes a fraction of what `number_text` takes for each.

    Raises:
        TypeError: A value is not a number.
    """
    try:
        text = _JSON.encode(values).decode()[1:-1]
    except OverflowError:  # a whole number of more than 64 bits
        text = ""
    if not text or any(odd in text for odd in _NOT_NUMBERS):
        return [number_text(value) for value in values]
    text = text.replace("true", "1").replace("false", "0")
    return text.replace(".0,", ",").removesuffix(".0").split(",")
