"""Durations, sizes and addresses, as the configuration writes them."""

import ipaddress
import re
from reprlib import repr as shortened
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST = 366 * SECONDS["d"]
"""Seconds: times that follow from a duration stay dates that can be written."""
BYTES = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
LARGEST = BYTES["GiB"]
"""Bytes."""

_DURATION = re.compile(r"(?:[0-9]{1,12}(?:ms|[smhd]))+")
_PART = re.compile(r"([0-9]+)(ms|[smhd])")
_SIZE = re.compile(r"([0-9]{1,9})(B|KiB|MiB|GiB)")
_LISTEN = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]\s]*):(?P<port>[0-9]*)")
_HOST = re.compile(r"(?=.{0,253}\Z)(?:[\w-]{1,63}\.)*[\w-]{0,62}\w\.?")
_LONGEST_PORT = 5


def duration(text: object) -> float:
    """Read a duration such as `30s` or `1h30m`; the result is in seconds.

    Raises:
        ValueError: It is not a duration, not above zero, or longer than `LONGEST`.
    """
    if not isinstance(text, str) or not _DURATION.fullmatch(text):
        raise ValueError(
            "write a duration with its unit, such as 500ms, 30s, 5m, 1h or 1d, "
            f"not {shortened(text)}"
        )
    seconds = sum(int(number) * SECONDS[unit] for number, unit in _PART.findall(text))
    if seconds <= 0:
        raise ValueError("a duration must be above zero")
    if seconds > LONGEST:
        raise ValueError(f"a duration must be at most {duration_text(LONGEST)}")
    return seconds


def size(text: object) -> int:
    """Read a size such as `64MiB`; the result is in bytes.

    Raises:
        ValueError: It is not a size, not above zero, or larger than `LARGEST`.
    """
    match = _SIZE.fullmatch(text) if isinstance(text, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError(
            f"write a size with its unit, such as 512KiB or 64MiB, not {shortened(text)}"
        )
    found = int(match[1]) * BYTES[match[2]]
    if found > LARGEST:
        raise ValueError("a size must be at most 1GiB")
    return found


def count(text: object) -> object:
    """Let every number pass but `true` and `false`, which Python would take for 1 and 0.

    Raises:
        ValueError: It is one of them.
    """
    if isinstance(text, bool):
        raise ValueError("write a number")  # noqa: TRY004 - pydantic reports a ValueError
    return text


def listen_address(text: object) -> tuple[str, int]:
    """Read `host:port`, `:port` (every address) or `[ipv6]:port`.

    Raises:
        ValueError: It is none of them.
    """
    match = _LISTEN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(
            f"write an address as host:port or :port, such as :10450, not {shortened(text)}"
        )
    host, port = match["host"], match["port"]
    if not port or len(port) > _LONGEST_PORT or int(port) > 65535:
        raise ValueError(
            f"write an address with a port of 0 to 65535, such as :10450, not {shortened(text)}"
        )
    if host and not _is_host(host):
        raise ValueError(
            "write an address with a valid host name or IP address, such as 127.0.0.1:10450, "
            f"not {shortened(text)}"
        )
    return host.strip("[]"), int(port)


def _is_host(text: str) -> bool:
    """Return whether a host can exist; as in URLs, a name whose last label is a number cannot."""
    try:
        if text.startswith("["):
            return bool(ipaddress.IPv6Address(text.strip("[]")))
        if text.rpartition(".")[2].isdecimal():
            return bool(ipaddress.IPv4Address(text))
    except ipaddress.AddressValueError:
        return False
    return _HOST.fullmatch(text) is not None


def duration_text(seconds: float) -> str:
    """Write seconds in the shortest exact form that `duration` reads."""
    if seconds < 1 or seconds != int(seconds):
        return f"{round(seconds * 1000)}ms"
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds % SECONDS[unit] == 0)
    return f"{int(seconds / SECONDS[unit])}{unit}"


Duration = Annotated[float, BeforeValidator(duration), PlainSerializer(duration_text)]
Count = Annotated[int, BeforeValidator(count)]
Size = Annotated[int, BeforeValidator(size)]
ListenAddress = Annotated[tuple[str, int], BeforeValidator(listen_address)]
