"""Which firmware does a server run, and how did its last update end?"""

from enum import StrEnum

from msgspec import Struct


class FirmwareUpdateState(StrEnum):
    """How the last firmware update of a server ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_UPDATED = "not_updated"


class Firmware(Struct, frozen=True, gc=False):
    """Version by component (bios, bmc, …), sorted by component."""

    versions: tuple[tuple[str, str], ...]


class FirmwareUpdate(Struct, frozen=True, gc=False):
    """Outcome of the last firmware update."""

    state: FirmwareUpdateState
