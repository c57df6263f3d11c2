from itertools import product

import pytest
from msgspec import Struct

from exporter.catalogue import OWN_FAMILIES, SERVER_FAMILIES, SOURCE_FAMILIES, Family
from exporter.exposition import render
from exporter.exposition.render import FamilyRenderer
from exporter.exposition.text import labels_text
from exporter.model import (
    ComplianceState,
    Components,
    ConfigCompliance,
    Description,
    Energy,
    EnergyWindows,
    FirmwareCompliance,
    FirmwareUpdate,
    FirmwareUpdateState,
    GroupCompliances,
    GroupComplianceState,
    GroupHealths,
    Health,
    Location,
    Power,
    PowerDraw,
    PowerState,
    Redundancy,
    RedundancyState,
    Status,
    Subscription,
    SubscriptionState,
    Temperatures,
)
from tests.support.exposition import samples
from tests.support.fleet import EVERY_SERVER_FACET, EVERY_SOURCE_FACET

FAMILY = {family.name: family for family in (*SERVER_FAMILIES, *SOURCE_FAMILIES)}
ONE_HOT = [family for family in FAMILY.values() if family.states]
HOSTILE = [
    'quoted "name"',
    "back\\slash\\",
    "two\nlines",
    "Zürich 東京 🚀",
    "x" * 10_000,
    "} 1\nserverfleet_server_health{",
    "%s %d {0} \\n",
    "",
]


def identity(serial: str, name: str = "web1") -> str:
    return labels_text(("source", "vendor", "serial", "server"), ("emea", "hpe", serial, name))


def lines(name: str, *facets: Struct | None) -> list[str]:
    identities = [identity(f"S{number}") for number in range(len(facets))]
    data, count = FamilyRenderer(FAMILY[name]).lines(identities, facets)
    written = data.decode().splitlines()
    assert count == len(written)
    return written


def test_a_number_of_a_server_is_one_line() -> None:
    assert lines("serverfleet_server_power_watts", PowerDraw(212.5)) == [
        'serverfleet_server_power_watts{source="emea",vendor="hpe",serial="S0",server="web1"} 212.5'
    ]


def test_what_the_vendor_did_not_say_makes_no_line() -> None:
    nothing = Status(), None

    assert lines("serverfleet_server_connected", *nothing) == []
    assert lines("serverfleet_server_health", *nothing) == []
    assert lines("serverfleet_server_power_peak_watts", Power(), None) == []
    assert lines("serverfleet_server_location_info", None) == []
    assert lines("serverfleet_server_temperature_celsius", Temperatures(())) == []
    assert lines("serverfleet_server_component_health_severity", Components(())) == []
    end = "serverfleet_server_subscription_end_timestamp_seconds"
    assert lines(end, Subscription(tier="standard")) == []


def test_zero_and_false_are_readings() -> None:
    assert lines("serverfleet_server_power_watts", PowerDraw(0.0))[0].endswith("} 0")
    assert lines("serverfleet_server_connected", Status(connected=False))[0].endswith("} 0")


@pytest.mark.parametrize(
    ("name", "facets"),
    [
        ("serverfleet_server_health", [Status(health=state) for state in Health]),
        ("serverfleet_server_power_state", [Status(power=state) for state in PowerState]),
        (
            "serverfleet_server_redundancy",
            [Redundancy((("fans", state),)) for state in RedundancyState],
        ),
        (
            "serverfleet_server_subscription",
            [Subscription(state=state) for state in SubscriptionState],
        ),
        (
            "serverfleet_server_firmware_update",
            [FirmwareUpdate(state) for state in FirmwareUpdateState],
        ),
        (
            "serverfleet_server_firmware_compliance",
            [FirmwareCompliance(state=state) for state in ComplianceState],
        ),
        (
            "serverfleet_server_config_compliance",
            [ConfigCompliance(state) for state in ComplianceState],
        ),
        ("serverfleet_group_health", [GroupHealths((("g", state),)) for state in Health]),
        (
            "serverfleet_group_compliance",
            [GroupCompliances((("g", state),)) for state in GroupComplianceState],
        ),
    ],
)
def test_a_one_hot_family_has_every_state_and_one_on_the_current(
    name: str, facets: list[Struct]
) -> None:
    written = "\n".join(lines(name, *facets)) + "\n"
    found = {
        (each.labels["serial"], each.labels["state"]): each.value
        for each in samples(written.encode())
    }
    states = FAMILY[name].states

    assert found == {
        (f"S{number}", state): float(state == states[number])
        for number, state in product(range(len(facets)), states)
    }


