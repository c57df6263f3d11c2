"""How does a test render the Helm chart, and lay out for our program what Kubernetes would?"""

import base64
import importlib
import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "serverfleet-exporter"
EXAMPLES = tuple(sorted(path.name for path in (CHART / "ci").glob("*-values.yaml")))
CONFIG = "/etc/serverfleet/config.yaml"

Manifest = dict[str, Any]
Values = Mapping[str, Any]


def helm() -> Any:
    """Return Helm's own library; it has no types where it is not installed."""
    return importlib.import_module("helm_python")


@cache
def _loaded() -> Any:
    return helm().chart.Chart.load(str(CHART))


def example(name: str) -> dict[str, Any]:
    """Return the values of an example."""
    values: dict[str, Any] = yaml.safe_load((CHART / "ci" / name).read_text(encoding="utf-8"))
    return values


def texts(values: Values, release: str = "fleet") -> dict[str, str]:
    """Render the chart and return what each template gives, by its name."""
    return dict(_rendered(json.dumps(values), release))


@cache
def _rendered(values: str, release: str) -> Mapping[str, str]:
    found: dict[str, str] = _loaded().render(json.loads(values), name=release, namespace="hardware")
    return {Path(name).name: text for name, text in found.items()}


def manifests(values: Values, release: str = "fleet") -> list[Manifest]:
    """Render the chart and return every object."""
    return deepcopy(_parsed(json.dumps(values), release))


@cache
def _parsed(values: str, release: str) -> list[Manifest]:
    found = (text for name, text in _rendered(values, release).items() if name != "NOTES.txt")
    return [each for text in found for each in yaml.safe_load_all(text) if each]


def of_kind(objects: list[Manifest], kind: str) -> list[Manifest]:
    """Return the objects of a kind."""
    return [each for each in objects if each["kind"] == kind]


def workload(objects: list[Manifest]) -> Manifest:
    """Return the only thing that has pods."""
    [found] = of_kind(objects, "Deployment") + of_kind(objects, "StatefulSet")
    return found


def pod(objects: list[Manifest]) -> dict[str, Any]:
    """Return how its pods look."""
    found: dict[str, Any] = workload(objects)["spec"]["template"]["spec"]
    return found


def container(objects: list[Manifest]) -> dict[str, Any]:
    """Return the only container of its pods."""
    [found] = pod(objects)["containers"]
    assert isinstance(found, dict)
    return found


@dataclass(frozen=True)
class LaidOut:
    """The files of a pod below a folder, and the command that finds them there."""

    folder: Path
    arguments: list[str]
    environment: dict[str, str]

    @property
    def config(self) -> Path:
        return self.folder / CONFIG[1:]


def laid_out(
    objects: list[Manifest], folder: Path, secrets: Mapping[str, Mapping[str, str]]
) -> LaidOut:
    """Write each file to its place, as Kubernetes mounts it.

    A Secret and a ConfigMap of one name give the files of both.

    Args:
        objects: What the chart gave.
        folder: What stands for the root of the container.
        secrets: The content of Secrets and ConfigMaps that exist already, by name and key.
    """
    mounted = {mount["name"]: mount["mountPath"] for mount in container(objects)["volumeMounts"]}
    contents = {name: dict(data) for name, data in secrets.items()}
    for name, data in _contents(objects):
        contents.setdefault(name, {}).update(data)
    for volume in pod(objects)["volumes"]:
        if "persistentVolumeClaim" in volume:
            continue
        place = folder / mounted[volume["name"]][1:]
        place.mkdir(parents=True, exist_ok=True)
        for name, text in _files(volume, contents):
            (place / name).write_text(_moved(text, mounted.values(), folder), encoding="utf-8")
    arguments = [_moved(word, mounted.values(), folder) for word in container(objects)["args"]]
    return LaidOut(folder, arguments, dict(_environment(container(objects), contents)))


def _contents(objects: list[Manifest]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for each in objects:
        if each["kind"] == "Secret":
            coded = each["data"].items()
            data = {key: base64.b64decode(text).decode() for key, text in coded}
            yield each["metadata"]["name"], data
        elif each["kind"] == "ConfigMap":
            yield each["metadata"]["name"], each["data"]


def _files(
    volume: Mapping[str, Any], contents: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    secret = volume.get("secret", {})
    data = contents[secret.get("secretName") or volume["configMap"]["name"]]
    items = secret.get("items", [{"key": key, "path": key} for key in data])
    for item in items:
        yield item["path"], data[item["key"]]


def _environment(
    found: Mapping[str, Any], contents: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    for variable in found.get("env", []):
        source = variable.get("valueFrom", {})
        if "secretKeyRef" in source:
            yield (
                variable["name"],
                contents[source["secretKeyRef"]["name"]][source["secretKeyRef"]["key"]],
            )
        elif "value" in variable:
            yield variable["name"], variable["value"]


def _moved(text: str, places: Any, folder: Path) -> str:
    """Put every path below a mount into the folder."""
    pattern = "|".join(re.escape(place) for place in sorted(places, key=len, reverse=True))
    return re.sub(rf"(?<![\w.-])({pattern})(?=/)", lambda match: f"{folder}{match[0]}", text)
