import pytest

from exporter.model import (
    AlertCounts,
    AlertSeverity,
    Components,
    Description,
    FirmwareUpdate,
    FirmwareUpdateState,
    Health,
    PowerState,
    Redundancy,
    RedundancyState,
    Status,
)
from exporter.status.attention import FACETS, Case, Readings, Severity, case_of, reasons_of
from tests.support.fleet import EVERY_SERVER_FACET, server


def alerts(critical: int, warning: int = 0) -> AlertCounts:
    return AlertCounts(((AlertSeverity.CRITICAL, critical), (AlertSeverity.WARNING, warning)))


def case(readings: Readings) -> Case | None:
    return case_of("emea", "hpe", server(1), readings)


WELL = Readings(
    status=Status(health=Health.OK, power=PowerState.ON, connected=True),
    components=Components((("fans", 0),)),
    redundancy=Redundancy((("fans", RedundancyState.REDUNDANT),)),
    alerts=alerts(0, 3),
    update=FirmwareUpdate(FirmwareUpdateState.OK),
    description=Description(id="id-1"),
)


@pytest.mark.parametrize(
    ("readings", "severity", "words"),
    [
        (Readings(status=Status(health=Health.CRITICAL)), "critical", "health critical"),
        (Readings(status=Status(health=Health.WARNING)), "warning", "health warning"),
        (Readings(status=Status(health=Health.UNKNOWN)), "unknown", "health unknown"),
        (Readings(status=Status(connected=False)), "warning", "not connected to its management"),
        (
            Readings(components=Components((("power_supplies", 2),))),
            "critical",
            "power supplies critical",
        ),
        (Readings(components=Components((("fans", 1),))), "warning", "fans warning"),
        (
            Readings(redundancy=Redundancy((("fans", RedundancyState.NON_REDUNDANT),))),
            "warning",
            "redundancy of fans lost",
        ),
        (
            Readings(redundancy=Redundancy((("fans", RedundancyState.FAILED),))),
            "critical",
            "redundancy of fans failed",
        ),
        (Readings(alerts=alerts(1)), "critical", "1 critical alert open"),
        (Readings(alerts=alerts(2)), "critical", "2 critical alerts open"),
        (
            Readings(update=FirmwareUpdate(FirmwareUpdateState.FAILED)),
            "warning",
            "last firmware update failed",
        ),
    ],
)
def test_a_server_needs_attention_for_what_the_alerts_fire_on(
    readings: Readings, severity: str, words: str
) -> None:
    assert list(reasons_of(readings)) == [(severity, words)]


@pytest.mark.parametrize(
    "readings",
    [
        Readings(),
        WELL,
        Readings(status=Status(health=None, connected=None)),
        Readings(status=Status(health=Health.OK, power=PowerState.OFF)),
        Readings(alerts=alerts(0, 5)),
    ],
    ids=["nothing known", "well", "not said", "off", "vendor warnings"],
)
def test_a_server_that_is_well_or_only_off_does_not(readings: Readings) -> None:
    assert case(readings) is None


def test_a_server_in_maintenance_may_be_disconnected() -> None:
    assert case(Readings(status=Status(connected=False, maintenance=True))) is None


def test_a_case_has_the_worst_severity_and_the_worst_reasons_first() -> None:
    status = Status(health=Health.WARNING, power=PowerState.ON, maintenance=True)

    found = case(
        Readings(
            status=status,
            components=Components((("fans", 1), ("storage", 2))),
            description=Description(id="id-1", model="ProLiant DL380", bmc_address="2001:db8::1"),
        )
    )

    assert found == Case(
        severity=Severity.CRITICAL,
        server="host1",
        serial="SN1",
        source="emea",
        vendor="hpe",
        model="ProLiant DL380",
        power="on",
        maintenance=True,
        bmc_address="2001:db8::1",
        reasons=("storage critical", "health warning", "fans warning"),
    )


def test_every_reading_that_is_asked_for_is_one_that_collectors_give() -> None:
    assert set(FACETS) <= {type(facet) for facet in EVERY_SERVER_FACET}
    assert len(FACETS) == len(Readings._fields)
