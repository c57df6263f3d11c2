"""How do the alerts about the compliance of firmware and settings behave?"""

from tests.prometheus.of_servers import COM, COM_UP, OME, OME_UP, of_com
from tests.prometheus.scenario import Labels, Scenario, Series, numbered, one_hot, outage, series

FIRMWARE = "serverfleet_server_firmware_compliance"
CONFIG = "serverfleet_server_config_compliance"
_STATES = "compliant noncompliant unknown"


def _fleet(name: str, owner: Labels, **states: int) -> Series:
    """Return the compliance of so many servers of each state."""
    words = [state for state, count in states.items() for _ in range(count)]
    found: dict[str, float | tuple[float, float]] = {}
    for number, word in enumerate(words):
        found |= one_hot(name, numbered(owner, number), _STATES, word)
    return found


def _groups(**states: int) -> Series:
    name = "serverfleet_group_compliance"
    words = [state for state, count in states.items() for _ in range(count)]
    found: dict[str, float | tuple[float, float]] = {}
    for number, word in enumerate(words):
        found |= one_hot(name, COM, f"{_STATES} not_applicable", word, group=f"g{number}")
    return found


def _of_each(name: str, owner: Labels, *values: float, **labels: str) -> Series:
    return {
        series(name, numbered(owner, number), **labels): value
        for number, value in enumerate(values)
    }


_SCORES = _of_each(
    "serverfleet_server_firmware_compliance_score_ratio", COM, 0.9, 0.2, 0.5, 0.4, 1.0
)
_BEHIND = {**_fleet(FIRMWARE, COM, noncompliant=4, compliant=1), **_SCORES}
_UPDATES = {
    **_of_each("serverfleet_server_firmware_noncompliant_components", OME, 1, criticality="urgent"),
    **_of_each(
        "serverfleet_server_firmware_noncompliant_components",
        OME,
        2,
        4,
        criticality="recommended",
    ),
}
_BEHIND_OF_DELL = {**_fleet(FIRMWARE, OME, noncompliant=2, unknown=3), **_UPDATES}
_MANY_BEHIND = _fleet(FIRMWARE, COM, noncompliant=6, compliant=4, unknown=10)
_DRIFTED = _fleet(CONFIG, COM, noncompliant=2, compliant=8)
_MANY_DRIFTED = _fleet(CONFIG, COM, noncompliant=3, compliant=7)
_GROUPS = _groups(noncompliant=2, compliant=1, not_applicable=5)

SCENARIOS = [
    Scenario(
        alert="ServerfleetFirmwareNotCompliant",
        step=240,
        context={COM_UP: 1},
        bad=_BEHIND,
        good=_fleet(FIRMWARE, COM, compliant=4, unknown=1),
        after=1440,
        quiet=outage(COM_UP, _BEHIND),
        outage=outage(COM_UP, _BEHIND),
        labels=of_com("info"),
        summary="emea: servers with other firmware than asked",
        description=(
            "Servers of emea (hpe) whose firmware is not as their group or baseline asks: 4. "
            "Farthest behind: s1, s2, s3."
        ),
        says_then=(
            "emea: servers with other firmware than asked",
            "Servers of emea (hpe) whose firmware is not as their group or baseline asks: 4.",
        ),
    ),
    # Dell tells no score, but how many components are behind.
    Scenario(
        alert="ServerfleetFirmwareNotCompliant",
        step=240,
        context={OME_UP: 1},
        bad=_BEHIND_OF_DELL,
        good=_fleet(FIRMWARE, OME, compliant=2, unknown=3),
        after=1440,
        quiet=outage(OME_UP, _BEHIND_OF_DELL),
        labels={"severity": "info", "scope": "source", **OME},
        summary="frankfurt: servers with other firmware than asked",
        description=(
            "Servers of frankfurt (dell) whose firmware is not as their group or baseline asks: 2. "
            "Farthest behind: s0, s1."
        ),
    ),
    Scenario(
        alert="ServerfleetManyFirmwareNotCompliant",
        step=240,
        context={COM_UP: 1},
        bad=_MANY_BEHIND,
        good=_fleet(FIRMWARE, COM, noncompliant=5, compliant=5, unknown=10),
        after=1440,
        quiet=outage(COM_UP, _MANY_BEHIND),
        outage=outage(COM_UP, _MANY_BEHIND),
        labels=of_com("warning"),
        summary="emea: 60% of the servers have other firmware than asked",
        description=(
            "The firmware of 60% of the servers of emea (hpe) is not as their groups or baselines "
            "ask. Known faults of theirs stay open."
        ),
    ),
    Scenario(
        alert="ServerfleetConfigNotCompliant",
        step=240,
        context={COM_UP: 1},
        bad=_DRIFTED,
        good=_fleet(CONFIG, COM, compliant=10),
        after=1440,
        quiet=outage(COM_UP, _DRIFTED),
        outage=outage(COM_UP, _DRIFTED),
        labels=of_com("info"),
        summary="emea: servers with other settings than asked",
        description=(
            "Servers of emea (hpe) whose settings are not as their group or baseline asks: 2. "
            "Among them: s0, s1."
        ),
        says_then=(
            "emea: servers with other settings than asked",
            "Servers of emea (hpe) whose settings are not as their group or baseline asks: 2.",
        ),
    ),
    Scenario(
        alert="ServerfleetManyConfigNotCompliant",
        step=20,
        context={COM_UP: 1},
        bad=_MANY_DRIFTED,
        good=_fleet(CONFIG, COM, noncompliant=2, compliant=2),
        after=120,
        quiet=outage(COM_UP, _MANY_DRIFTED),
        outage=outage(COM_UP, _MANY_DRIFTED),
        labels=of_com("warning"),
        summary="emea: 30% of the servers have other settings than asked",
        description=(
            "The settings of 30% of the servers of emea (hpe) are not as their groups or baselines "
            "ask. Look for a common cause: a changed template, a tool that writes them back."
        ),
    ),
    Scenario(
        alert="ServerfleetGroupsNotCompliant",
        step=240,
        context={COM_UP: 1},
        bad=_GROUPS,
        good=_groups(noncompliant=1, compliant=1, not_applicable=5),
        after=1440,
        quiet=outage(COM_UP, _GROUPS),
        outage=outage(COM_UP, _GROUPS),
        labels=of_com("info"),
        summary="emea: 66.67% of the groups are not compliant",
        description=(
            "66.67% of the groups (Dell: baselines) of emea (hpe) hold servers that are not as "
            "asked. Among them: g0, g1."
        ),
        says_then=(
            "emea: 66.67% of the groups are not compliant",
            "66.67% of the groups (Dell: baselines) of emea (hpe) hold servers that are not as "
            "asked.",
        ),
    ),
]
