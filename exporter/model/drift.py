"""Which fields of an API do not fit what we know of it?"""

from enum import StrEnum

from msgspec import Struct


class DriftKind(StrEnum):
    """In which way a field of an API does not fit what we know of it."""

    UNKNOWN_VALUES = "unknown_values"
    MISSING = "missing"


class DriftedField(Struct, frozen=True, gc=False):
    """A field of an API that does not fit what we know of it: the vendor has changed something."""

    kind: DriftKind
    name: str
    """In the API's own words, such as `hardware.health.summary`."""
    records: int
    """With an unknown value, or without the field; then these are all that should have it."""
    values: tuple[str, ...] = ()
    """Some of the unknown values, shortened, the commonest first."""

    def __str__(self) -> str:
        if self.kind is DriftKind.MISSING:
            return f"{self.name} is missing from all {self.records} record(s) that should have it"
        named = f": {', '.join(self.values)}" if self.values else ""
        return f"{self.name} has values that are not known, in {self.records} record(s){named}"
