"""A capture that is replayed is the same fleet under other names."""

import json
import os
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from exporter.capture.folder import CaptureError
from exporter.capture.replay import Replay
from tests.capture.conftest import (
    VENDORS,
    captured,
    config_of,
    exposition,
    of_fleet,
    replayed,
    simulation,
)
from tests.support.exposition import samples, values
from tests.support.http import fetched

NAMING = (
    "source server serial id name hostname bmc_address chassis group location room aisle rack slot"
    " model processor os bmc_model bmc_version version"
)
IDENTITY = frozenset(NAMING.split())


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_replay_has_the_same_series_and_values_under_other_names(
    vendor: str, tmp_path: Path
) -> None:
    simulated = simulation(servers=30)
    async with simulated.serving() as address:
        config = config_of(simulated, address, vendor)
        original = await exposition(config)
        await captured(config, tmp_path / "capture")
    with capture_logs() as lines:
        again = await replayed(tmp_path / "capture")

    assert [line for line in lines if line["event"] == "not in the capture"] == []
    before, after = of_fleet(original, IDENTITY), of_fleet(again, IDENTITY)
    assert len({name for name, _, _ in before}) > 15
    assert after == before
    serials = {label for label in _labels(original, "serial") if label}
    assert len(_labels(again, "serial")) == len(serials)
    assert not serials & _labels(again, "serial")


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_capture_of_a_capture_is_one_too(vendor: str, tmp_path: Path) -> None:
    simulated = simulation(servers=10)
    async with simulated.serving() as address:
        config = config_of(simulated, address, vendor)
        original = await exposition(config)
        path = await captured(config, tmp_path / "capture")
    replay = Replay.of(path)
    async with replay.serving() as address:
        config = config_of(simulated, address, vendor, **replay.entry("again", address))
        again = await replayed(await captured(config, tmp_path / "again"))

    assert of_fleet(again, IDENTITY) == of_fleet(original, IDENTITY)


async def test_a_collector_that_failed_fails_in_the_replay_too(tmp_path: Path) -> None:
    simulated = simulation(servers=8)
    simulated.faults.add(kind="html", path="energy-by-entity")
    simulated.faults.add(kind="status", code=403, path="/v1/jobs")
    async with simulated.serving() as address:
        await captured(config_of(simulated, address, "com"), tmp_path / "capture")

    text = await replayed(tmp_path / "capture")

    failures = "serverfleet_collector_failures_total"
    assert values(text, failures, collector="energy", reason="decode") == [1]
    assert values(text, "serverfleet_collector_available", collector="jobs") == [0]
    manifest = json.loads((tmp_path / "capture" / "capture.json").read_text())
    results = {each["name"]: each["result"] for each in manifest["collectors"]}
    assert (results["servers"], results["energy"], results["jobs"]) == (
        "ok",
        "failed",
        "not available",
    )


async def test_settings_that_change_what_is_asked_are_replayed(tmp_path: Path) -> None:
    simulated = simulation(servers=8)
    collectors = {
        "jobs": {"enabled": False},
        "hardware": {"interval": "90m"},
        "alerts": {"severities": ["critical"]},
    }
    async with simulated.serving() as address:
        config = config_of(simulated, address, "ome", collectors=collectors, timezone="Asia/Tokyo")
        original = await exposition(config)
        await captured(config, tmp_path / "capture")
    again = await replayed(tmp_path / "capture")

    assert of_fleet(again, IDENTITY) == of_fleet(original, IDENTITY)
    assert values(again, "serverfleet_jobs") == []


async def test_a_zone_that_only_the_appliance_states_is_that_of_the_replay_too(
    tmp_path: Path,
) -> None:
    simulated = simulation(servers=8)
    simulated.appliance.zone = ZoneInfo("Asia/Tokyo")
    async with simulated.serving() as address:
        config = config_of(simulated, address, "ome")
        original = await exposition(config)
        await captured(config, tmp_path / "capture")
    again = await replayed(tmp_path / "capture")

    assert of_fleet(again, IDENTITY) == of_fleet(original, IDENTITY)
    times = values(again, "serverfleet_server_inventory_timestamp_seconds")
    assert times
    former = values(original, "serverfleet_server_inventory_timestamp_seconds")
    assert sorted(times) == sorted(former)


