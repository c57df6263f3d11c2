"""Does the example for Alertmanager tell each trouble once, and to whom it concerns?"""

import re
from collections.abc import Mapping

import pytest
import yaml

from tests.prometheus.shipped import ALERTS, SHIPPED, run

amtool = pytest.mark.tool(amtool="prometheus-alertmanager")


@amtool
def test_amtool_takes_the_example() -> None:
    run("amtool", "check-config", SHIPPED / "alertmanager.example.yml")


@amtool
@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ({"severity": "critical"}, "serverfleet-critical"),
        ({"severity": "warning"}, "serverfleet-warning"),
        ({"severity": "info"}, "serverfleet-info"),
        ({"severity": "critical", "alertname": "NodeDown"}, "default"),
    ],
)
def test_each_severity_reaches_its_receiver(labels: Mapping[str, str], receiver: str) -> None:
    alert = {"alertname": "ServerfleetServerHealthCritical", "source": "emea", **labels}

    said = run(
        "amtool",
        "config",
        "routes",
        "test",
        f"--config.file={SHIPPED / 'alertmanager.example.yml'}",
        *(f"{name}={value}" for name, value in alert.items()),
    )

    assert said.split() == [receiver]


# -- inhibition ------------------------------------------------------------------------------------

WEB = {"source": "emea", "serial": "CZ1"}


def _alert(name: str, **labels: str) -> dict[str, str]:
    return {"alertname": name, **ALERTS[name]["labels"], **labels}


INHIBITED = [
    (_alert("ServerfleetExporterDown"), _alert("ServerfleetSourceDown", source="emea")),
    (_alert("ServerfleetExporterDown"), _alert("ServerfleetServerHealthCritical", **WEB)),
    (
        _alert("ServerfleetSourceDown", source="emea"),
        _alert("ServerfleetServerHealthCritical", **WEB),
    ),
    (
        _alert("ServerfleetSourceDown", source="emea"),
        _alert("ServerfleetCollectorStale", source="emea", collector="health"),
    ),
    (
        _alert("ServerfleetSourceDown", source="emea"),
        _alert("ServerfleetManyServersCritical", source="emea"),
    ),
    (
        _alert("ServerfleetServerHealthCritical", **WEB),
        _alert("ServerfleetServerHealthWarning", **WEB),
    ),
    (
        _alert("ServerfleetServerHealthCritical", **WEB),
        _alert("ServerfleetVendorAlertCritical", **WEB),
    ),
    (
        _alert("ServerfleetServerHealthCritical", **WEB),
        _alert("ServerfleetRedundancyFailed", **WEB, component="fans"),
    ),
    (
        _alert("ServerfleetServerHealthWarning", **WEB),
        _alert("ServerfleetRedundancyLost", **WEB, component="fans"),
    ),
    (
        _alert("ServerfleetComponentCritical", **WEB, component="fans"),
        _alert("ServerfleetComponentWarning", **WEB, component="fans"),
    ),
    (
        _alert("ServerfleetManyFirmwareNotCompliant", source="emea"),
        _alert("ServerfleetFirmwareNotCompliant", source="emea"),
    ),
    (
        _alert("ServerfleetManyConfigNotCompliant", source="emea"),
        _alert("ServerfleetGroupsNotCompliant", source="emea"),
    ),
    (
        _alert("ServerfleetSourceCertificateEndingSoon", source="emea"),
        _alert("ServerfleetSourceCertificateEnding", source="emea"),
    ),
    (
        _alert("ServerfleetManyServersDisconnected", source="emea"),
        _alert("ServerfleetServerDisconnected", **WEB),
    ),
    (
        _alert("ServerfleetCollectorStale", source="emea", collector="health"),
        _alert("ServerfleetCollectorFailing", source="emea", collector="health"),
    ),
]
NOT_INHIBITED = [
    (
        _alert("ServerfleetSourceDown", source="frankfurt"),
        _alert("ServerfleetServerHealthCritical", **WEB),
    ),
    (
        _alert("ServerfleetSourceDown", source="emea"),
        _alert("ServerfleetSourceAuthFailing", source="emea", collector="servers"),
    ),
    (
        _alert("ServerfleetServerHealthCritical", **WEB),
        _alert("ServerfleetServerPoweredOff", **WEB),
    ),
    (
        _alert("ServerfleetServerHealthWarning", **WEB),
        _alert("ServerfleetRedundancyFailed", **WEB, component="fans"),
    ),
    (
        _alert("ServerfleetServerHealthWarning", **WEB),
        _alert("ServerfleetVendorAlertCritical", **WEB),
    ),
    (
        _alert("ServerfleetManyFirmwareNotCompliant", source="emea"),
        _alert("ServerfleetConfigNotCompliant", source="emea"),
    ),
    (
        _alert("ServerfleetServerHealthCritical", **{**WEB, "serial": "CZ2"}),
        _alert("ServerfleetServerHealthWarning", **WEB),
    ),
    (
        _alert("ServerfleetComponentCritical", **WEB, component="fans"),
        _alert("ServerfleetComponentWarning", **WEB, component="memory"),
    ),
    (
        _alert("ServerfleetExporterTargetDown", instance="one"),
        _alert("ServerfleetServerHealthCritical", **WEB),
    ),
]


@pytest.mark.parametrize(("larger", "smaller"), INHIBITED)
def test_the_larger_trouble_silences_the_smaller(
    larger: Mapping[str, str], smaller: Mapping[str, str]
) -> None:
    assert _inhibits(larger, smaller)


@pytest.mark.parametrize(("one", "other"), NOT_INHIBITED)
def test_another_trouble_is_not_silenced(one: Mapping[str, str], other: Mapping[str, str]) -> None:
    assert not _inhibits(one, other)


@pytest.mark.parametrize("name", ALERTS)
def test_no_alert_silences_itself(name: str) -> None:
    assert not _inhibits(_alert(name), _alert(name))


OF_THE_SOURCE_ITSELF = {
    f"ServerfleetSource{name}"
    for name in (
        "AuthFailing",
        "BudgetExceeded",
        "CertificateEnding",
        "CertificateEndingSoon",
        "Down",
        "EndpointDeprecated",
        "TlsNotVerified",
    )
}
"""What an outage neither explains nor hides."""


@pytest.mark.parametrize("name", ALERTS)
def test_an_outage_holds_back_all_that_hangs_on_it_and_nothing_else(name: str) -> None:
    outage = _alert("ServerfleetSourceDown", source="emea")
    of_exporter = ALERTS[name]["labels"]["scope"] == "exporter"
    told = of_exporter or name in OF_THE_SOURCE_ITSELF

    assert _inhibits(outage, _alert(name, source="emea")) is not told


def _inhibits(source: Mapping[str, str], target: Mapping[str, str]) -> bool:
    """Tell whether a rule of the example lets one alert silence another, as Alertmanager would."""
    example = yaml.safe_load((SHIPPED / "alertmanager.example.yml").read_text())
    return any(
        _matches(rule["source_matchers"], source)
        and _matches(rule["target_matchers"], target)
        and all(source.get(label, "") == target.get(label, "") for label in rule.get("equal", ()))
        for rule in example["inhibit_rules"]
    )


def _matches(matchers: list[str], labels: Mapping[str, str]) -> bool:
    for matcher in matchers:
        found = re.fullmatch(r'(\w+)(=~|!~|!=|=)"(.*)"', matcher)
        assert found, matcher
        name, operator, wanted = found.groups()
        value = labels.get(name, "")
        holds = re.fullmatch(wanted, value) is not None if "~" in operator else value == wanted
        if holds is operator.startswith("!"):
            return False
    return True
