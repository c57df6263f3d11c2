"""Are servers, groups and baselines as they should be?"""

from enum import StrEnum

from msgspec import Struct


class ComplianceState(StrEnum):
    """Whether a server is as it should be."""

    COMPLIANT = "compliant"
    NONCOMPLIANT = "noncompliant"
    UNKNOWN = "unknown"


class GroupComplianceState(StrEnum):
    """Whether a group, or what a baseline covers, is as it should be."""

    COMPLIANT = "compliant"
    NONCOMPLIANT = "noncompliant"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class FirmwareCompliance(Struct, frozen=True, gc=False, kw_only=True):
    """How far the firmware of a server is as it should be; the worst of several baselines."""

    state: ComplianceState | None = None
    score: float | None = None
    """From 0 to 1."""
    noncompliant: tuple[tuple[str, int], ...] = ()
    """Components that should be updated, by lower-case criticality."""


class ConfigCompliance(Struct, frozen=True, gc=False):
    """Whether the settings of a server are as they should be."""

    state: ComplianceState


class GroupCompliances(Struct, frozen=True, gc=False):
    """Compliance by group, or by baseline."""

    states: tuple[tuple[str, GroupComplianceState], ...]
