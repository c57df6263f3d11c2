"""The shipped files of Prometheus and Alertmanager, made fit for a test.

Every duration is divided by the same factor (by 60, a minute becomes a second), so that all keep
their proportions. Addresses are exchanged. Nothing else is changed, and no expression at all: the
ranges and offsets within them mean what they mean in production.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from exporter.config.quantities import duration

SHIPPED = Path(__file__).parents[2] / "prometheus"
DURATIONS = {
    "interval", "for", "keep_firing_for",
    "scrape_interval", "evaluation_interval",
    "group_wait", "group_interval", "repeat_interval",
}  # fmt: skip
"""The keys under which a duration stands that is shortened."""


def shortened(seconds: float, factor: float) -> str:
    """Write a duration that is so many times shorter."""
    return f"{round(seconds * 1000 / factor)}ms"


def with_shortened_durations(part: Any, factor: float) -> Any:
    """Copy a document, shortening every duration in it."""
    if isinstance(part, Mapping):
        return {
            key: shortened(duration(value), factor)
            if key in DURATIONS
            else with_shortened_durations(value, factor)
            for key, value in part.items()
        }
    if isinstance(part, list):
        return [with_shortened_durations(each, factor) for each in part]
    return part


def shipped(name: str) -> Any:
    """Read one of the shipped files."""
    return yaml.safe_load((SHIPPED / name).read_text())


def rule_files(factor: float) -> dict[str, Any]:
    """Give the shipped rules by their paths, each with shortened durations."""
    found = {path.relative_to(SHIPPED).as_posix() for path in SHIPPED.glob("rules/*.yml")}
    return {name: with_shortened_durations(shipped(name), factor) for name in sorted(found)}


def prometheus_config(exporter: str, alertmanager: str, factor: float) -> Any:
    """Give the example for Prometheus with the addresses of a test."""
    config = with_shortened_durations(shipped("prometheus.example.yml"), factor)
    # A busy machine may need longer than that part of what is allowed in production.
    config["global"]["scrape_timeout"] = config["global"]["scrape_interval"]
    config["scrape_configs"][0]["static_configs"][0]["targets"] = [exporter]
    config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [alertmanager]
    return config


def alertmanager_config(webhook: str, factor: float) -> Any:
    """Give the example for Alertmanager; every receiver is told at `webhook`/its name."""
    config = with_shortened_durations(shipped("alertmanager.example.yml"), factor)
    for receiver in config["receivers"]:
        for hook in receiver["webhook_configs"]:
            hook["url"] = f"{webhook}/{receiver['name']}"
    return config
