"""How does Grafana write a number with its unit?"""

import math
from collections.abc import Callable, Sequence
from functools import partial

Writer = Callable[[float, int | None], str]

SUFFIX = "suffix:"
"""What stands behind it is written after the number as it is."""
_SI = ("f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi")
_SHORT = ("", " K", " Mil", " Bil", " Tri")
_COUNTS = ("", "K", "M", "B", "T")
_SECONDS = (
    (1e-6, 1e-9, "ns"),
    (1e-3, 1e-6, "µs"),
    (1.0, 1e-3, "ms"),
    (60.0, 1.0, "s"),
    (3600.0, 60.0, "mins"),
    (86400.0, 3600.0, "hours"),
    (604800.0, 86400.0, "days"),
    (31536000.0, 604800.0, "weeks"),
    (math.inf, 31556900.0, "years"),
)
"""Below which size (in seconds) a unit is taken, its length, and its name."""
_DAYS = ((7.0, 1.0, "days"), (365.0, 7.0, "weeks"), (math.inf, 365.0, "years"))
_PLURALS = ("mins", "hours", "days", "weeks", "years")
_AGO = (
    (45.0, 1.0, "{} seconds"),
    (90.0, 90.0, "a minute"),
    (2700.0, 60.0, "{} minutes"),
    (5400.0, 5400.0, "an hour"),
    (79200.0, 3600.0, "{} hours"),
    (129600.0, 129600.0, "a day"),
    (math.inf, 86400.0, "{} days"),
)


def written(value: float, unit: str, decimals: int | None, now: float = 0.0) -> str:
    """Write a value; `now` is a Unix time, for units that count from it."""
    if unit == "dateTimeFromNow":
        return _from_now(value / 1000, now)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if unit.startswith(SUFFIX):
        return f"{fixed(value, decimals)} {unit.removeprefix(SUFFIX)}"
    return _WRITERS[unit](value, decimals)


def fixed(value: float, decimals: int | None) -> str:
    """Write a number; without a number of decimals it has about three significant digits."""
    places = _decimals(value) if decimals is None else decimals
    # Halves go up, as in a browser; Python's own rounding would take 2.5 to 2.
    rounded = math.floor(value * 10.0**places + 0.5) / 10.0**places
    return f"{rounded + 0.0:.{places}f}"


def _decimals(value: float) -> int:
    if value == 0 or value % 1 == 0:
        return 0
    exponent = math.floor(math.log10(abs(value)))
    shown = 1 - exponent
    return max(0, shown + (1 if value / 10.0**-shown > 2.25 else 0))


def _scaled(
    value: float, decimals: int | None, *, factor: float, names: Sequence[str], offset: int = 0
) -> str:
    power = 0 if value == 0 else math.floor(math.log(abs(value)) / math.log(factor) + 1e-12)
    power = max(-offset, min(power, len(names) - offset - 1))
    return fixed(value / factor**power, decimals) + names[offset + power]


def _prefixed(unit: str, offset: int = 0) -> Writer:
    names = [f" {prefix}{unit}" for prefix in _SI]
    return partial(_scaled, factor=1000.0, names=names, offset=_SI.index("") + offset)


def _counted(unit: str) -> Writer:
    return partial(_scaled, factor=1000.0, names=[f"{count} {unit}" for count in _COUNTS])


def _suffixed(suffix: str, times: float = 1.0) -> Writer:
    return lambda value, decimals: fixed(value * times, decimals) + suffix


def _stepped(
    value: float, decimals: int | None, *, steps: Sequence[tuple[float, float, str]]
) -> str:
    _, length, name = next(step for step in steps if abs(value) < step[0])
    if value == 0:
        name = "s" if steps is _SECONDS else name
    text = fixed(value / length, decimals)
    one = text == "1" and name in _PLURALS
    return f"{text} {name.removesuffix('s') if one else name}"


def _dollars(value: float, decimals: int | None) -> str:
    text = _scaled(abs(value), decimals, factor=1000.0, names=_COUNTS)
    return f"-${text}" if value < 0 else f"${text}"


def _from_now(time: float, now: float) -> str:
    distance = abs(now - time)
    _, length, words = next(step for step in _AGO if distance < step[0])
    text = words.format(round(distance / length))
    return f"{text} ago" if time <= now else f"in {text}"


_WRITERS: dict[str, Writer] = {
    "none": fixed,
    "short": partial(_scaled, factor=1000.0, names=_SHORT),
    "percent": _suffixed("%"),
    "percentunit": _suffixed("%", 100.0),
    "celsius": _suffixed(" °C"),
    "watt": _prefixed("W"),
    "kwatth": _prefixed("Wh", 1),
    "massg": _prefixed("g"),
    "masst": _suffixed(" t"),
    "masskg": _prefixed("g", 1),
    "currencyUSD": _dollars,
    "s": partial(_stepped, steps=_SECONDS),
    "d": partial(_stepped, steps=_DAYS),
    "bytes": partial(_scaled, factor=1024.0, names=[f" {prefix}B" for prefix in _BINARY]),
    "Bps": _prefixed("B/s"),
    "binBps": partial(_scaled, factor=1024.0, names=[f" {prefix}B/s" for prefix in _BINARY]),
    "reqps": _counted("req/s"),
    "ops": _counted("ops/s"),
    "cps": _counted("c/s"),
}
UNITS = frozenset({*_WRITERS, "dateTimeFromNow"})
"""The units that can be written."""
