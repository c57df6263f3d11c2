"""What is tested in seconds is what is shipped, only faster."""

from collections.abc import Iterator
from typing import Any

import pytest

from exporter.config.quantities import duration
from tests.e2e import shortened

FACTOR = 60
FILES = ["alertmanager.example.yml", "prometheus.example.yml", *shortened.rule_files(FACTOR)]


@pytest.mark.parametrize("name", FILES)
def test_nothing_but_durations_is_changed_and_all_by_the_same_factor(name: str) -> None:
    before = dict(leaves(shortened.shipped(name)))
    after = dict(leaves(shortened.with_shortened_durations(shortened.shipped(name), FACTOR)))

    changed = {path for path in before if before[path] != after[path]}

    assert before.keys() == after.keys()
    assert {path[-1] for path in changed} <= shortened.DURATIONS
    for path in changed:
        ratio = duration(before[path]) / duration(after[path])
        assert ratio == pytest.approx(FACTOR, rel=0.01), path


def test_every_duration_of_a_rule_is_shortened() -> None:
    for file in shortened.rule_files(FACTOR).values():
        for path, value in leaves(file):
            if path[-1] in {"interval", "for", "keep_firing_for"}:
                assert value.endswith("ms"), path


def test_addresses_are_those_of_the_test() -> None:
    prometheus = shortened.prometheus_config("127.0.0.1:1", "127.0.0.1:2", FACTOR)
    alertmanager = shortened.alertmanager_config("http://127.0.0.1:3", FACTOR)

    targets = [value for path, value in leaves(prometheus) if "targets" in path]
    urls = {value for path, value in leaves(alertmanager) if path[-1] == "url"}

    assert targets == ["127.0.0.1:1", "127.0.0.1:2"]
    assert urls == {f"http://127.0.0.1:3/{each['name']}" for each in alertmanager["receivers"]}


def leaves(part: Any, *path: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Give every value that contains no other, with the way to it."""
    if isinstance(part, dict | list):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            yield from leaves(value, *path, key)
    else:
        yield path, part
