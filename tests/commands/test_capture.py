"""`capture` and `demo --replay`, as a user meets them."""

import asyncio
import json
import os
import signal
import stat
from pathlib import Path

import pytest

from exporter.capture.replay import Replay
from exporter.cli import main
from exporter.commands.capture import capture
from exporter.simulators import Simulation
from tests.commands.conftest import Fleet
from tests.commands.program import fetch_when, run, run_beside, running
from tests.support.exposition import values


async def test_a_capture_says_what_it_did_and_can_be_replayed(fleet: Fleet, tmp_path: Path) -> None:
    output = tmp_path / "new" / "capture"
    done = await run_beside(
        "capture", "--config", fleet.config(), "--source", "ome-demo", "--output", output
    )

    assert (done.code, done.out) == (0, "")
    assert f"answers saved in {output}. " in done.err
    assert "Look at the files before you send them." in done.err
    assert "new alert" not in done.err
    assert fleet.simulation.open_sessions == 0
    manifest = json.loads((output / "capture.json").read_text())
    assert (manifest["complete"], manifest["type"], manifest["api_version"]) == (
        True,
        "ome",
        "4.3.1",
    )
    assert {each["result"] for each in manifest["collectors"]} == {"ok"}
    assert manifest["requests"] == sum(manifest["statuses"].values())
    modes = {stat.S_IMODE(path.stat().st_mode) for path in output.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (output, output / "answers")} == {0o700}

    com = tmp_path / "com"
    await run_beside("capture", "--config", fleet.config(), "--source", "com-demo", "--output", com)
    arguments = ("demo", "--replay", output, "--replay", com, "--listen", "127.0.0.1:0")
    async with running(tmp_path, *arguments) as program:
        address = await program.address()
        page = await fetch_when(
            f"{address}/metrics",
            lambda page: len(values(page.encode(), "serverfleet_server_info")) == 12,
        )
        code = await program.stop()

    assert code == 0
    assert values(page.encode(), "serverfleet_source_up") == [1, 1]
    assert "replaying " in program.err
    assert "not in the capture" not in program.err


async def test_a_collector_that_fails_ends_it_with_1_and_is_captured_all_the_same(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.simulation.faults.add(kind="html", path="energy-by-entity")
    output = tmp_path / "capture"
    done = await run_beside(
        "capture", "--config", fleet.config(), "--source", "com-demo", "--output", output
    )

    assert done.code == 1
    assert "energy: decode: " in done.err
    page = json.loads((output / "answers/get-v1beta1-energy-by-entity-0001.json").read_text())
    assert "<html>" in page["answer"]["text"]


async def test_a_refused_login_is_captured_without_the_credentials(
    fleet: Fleet, tmp_path: Path
) -> None:
    config, output = fleet.config(), tmp_path / "capture"
    fleet.simulation.rotate_ome_password("another")
    done = await run_beside(
        "capture", "--config", config, "--source", "ome-demo", "--output", output
    )

    assert done.code == 1
    manifest = json.loads((output / "capture.json").read_text())
    results = {each["name"]: each for each in manifest["collectors"]}
    assert results["devices"]["reason"] == "auth"
    assert "401" in results["devices"]["error"]
    assert results["power"]["result"] == "not run"
    assert not any(secret in (output / "capture.json").read_text() for secret in fleet.secrets)
    replay = run("demo", "--replay", output)
    assert (replay.code, replay.err) == (2, f"{output}: no answers were captured\n")


async def test_an_interrupt_leaves_what_was_captured_and_says_that_it_is_incomplete(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.simulation.gateway.latency = 0.2
    output = tmp_path / "capture"
    arguments = ("--config", fleet.config(), "--source", "ome-demo", "--output", output)
    async with running(tmp_path, "capture", *arguments) as program:
        await program.until(lambda: any(output.glob("answers/*.json")) or None)
        code = await program.stop(signal.SIGINT)

    assert code == 1
    assert f"stopped: the capture in {output} is incomplete" in program.err
    assert "Traceback" not in program.err
    assert fleet.simulation.open_sessions == 0
    assert not json.loads((output / "capture.json").read_text())["complete"]
    assert len(Replay.of(output).answers) >= 1
    assert list(output.rglob("*.partial")) == []


def test_a_source_that_is_not_configured_ends_it_with_2_and_names_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(Simulation(servers=2).sources_yaml("http://127.0.0.1:9"))

    code = _main(config, "frankfurt", tmp_path / "capture")

    assert code == 2
    said = capsys.readouterr().err
    assert "there is no source 'frankfurt'; its sources: com-demo, ome-demo" in said
    assert not (tmp_path / "capture").exists()


def test_a_directory_with_something_in_it_is_refused_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(Simulation(servers=2).sources_yaml("http://127.0.0.1:9"))

    assert _main(config, "com-demo", tmp_path) == 2
    assert capsys.readouterr().err == f"{tmp_path} is not empty: name a new directory\n"
    assert _main(config, "com-demo", config / "capture") == 2
    assert f"cannot write to {config / 'capture'}: Not a directory\n" in capsys.readouterr().err


async def test_a_full_disk_ends_it_with_1_and_names_the_file(
    fleet: Fleet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    written = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.parent.name == "answers":
            raise OSError(28, os.strerror(28))
        return written(self, target)

    monkeypatch.setattr(Path, "replace", full)
    code = await asyncio.to_thread(capture, fleet.config(), "com-demo", tmp_path / "capture")

    assert code == 1
    said = capsys.readouterr().err
    assert "No space left on device; the capture is incomplete" in said
    assert str(tmp_path / "capture" / "answers") in said


@pytest.mark.parametrize("content", [None, "{}"])
def test_a_directory_that_is_no_capture_ends_a_replay_with_2(
    content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "capture.json").write_text(content)

    assert main(["demo", "--replay", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_a_replay_refuses_a_state_file_and_leaves_it_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state.db"
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--replay", str(tmp_path), "--state.file", str(state)])

    assert ended.value.code == 2
    assert "--state.file cannot be kept with --replay: the date of" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_settings_that_do_not_fit_end_a_replay_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers/1.json").write_text(
        '{"request": {"number": 1, "method": "GET", "path": "/a"}, "answer": {"status": 200}}'
    )
    (tmp_path / "capture.json").write_text(
        '{"format": 1, "complete": true, "exporter": "1.0.0", "type": "ome",'
        ' "captured_at": "2026-01-01T12:00:00+00:00", "settings": {"timezone": "Mars/Base"}}'
    )

    assert main(["demo", "--replay", str(tmp_path)]) == 2
    assert "the settings of a capture cannot be used: " in capsys.readouterr().err


def _main(config: Path, source: str, output: Path) -> int:
    return main(["capture", "--config", str(config), "--source", source, "--output", str(output)])
