"""What stands on a page? Read line by line: the matrix reads thousands of pages."""

import re
from collections.abc import Iterator, Mapping

_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def lines(page: bytes) -> Mapping[str, str]:
    """Return values by series, both as they are written; a series that comes twice fails."""
    found: dict[str, str] = {}
    for line in page.decode().splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            assert name not in found, f"{name} is served twice"
            found[name] = value
    return found


def samples(page: bytes, name: str) -> Iterator[tuple[dict[str, str], float]]:
    """Give labels and value of every sample of a name."""
    for line in page.decode().splitlines():
        if line.startswith(name + "{"):
            labels, _, value = line.rpartition(" ")
            yield dict(_LABEL.findall(labels)), float(value)
