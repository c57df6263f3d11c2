"""The Helm chart: what it makes is valid, holds together, has no rights; mistakes are refused."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter import __version__
from exporter.config.document import tree_of
from tests.deploy.chart import (
    CHART,
    EXAMPLES,
    ROOT,
    Manifest,
    container,
    example,
    helm,
    manifests,
    of_kind,
    pod,
    texts,
    workload,
)

pytestmark = pytest.mark.module(
    helm_python="helm-python-sdk", kubernetes_validate="kubernetes-validate"
)
OPERATOR = {"ServiceMonitor", "PrometheusRule"}
DEMO = {"demo": {"enabled": True}}
each_example = pytest.mark.parametrize("name", EXAMPLES)


def test_the_chart_has_the_version_of_the_exporter_whose_rules_it_brings() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (__version__, __version__)


@pytest.mark.parametrize("name", ["", *EXAMPLES])
def test_helm_has_nothing_to_say_against_it(name: str) -> None:
    values = example(name) if name else {}
    report = helm().chart.lint(str(CHART), values, strict=True, quiet=True)
    assert report["errors"] == []
    assert {message["error"] for message in report["messages"]} <= {"icon is recommended"}


@each_example
@pytest.mark.parametrize("version", ["1.25", "1.37"])
def test_kubernetes_takes_every_object(name: str, version: str) -> None:
    kubernetes = importlib.import_module("kubernetes_validate")
    objects = [each for each in manifests(example(name)) if each["kind"] not in OPERATOR]
    # The dashboards are alike, and reading a schema takes its time.
    checked = {(each["kind"], len(each["metadata"])): each for each in objects}
    assert len(checked) >= 3
    for each in checked.values():
        kubernetes.validate(each, version, strict=True)


@each_example
def test_no_key_is_given_twice(name: str) -> None:
    for template, text in texts(example(name)).items():
        if template not in {"NOTES.txt", "dashboards.yaml"}:
            for document in text.split("\n---\n"):
                tree_of(document)


@each_example
def test_every_object_says_what_it_belongs_to_and_where(name: str) -> None:
    objects = manifests(example(name))
    places = {each["metadata"]["namespace"] for each in objects}
    for each in objects:
        labels = each["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "serverfleet-exporter"
        assert labels["app.kubernetes.io/instance"] == "fleet"
        assert labels["app.kubernetes.io/version"] == __version__
        assert all(isinstance(text, str) and len(text) <= 63 for text in labels.values())
    assert places <= {"hardware", "monitoring", "grafana"}


@each_example
def test_names_are_unique_and_short_enough_whatever_the_release_is_called(name: str) -> None:
    objects = manifests(example(name), release="a-release-with-a-name-of-the-utmost-length-oh-my")
    names = [(each["kind"], each["metadata"]["name"]) for each in objects]
    assert len(names) == len(set(names))
    assert max(len(text) for _, text in names) <= 63


@each_example
def test_every_selector_finds_the_pods_and_nothing_selects_by_what_changes(name: str) -> None:
    objects = manifests(example(name))
    labels = workload(objects)["spec"]["template"]["metadata"]["labels"].items()
    selectors = list(pod_selectors(objects))
    assert len(selectors) >= 2
    for selector in selectors:
        assert selector.items() <= labels
        assert not {"app.kubernetes.io/version", "helm.sh/chart"} & set(selector)


def pod_selectors(objects: list[Manifest]) -> Iterator[dict[str, str]]:
    for each in objects:
        spec = each.get("spec", {})
        if each["kind"] == "Service":
            yield spec["selector"]
        elif each["kind"] == "NetworkPolicy":
            yield spec["podSelector"]["matchLabels"]
        elif each["kind"] in {"Deployment", "StatefulSet", "PodDisruptionBudget"}:
            yield spec["selector"]["matchLabels"]


@each_example
def test_the_pod_may_do_nothing_but_talk(name: str) -> None:
    objects = manifests(example(name))
    found, inside = pod(objects), container(objects)
    assert found["automountServiceAccountToken"] is False
    [account] = of_kind(objects, "ServiceAccount")
    assert account["automountServiceAccountToken"] is False
    assert found["serviceAccountName"] == account["metadata"]["name"]
    assert found["securityContext"]["runAsNonRoot"] is True
    assert found["securityContext"]["runAsUser"] == 65534
    assert found["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert inside["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    writable = [each for each in inside.get("volumeMounts", []) if not each.get("readOnly")]
    assert [each["name"] for each in writable] in ([], ["state"])


@each_example
def test_every_mount_has_its_volume_and_secrets_are_for_the_pod_alone(name: str) -> None:
    objects = manifests(example(name))
    claimed = workload(objects)["spec"].get("volumeClaimTemplates", [])
    volumes = pod(objects).get("volumes", [])
    names = [each["name"] for each in volumes] + [each["metadata"]["name"] for each in claimed]
    mounts = container(objects).get("volumeMounts", [])
    assert sorted(names) == sorted(each["name"] for each in mounts)
    assert len({each["mountPath"] for each in mounts}) == len(mounts)
    modes = {each["secret"]["defaultMode"] for each in volumes if "secret" in each}
    assert modes <= {0o440}


@each_example
def test_secrets_stand_in_secrets_only(name: str) -> None:
    for each in manifests(example(name)):
        if each["kind"] != "Secret":
            assert "planted-secret" not in json.dumps(each)


def test_one_process_is_replaced_and_never_doubled() -> None:
    found = workload(manifests(DEMO))
    assert (found["kind"], found["spec"]["replicas"]) == ("Deployment", 1)
    assert found["spec"]["strategy"] == {"type": "Recreate"}


def test_shards_are_a_stateful_set_whose_ordinal_is_the_shard() -> None:
    objects = manifests(example("sharded-values.yaml"))
    found = workload(objects)
    assert (found["kind"], found["spec"]["replicas"]) == ("StatefulSet", 3)
    arguments = container(objects)["args"]
    assert "--shard.index=$(SHARD_INDEX)" in arguments
    assert "--shard.total=3" in arguments
    [index] = [each for each in container(objects)["env"] if each["name"] == "SHARD_INDEX"]
    field = index["valueFrom"]["fieldRef"]["fieldPath"]
    assert field == "metadata.labels['apps.kubernetes.io/pod-index']"
    headless = {
        each["metadata"]["name"]: each["metadata"]["labels"]["app.kubernetes.io/component"]
        for each in of_kind(objects, "Service")
        if each["spec"].get("clusterIP") == "None"
    }
    assert headless == {found["spec"]["serviceName"]: "shards"}


def test_what_outlives_a_restart_outlives_the_release() -> None:
    [claim] = of_kind(manifests(example("secured-values.yaml")), "PersistentVolumeClaim")
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert claim["spec"]["storageClassName"] == "fast"
    sharded = manifests(example("sharded-values.yaml"))
    assert not of_kind(sharded, "PersistentVolumeClaim")
    [template] = workload(sharded)["spec"]["volumeClaimTemplates"]
    assert template["spec"]["resources"] == {"requests": {"storage": "1Gi"}}


def test_a_changed_configuration_is_a_changed_pod() -> None:
    values = example("small-values.yaml")
    before = workload(manifests(values))["spec"]["template"]
    assert workload(manifests(values))["spec"]["template"] == before
    values["config"]["sources"][0]["region"] = "us-west"
    assert workload(manifests(values))["spec"]["template"] != before


def test_a_digest_wins_over_the_tag() -> None:
    image = container(manifests(example("secured-values.yaml")))["image"]
    assert image.startswith("registry.example.net/serverfleet/serverfleet-exporter@sha256:")
    assert container(manifests(DEMO))["image"] == f"serverfleet/serverfleet-exporter:{__version__}"


SOURCE: dict[str, Any] = {"name": "emea", "type": "com", "region": "eu-central", "client_id": "me"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "config.sources is empty"),
        ({"config": {"listen": ":9", "sources": [SOURCE]}}, "config.listen: leave it out"),
        (
            {"config": {"sources": [{**SOURCE, "client_secret": "planted"}]}},
            "config.sources[0].client_secret: a secret must not stand in a ConfigMap",
        ),
        (
            {"config": {"sources": [SOURCE, {**SOURCE, "password": "planted"}]}},
            "config.sources[1].password: a secret must not stand in a ConfigMap",
        ),
        (
            {"config": {"sources": [{**SOURCE, "http": {"proxy": "http://me:planted$@proxy:1"}}]}},
            "config.sources[0].http.proxy: a password must not stand in a ConfigMap",
        ),
        ({**DEMO, "shards": 2}, "a demo has one"),
        ({**DEMO, "web": {"tls": True}}, "web.existingSecret is empty"),
        (
            {
                "config": {"sources": [SOURCE]},
                "shards": 2,
                "stateFile": {"enabled": True, "existingClaim": "mine"},
            },
            "every shard needs a claim of its own",
        ),
        (
            {**DEMO, "prometheusRule": {"enabled": True, "thresholds": {"heat": "vector(1)"}}},
            "prometheusRule.thresholds.heat: there is no such threshold",
        ),
        ({**DEMO, "shard": 2}, "'shard' not allowed"),
        ({**DEMO, "serviceMonitor": {"every": "1m"}}, "'every' not allowed"),
        ({"demo": {"enabled": "yes"}}, "got string, want boolean"),
        ({**DEMO, "shards": 0}, "/shards"),
        ({**DEMO, "serviceMonitor": {"interval": 60}}, "/serviceMonitor/interval"),
        ({**DEMO, "extraCAs": [{"name": "a"}]}, "/extraCAs/0"),
        ({**DEMO, "image": {"digest": "latest"}}, "/image/digest"),
        ({"config": {"sources": [{"name": "emea"}]}}, "type"),
    ],
)
def test_a_mistake_is_refused_with_its_place(values: dict[str, Any], said: str) -> None:
    with pytest.raises(helm().errors.HelmError) as refused:
        manifests(values)
    assert said in str(refused.value)
    assert "planted" not in str(refused.value)


@pytest.mark.parametrize(
    "proxy", ["http://proxy:3128", "http://me:${PASSWORD}@proxy:3128", "${PROXY}"]
)
def test_a_proxy_without_a_written_password_is_taken(proxy: str) -> None:
    source = {**SOURCE, "client_secret": "${SECRET}", "http": {"proxy": proxy}}
    [config] = of_kind(manifests({"config": {"sources": [source]}}), "ConfigMap")
    assert yaml.safe_load(config["data"]["config.yaml"]) == {"sources": [source]}


def test_the_schema_knows_exactly_the_values_that_there_are() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert set(schema["properties"]) == {"global", *values}
    for name, part in schema["properties"].items():
        if part.get("additionalProperties") is False and name not in {
            *("livenessProbe", "readinessProbe", "resources")
        }:
            assert set(part["properties"]) == set(values[name]), name


def test_the_packaged_chart_renders_the_same(tmp_path: Path) -> None:
    archive = helm().chart.package(str(CHART), destination=str(tmp_path))
    values = example("small-values.yaml")
    packed = helm().chart.Chart.load(archive).render(values, name="fleet", namespace="hardware")
    assert {Path(name).name: text for name, text in packed.items()} == texts(values)
    assert str(ROOT) not in json.dumps(packed)


@each_example
def test_the_notes_tell_what_to_do_next(name: str) -> None:
    notes = texts(example(name))["NOTES.txt"]
    kind = workload(manifests(example(name)))["kind"].lower()
    assert f"port-forward {kind}/" in notes
    assert ("check --config" in notes) == ("demo" not in name)
