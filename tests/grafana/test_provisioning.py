"""What Grafana reads at its start."""

from typing import Any

import yaml

from tests.grafana.boards import ROOT

FOLDER = ROOT / "grafana" / "provisioning"


def test_the_datasource_is_a_prometheus_and_the_default() -> None:
    [source] = _read("datasources/prometheus.yml")["datasources"]
    assert (source["type"], source["isDefault"]) == ("prometheus", True)


def test_rates_are_taken_over_several_scrapes() -> None:
    [source] = _read("datasources/prometheus.yml")["datasources"]
    assert source["jsonData"]["timeInterval"] == "1m"


def test_the_dashboards_are_read_from_files() -> None:
    [provider] = _read("dashboards/serverfleet.yml")["providers"]
    assert provider["type"] == "file"
    assert provider["options"]["path"].startswith("/")
    assert provider["allowUiUpdates"] is False


def _read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return loaded
