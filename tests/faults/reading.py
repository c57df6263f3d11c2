"""What stands on a page? Read line by line: the matrix reads thousands of pages."""

import re
from collections.abc import Iterator, Mapping

LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def lines(page: bytes) -> Mapping[str, str]:
    """Return values by series, both as they are written; a series that comes twice fails."""
    found: dict[str, str] = {}
    for line in page.decode().splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            assert name not in found, f"{name} is served twice"
            found[name] = value
    return found


def samples(page: bytes, names: str) -> Iterator[tuple[dict[str, str], float]]:
    """Give labels and value of every sample of the names that an expression fits."""
    of_name = re.compile(rf"(?:{names})\{{")
    for line in page.decode().splitlines():
        if of_name.match(line):
            labels, _, value = line.rpartition(" ")
            yield dict(LABEL.findall(labels)), float(value)
