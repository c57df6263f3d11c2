"""Which servers are not as their group or baseline asks?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts.bars import stacked_bars
from grafana.parts.links import to_server_of_row, to_source_of_row
from grafana.parts.page import Section, line
from grafana.parts.queries import equal, of_chosen_models, of_fleet, states_of
from grafana.parts.tables import label, table, value
from grafana.parts.tiles import tile
from grafana.parts.values import COUNT, COVERAGE, FAULTS, ORANGE, STATE_WORDS, WARNINGS, Scale

IDENTITY = "source, vendor, serial, server"
FIRMWARE = "serverfleet_server_firmware_compliance"
SETTINGS = "serverfleet_server_config_compliance"
SCORE = "serverfleet_server_firmware_compliance_score_ratio"
OUTDATED = "serverfleet_server_firmware_noncompliant_components"
OF_GROUPS = "serverfleet_group_compliance"
NOT_AS_ASKED: Scale = Scale(unit="none", words={"1": ("Not compliant", ORANGE)})
PLAIN = Scale(decimals=0)
_RISING = ("not_applicable", "compliant", "unknown", "noncompliant")
OF_A_GROUP = Scale(
    decimals=0,
    words={str(place): STATE_WORDS[state] for place, state in enumerate(_RISING)},
)


def section() -> Section:
    """Describe the row."""
    return Section(
        "Firmware and settings compliance",
        (
            line(8, _by_source(), _settings_by_source(), _baselines(), widths=(7, 7, 10)),
            line(9, _by_model(), _lowest_scores(), _outdated(), widths=(9, 7, 8)),
        ),
    )


def figures() -> list[dashboard.Panel]:
    """Show how many servers are not as asked."""
    return [
        _not_as_asked(
            "Old firmware",
            "Servers whose firmware is not as their group (HPE) or baseline (Dell) asks.",
            FIRMWARE,
        ),
        _not_as_asked(
            "Wrong settings",
            "Servers whose settings are not as their group's iLO settings (HPE) or their "
            "configuration baseline (Dell) ask.",
            SETTINGS,
        ),
    ]


def servers_to_mend() -> dashboard.Panel:
    """List the servers whose firmware or settings are not as asked."""

    def listed(family: str) -> str:
        wrong = f"{of_fleet(family, equal('state', 'noncompliant'))} == 1"
        return f"max by ({IDENTITY}, model) (topk(50, {of_chosen_models(wrong)}))"

    return table(
        "Servers out of compliance",
        "Servers whose firmware or settings are not as their group or baseline asks, 50 of each at "
        "most.",
        [listed(FIRMWARE), listed(SETTINGS)],
        [
            label("server", "Server", link=to_server_of_row()),
            value("A", "Firmware", NOT_AS_ASKED, width=110),
            value("B", "Settings", NOT_AS_ASKED, width=110),
            label("model", "Model"),
            label("source", "Source", width=100),
            label("serial", "Serial number", width=110),
        ],
        order=[("Settings", True), ("Firmware", True)],
        missing="None told",
    )


def _not_as_asked(title: str, text: str, family: str) -> dashboard.Panel:
    wrong = of_fleet(family, equal("state", "noncompliant"))
    told = replace(WARNINGS, missing="None told")
    return tile(title, text, f"sum(max by (source, serial) ({wrong}))", told)


def _by_source() -> dashboard.Panel:
    return _bars(
        "Firmware by source",
        "Servers by the state of their firmware. Servers without a group or baseline are in none.",
        FIRMWARE,
    )


def _settings_by_source() -> dashboard.Panel:
    return _bars(
        "Settings by source",
        "Servers by the state of their settings. Servers whose group or baseline asks for none are "
        "in none.",
        SETTINGS,
    )


def _bars(title: str, text: str, family: str) -> dashboard.Panel:
    each = f"max by (source, serial, state) ({of_fleet(family)})"
    return stacked_bars(
        title, text, f"sum by (source, state) ({each})", ("source", "state"), states_of(family)
    )


def _baselines() -> dashboard.Panel:
    return table(
        "Groups and baselines",
        "What the vendor says of each group (HPE) and of each firmware or configuration baseline "
        "(Dell).",
        [of_groups()],
        [
            label("group", "Group or baseline"),
            value("A", "Compliance", OF_A_GROUP, width=140),
            label("source", "Source", width=110, link=to_source_of_row()),
        ],
        order=[("Compliance", True)],
        missing="None told",
    )


def of_groups() -> str:
    """Give the compliance of groups and baselines as `OF_A_GROUP` reads it, the worst largest."""
    return " + ".join(
        f"{place} * max by (source, vendor, group) ({of_fleet(OF_GROUPS, equal('state', state))})"
        for place, state in enumerate(_RISING)
        if place
    )


def _by_model() -> dashboard.Panel:
    def servers(state: str) -> str:
        each = f"max by (source, serial) ({of_fleet(FIRMWARE, equal('state', state))})"
        return f"sum by (source, model) ({of_chosen_models(each)})"

    return table(
        "Firmware by model",
        "Servers of each model and source by the state of their firmware.",
        [servers(state) for state in states_of(FIRMWARE)],
        [
            label("model", "Model"),
            label("source", "Source", width=100),
            value("B", "Not compliant", WARNINGS, width=120),
            value("A", "Compliant", PLAIN, width=100),
            value("C", "Unknown", PLAIN, width=90),
        ],
        order=[("Not compliant", True)],
        missing="None told",
    )


def _lowest_scores() -> dashboard.Panel:
    scores = of_chosen_models(f"{of_fleet(SCORE)} < 1")
    return table(
        "Lowest firmware scores",
        "How far the firmware is as the group asks, by HPE COM; the 50 lowest below 100 %. Dell "
        "OME counts components instead.",
        [f"min by ({IDENTITY}, model) (bottomk(50, {scores}))"],
        [
            label("server", "Server", link=to_server_of_row()),
            value("A", "Score", COVERAGE, width=75),
            label("model", "Model"),
            label("source", "Source", width=90),
        ],
        order=[("Score", False)],
        missing="None below 100 %",
    )


def _outdated() -> dashboard.Panel:
    components = of_fleet(OUTDATED)
    of_each = f"sum by ({IDENTITY}) (max by ({IDENTITY}, criticality) ({components}))"
    most = f"topk(50, {of_chosen_models(f'{of_each} > 0')})"
    urgent = f"max by ({IDENTITY}) ({of_fleet(OUTDATED, equal('criticality', 'urgent'))})"
    return table(
        "Firmware components to update",
        "Components of a server that its baseline wants updated, the 50 largest numbers. HPE COM "
        "gives a score instead.",
        [most, f"{urgent} and on (source, serial) {most}"],
        [
            label("server", "Server", link=to_server_of_row()),
            value("A", "Components", COUNT, width=110),
            value("B", "Urgent", FAULTS, width=80),
            label("model", "Model"),
            label("source", "Source", width=90),
        ],
        order=[("Urgent", True), ("Components", True)],
        missing="None told",
    )
