"""What the chart hands to Prometheus and Grafana is what is shipped, and keeps our labels."""

import base64
import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.catalogue import FAMILIES
from tests.deploy.chart import (
    CHART,
    EXAMPLES,
    ROOT,
    container,
    example,
    helm,
    manifests,
    of_kind,
    texts,
)

pytestmark = pytest.mark.module(helm_python="helm-python-sdk")
RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
DASHBOARDS = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))
LARGEST = 2**20
"""Bytes of an object in Kubernetes: each ConfigMap, and the Secret in which Helm keeps all."""


def rules(values: dict[str, Any]) -> dict[str, Any]:
    """Return the specification of each PrometheusRule by the end of its name."""
    found = of_kind(manifests(values), "PrometheusRule")
    return {each["metadata"]["name"].partition("exporter-")[2]: each["spec"] for each in found}


def test_the_rules_are_the_shipped_ones() -> None:
    shipped = {path.stem: yaml.safe_load(path.read_text()) for path in RULES}
    assert rules(example("small-values.yaml")) == shipped


@pytest.mark.tool(promtool="prometheus")
def test_promtool_takes_the_rules(tmp_path: Path) -> None:
    values = {**example("demo-values.yaml"), "prometheusRule": {"enabled": True}}
    values["prometheusRule"]["thresholds"] = {"temperature_high_celsius": "vector(32)"}
    for name, spec in rules(values).items():
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(spec))
    done = subprocess.run(
        ["promtool", "check", "rules", *tmp_path.glob("*.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_threshold_of_ones_own_changes_nothing_else() -> None:
    values = {**example("demo-values.yaml"), "prometheusRule": {"enabled": True}}
    before = rules(values)
    values["prometheusRule"]["thresholds"] = {"temperature_high_celsius": "vector(32)"}
    after = rules(values)
    [group] = after["thresholds"]["groups"]
    changed = [
        rule for rule in group["rules"] if rule not in before["thresholds"]["groups"][0]["rules"]
    ]
    assert changed == [
        {"record": "serverfleet:threshold:temperature_high_celsius", "expr": "vector(32)"}
    ]
    changed[0]["expr"] = "vector(35)"
    assert after == before


def test_the_dashboards_are_the_shipped_ones_where_grafanas_sidecar_looks() -> None:
    found = of_kind(manifests(example("small-values.yaml")), "ConfigMap")
    boards = [each for each in found if "grafana_dashboard" in each["metadata"]["labels"]]
    contents = {name: text for each in boards for name, text in each["data"].items()}
    shipped = {f"serverfleet-{path.name}": json.loads(path.read_text()) for path in DASHBOARDS}
    assert {name: json.loads(text) for name, text in contents.items()} == shipped
    for each in boards:
        assert each["metadata"]["namespace"] == "grafana"
        assert each["metadata"]["annotations"] == {"grafana_folder": "Server fleet"}
        assert len(json.dumps(each)) < LARGEST / 2


def test_all_of_it_fits_into_what_helm_remembers() -> None:
    chart = helm().chart.Chart.load(str(CHART))
    parts = [*chart.files, *chart.templates]
    release = {
        "chart": [base64.b64encode(part["data"].encode()).decode() for part in parts],
        "manifest": "".join(texts(example("small-values.yaml")).values()),
    }
    kept = base64.b64encode(gzip.compress(json.dumps(release).encode()))
    assert len(kept) < LARGEST / 2


def endpoint(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the ServiceMonitor's specification and its only endpoint."""
    [monitor] = of_kind(manifests(example(name)), "ServiceMonitor")
    [found] = monitor["spec"]["endpoints"]
    return monitor["spec"], found


MONITORED = [name for name in EXAMPLES if "serviceMonitor" in example(name)]


@pytest.mark.parametrize("name", MONITORED)
def test_one_service_is_scraped_at_a_port_that_it_has(name: str) -> None:
    specification, scraped = endpoint(name)
    wanted = specification["selector"]["matchLabels"].items()
    objects = manifests(example(name))
    [service] = [
        each for each in of_kind(objects, "Service") if wanted <= each["metadata"]["labels"].items()
    ]
    [port] = [each for each in service["spec"]["ports"] if each["name"] == scraped["port"]]
    [open_port] = container(objects)["ports"]
    assert port["targetPort"] == open_port["name"]
    assert f"--listen=:{open_port['containerPort']}" in container(objects)["args"]
    assert specification["namespaceSelector"] == {"matchNames": ["hardware"]}


@pytest.mark.parametrize("name", MONITORED)
def test_our_labels_survive_those_of_the_operator(name: str) -> None:
    _, scraped = endpoint(name)
    operators = {"namespace", "service", "job", "instance", "pod", "container", "endpoint"}
    ours = {label for family in FAMILIES for label in family.all_labels}
    [dropped] = [each["regex"] for each in scraped["relabelings"] if each.get("action")]
    left = operators - set(dropped.split("|"))
    assert not ours & left
    assert scraped["honorLabels"] is True


@pytest.mark.parametrize(
    ("name", "own"), [("small-values.yaml", True), ("sharded-values.yaml", False)]
)
def test_a_restart_leaves_every_series_its_name(name: str, own: bool) -> None:
    _, scraped = endpoint(name)
    [instance] = [each for each in scraped["relabelings"] if each.get("targetLabel") == "instance"]
    assert ("replacement" in instance) == own
    assert own or instance["sourceLabels"] == ["__meta_kubernetes_pod_name"]


def test_a_protected_port_is_scraped_as_it_must_be_and_probed_as_it_can_be() -> None:
    _, scraped = endpoint("secured-values.yaml")
    assert scraped["scheme"] == "https"
    assert scraped["tlsConfig"]["serverName"] == "fleet.default.svc"
    assert set(scraped["basicAuth"]) == {"username", "password"}
    closed = container(manifests(example("secured-values.yaml")))
    assert "tcpSocket" in closed["livenessProbe"]
    assert "tcpSocket" in closed["readinessProbe"]
    encrypted = container(manifests(example("sharded-values.yaml")))
    assert encrypted["livenessProbe"]["httpGet"]["scheme"] == "HTTPS"


def test_the_network_lets_prometheus_in_and_the_exporter_out_to_names_and_apis() -> None:
    [policy] = of_kind(manifests(example("secured-values.yaml")), "NetworkPolicy")
    [scrape] = policy["spec"]["ingress"]
    assert scrape["ports"] == [{"port": "metrics", "protocol": "TCP"}]
    assert len(scrape["from"]) == 1
    names, apis = policy["spec"]["egress"]
    assert {each["port"] for each in names["ports"]} == {53}
    assert [each["port"] for each in apis["ports"]] == [443, 3128]
    assert apis["to"] == [{"ipBlock": {"cidr": "192.0.2.0/24"}}]
