"""How are numbers and times written on the status page? As in assets/words.js."""

_SPANS = ((86400, "d"), (3600, "h"), (60, "min"))
_SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def number(value: float) -> str:
    """Write a whole number."""
    return f"{value:,.0f}"


def span(seconds: float) -> str:
    """Write seconds in the largest unit of which there are at least two."""
    whole = max(0, round(seconds))
    for size, unit in _SPANS:
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def about(seconds: float) -> str:
    """Write seconds that are about right, such as a limit that was noted a moment later."""
    whole = max(0, round(seconds))
    for size, unit in _SPANS:
        if whole >= 1.95 * size:
            return f"{int(whole / size + 0.5)} {unit}"
    return f"{whole} s"


def length(seconds: float) -> str:
    """Write seconds that were set by somebody, exactly."""
    for size, unit in _SPANS:
        if seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def moment(at: float, now: float, *, ahead: bool) -> str:
    """Write a time as a distance from now."""
    if ahead:
        return "due" if at <= now else f"in {span(at - now)}"
    return span(now - at)


def size(value: int) -> str:
    """Write bytes."""
    for unit, name in _SIZES:
        if value >= unit:
            return f"{value / unit:.1f} {name}"
    return f"{value} B"