async def test_what_was_not_asked_is_501_and_named_in_the_log(tmp_path: Path) -> None:
    path = _capture(tmp_path, _asked("/api/a", {"$top": "5"}))
    with capture_logs() as lines:
        async with Replay.of(path).serving() as address:
            answer = await fetched(f"{address}/api/b?$filter=Name%20eq%20'x'")

    assert answer.status == 501
    assert [line["request"] for line in lines] == ["GET /api/b?$filter=Name eq 'x'"]


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("start-date=2026-01-01T02:00:00Z&limit=1", 2),
        ("start-date=2026-01-01T09:00:00Z&limit=1", 2),
        ("start-date=2026-01-01T01:00:00Z&limit=1", 1),
        ("start-date=2026-01-01T01:00:00Z&limit=7", 3),
    ],
    ids=["the same", "another time: the last", "the first time", "another size: the largest"],
)
async def test_requests_that_differ_in_time_or_page_size_only_are_matched(
    asked: str, number: int, tmp_path: Path
) -> None:
    path = _capture(
        tmp_path,
        _asked("/a", {"start-date": "2026-01-01T01:00:00Z", "limit": "1"}, 1),
        _asked("/a", {"start-date": "2026-01-01T02:00:00Z", "limit": "1"}, 2),
        _asked("/a", {"start-date": "2026-01-01T02:00:00Z", "limit": "100"}, 3),
    )
    async with Replay.of(path).serving() as address:
        answer = await fetched(f"{address}/a?{asked}")

    assert json.loads(answer.body) == {"number": number}


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda path: (path / "capture.json").unlink(), "is this a capture?"),
        (lambda path: (path / "capture.json").write_text("{}"), "not as `capture` writes it"),
        (lambda path: _change(path, format=9), "replay it with version 1.2.3"),
        (lambda path: _change(path, type="ilo"), "no type of source 'ilo'"),
        (lambda path: _change(path, captured_at="noon"), "captured_at is no time"),
        (lambda path: (path / "answers/1.json").unlink(), "no answers were captured"),
        (lambda path: (path / "answers/1.json").write_text("["), "not as `capture` writes it"),
        (lambda path: os.mkfifo(path / "answers/2.json"), "it is not a regular file"),
    ],
)
def test_a_directory_that_is_no_capture_is_named_with_the_reason(
    break_it: object, words: str, tmp_path: Path
) -> None:
    path = _capture(tmp_path, _asked("/a", {}))
    break_it(path)  # type: ignore[operator]

    with pytest.raises(CaptureError, match=words) as error:
        Replay.of(path)
    assert str(path) in str(error.value)


def _labels(text: bytes, name: str) -> set[str]:
    return {
        sample.labels[name]
        for sample in samples(text)
        if sample.name == "serverfleet_server_info" and name in sample.labels
    }


def _asked(path: str, query: dict[str, str], number: int = 1) -> dict[str, object]:
    return {
        "request": {"number": number, "method": "GET", "path": path, "query": query},
        "answer": {"status": 200, "document": {"number": number}},
    }


def _capture(path: Path, *answers: dict[str, object]) -> Path:
    (path / "answers").mkdir()
    for number, answer in enumerate(answers, start=1):
        (path / "answers" / f"{number}.json").write_text(json.dumps(answer))
    manifest = {
        "format": 1,
        "complete": True,
        "exporter": "1.2.3",
        "type": "ome",
        "captured_at": "2026-01-01T12:00:00+00:00",
    }
    (path / "capture.json").write_text(json.dumps(manifest))
    return path


def _change(path: Path, **changes: object) -> None:
    file = path / "capture.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