def test_every_one_hot_family_is_tested() -> None:
    assert len(ONE_HOT) == 9


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_stays_within_its_label(value: str) -> None:
    facets = {
        "serverfleet_server_health": Status(health=Health.OK),
        "serverfleet_server_power_watts": PowerDraw(1),
        "serverfleet_server_info": Description(id=value, model=value, hostname=value),
        "serverfleet_server_location_info": Location(room=value),
        "serverfleet_server_component_health_severity": Components(((value, 1),)),
    }
    for name, facet in facets.items():
        data, count = FamilyRenderer(FAMILY[name]).lines([identity(value, value)], [facet])

        found = samples(data)
        assert len(found) == count
        assert {each.name for each in found} == {name}
        assert {each.labels["server"] for each in found} == {value}
        own = set(FAMILY[name].labels) & {"model", "room", "component"}
        assert all(each.labels[label] == value for each in found for label in own)


def test_text_that_is_no_unicode_does_not_stop_the_others() -> None:
    data, count = FamilyRenderer(FAMILY["serverfleet_server_power_watts"]).lines(
        [identity("S1", "broken \udc80"), identity("S2")], [PowerDraw(1), PowerDraw(2)]
    )

    assert count == 2
    assert 'server="broken ?"' in data.decode()


def test_equal_readings_of_different_servers_keep_their_own_labels() -> None:
    written = lines(
        "serverfleet_server_component_health_severity",
        Components((("fans", 2),)),
        Components((("fans", 2),)),
    )

    assert [("S0" in line, "S1" in line) for line in written] == [(True, False), (False, True)]


def test_the_average_power_of_a_window_is_its_energy_over_its_length() -> None:
    windows = EnergyWindows(hour=Energy(joules=360_000.0), day=Energy(joules=864_000.0))

    for window, watts in (("hour", "100"), ("day", "10")):
        [written] = lines(f"serverfleet_server_power_last_{window}_average_watts", windows)
        assert written.endswith(f"}} {watts}")
        assert lines(f"serverfleet_server_energy_cost_last_{window}", windows) == []


def test_an_energy_that_is_not_known_costs_neither_emissions_nor_cost() -> None:
    windows = EnergyWindows(day=Energy(grams_co2e=7.0, cost_usd=2.0))

    assert lines("serverfleet_server_energy_last_day_joules", windows) == []
    assert lines("serverfleet_server_power_last_day_average_watts", windows) == []
    [grams] = lines("serverfleet_server_co2e_last_day_grams", windows)
    [cost] = lines("serverfleet_server_energy_cost_last_day", windows)
    assert grams.endswith("} 7")
    assert cost.endswith(',currency="USD"} 2')


def test_a_window_that_is_not_known_makes_no_sample() -> None:
    windows = EnergyWindows(day=Energy(joules=864_000.0, grams_co2e=7.0, cost_usd=2.0))

    for name in ("power_last_hour_average_watts", "energy_last_hour_joules"):
        assert lines(f"serverfleet_server_{name}", windows) == []
    for name in ("co2e_last_hour_grams", "energy_cost_last_hour"):
        assert lines(f"serverfleet_server_{name}", windows) == []


def test_more_distinct_readings_than_are_remembered_are_all_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(render, "_MOST_TEMPLATES", 3)
    monkeypatch.setattr(render, "_MOST_LABEL_TEXTS", 3)
    renderer = FamilyRenderer(FAMILY["serverfleet_server_component_health_severity"])
    facets = [Components(((f"part{number % 7}", number % 3),)) for number in range(50)]

    data, count = renderer.lines([identity(str(number)) for number in range(50)], facets)

    found = [
        (each.labels["serial"], each.labels["component"], each.value) for each in samples(data)
    ]
    assert count == 50
    assert found == [(str(each), f"part{each % 7}", float(each % 3)) for each in range(50)]


@pytest.mark.parametrize(
    "family", [each for each in FAMILY.values() if each.expand], ids=lambda each: each.name
)
def test_a_sample_has_a_value_for_each_label_of_its_row(family: Family) -> None:
    examples = {type(each): each for each in (*EVERY_SERVER_FACET, *EVERY_SOURCE_FACET)}
    assert family.read
    assert family.expand
    assert family.facet

    written = list(family.expand(family.read(examples[family.facet])))

    assert written
    counts = {1 if isinstance(labels, str) else len(labels) for labels, _ in written}
    assert counts == {len(family.labels)}


def test_a_row_that_is_kept_live_cannot_be_rendered() -> None:
    with pytest.raises(ValueError, match="serverfleet_source_info"):
        FamilyRenderer(OWN_FAMILIES[0])
