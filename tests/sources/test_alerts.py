from exporter.model import Alert, AlertCounts, AlertSeverity, Inventory, SourceAlerts
from exporter.sources.alerts import tally
from tests.support.fleet import servers

CRITICAL, WARNING, INFO = AlertSeverity
DEFAULT = CRITICAL, WARNING
FLEET = Inventory(servers(1, 2))


def alert(severity: AlertSeverity, device: str = "id-1") -> Alert:
    return Alert(id=f"{severity}-{device}", severity=severity, device=device)


def test_alerts_are_counted_for_their_servers_and_the_source() -> None:
    found = [alert(CRITICAL), alert(CRITICAL), alert(WARNING, "id-2")]

    column, of_source = tally(found, FLEET, DEFAULT)

    assert column.by_id == {
        "id-1": AlertCounts(((CRITICAL, 2), (WARNING, 0))),
        "id-2": AlertCounts(((CRITICAL, 0), (WARNING, 1))),
    }
    assert of_source == SourceAlerts(
        counts=((CRITICAL, 2), (WARNING, 1), (INFO, 0)),
        unassigned=((CRITICAL, 0), (WARNING, 0), (INFO, 0)),
    )


def test_a_server_without_alerts_has_zero_of_every_severity() -> None:
    column, _ = tally([], FLEET, (CRITICAL, WARNING, INFO))

    assert column.by_id == {}
    assert column.default == AlertCounts(((CRITICAL, 0), (WARNING, 0), (INFO, 0)))


def test_alerts_of_devices_that_are_no_served_servers_are_unassigned() -> None:
    found = [alert(CRITICAL, "id-99"), alert(WARNING, ""), alert(CRITICAL)]

    column, of_source = tally(found, FLEET, DEFAULT)

    assert set(column.by_id) == {"id-1"}
    assert of_source.counts == ((CRITICAL, 2), (WARNING, 1), (INFO, 0))
    assert of_source.unassigned == ((CRITICAL, 1), (WARNING, 1), (INFO, 0))


def test_a_severity_that_is_switched_off_still_counts_for_the_source() -> None:
    column, of_source = tally([alert(INFO)], FLEET, DEFAULT)

    assert column.by_id == {"id-1": AlertCounts(((CRITICAL, 0), (WARNING, 0)))}
    assert of_source.counts == ((CRITICAL, 0), (WARNING, 0), (INFO, 1))


def test_a_count_of_the_api_stands_for_alerts_that_were_not_listed() -> None:
    _, of_source = tally([alert(CRITICAL)], FLEET, DEFAULT, {INFO: 1234})

    assert of_source.counts == ((CRITICAL, 1), (WARNING, 0), (INFO, 1234))
    assert of_source.unassigned == ((CRITICAL, 0), (WARNING, 0))
