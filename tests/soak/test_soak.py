"""The soak itself: a short one is kept, and what breaks a promise is found."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.soak.clock import FastClock
from bench.soak.fresh import differences, of_servers
from bench.soak.log import Log
from bench.soak.page import Page
from bench.soak.promises import Promise, growth
from bench.soak.truth import Truth
from exporter.lifecycle import Exporter
from exporter.simulators import Simulation
from tests.e2e.rig import Rig, StoppedClock

NOW = 1_780_000_000.0
TIMEOUT = 30.0


@pytest.mark.timeout(1200)
def test_a_short_soak_keeps_every_promise() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "bench.soak",
            "--minutes=0.2",
            "--servers=40",
            "--speed=15",
            "--seed=7",
        ],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=1000,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 7" in done.stdout
    assert re.search(r"promises broken in scrapes\s+│ 0 ", done.stdout)
    scrapes = re.search(r"│ scrapes\s+│ (\d+)", done.stdout)
    assert scrapes
    assert int(scrapes[1]) > 5
    compared = re.search(r"new exporter's\s+│ ([\d,]+)", done.stdout)
    assert compared
    assert int(compared[1].replace(",", "")) > 100


class Polled:
    """A truth, and a page that was scraped from it."""

    def __init__(self, truth: Truth, exporter: Exporter) -> None:
        self.truth = truth
        self.text = exporter.exposition().decode()

    def broken(self, text: str | None = None, at: float = NOW) -> list[str]:
        return list(self.truth.broken(Page(at, at, text or self.text), TIMEOUT))

    def first(self, family: str, source: str) -> str:
        found = re.search(rf'^{family}{{source="{source}".*$', self.text, re.MULTILINE)
        assert found
        return found[0]


@pytest.fixture
async def polled() -> Polled:
    simulation = Simulation(servers=40, seed=3, clock=lambda: NOW)
    truth = Truth(simulation)
    async with simulation.serving() as url:
        rig = Rig(simulation, url, StoppedClock(NOW))
        exporter = rig.exporter()
        truth.note()
        assert await exporter.scheduler.run_all_once()
        truth.note()
        # The duration of the run is the machine's, in which the calendar stands still.
        for state in exporter.scheduler.board:
            exporter.scheduler.board.put(replace(state, duration=0.0))
        found = Polled(truth, exporter)
        await rig.close()
    return found


async def test_what_is_true_breaks_no_promise(polled: Polled) -> None:
    assert polled.broken() == []
    assert Page(NOW, NOW, polled.text).doubled == []


@pytest.mark.parametrize("source", ["com-demo", "ome-demo"])
async def test_a_lost_an_invented_and_a_wrong_series_are_found(polled: Polled, source: str) -> None:
    line = polled.first("serverfleet_server_info", source)
    serial = re.findall('serial="([^"]*)"', line)[0]

    assert polled.broken(polled.text.replace(line, "")) == [f"{source} lost {serial}"]
    invented = line.replace(serial, "NOBODY")
    assert polled.broken(f"{polled.text}\n{invented}") == [
        f"{source} serves NOBODY, which was not there"
    ]
    connected = re.search(
        rf'^serverfleet_server_connected{{source="{source}".* 1$', polled.text, re.MULTILINE
    )
    assert connected
    (broken,) = polled.broken(polled.text.replace(connected[0], connected[0][:-1] + "0"))
    assert "is 0.0, and was ['1.0']" in broken
    assert Page(NOW, NOW, f"{polled.text}\n{line}").doubled == [line.rpartition(" ")[0]]


async def test_data_that_are_older_than_allowed_are_found(polled: Polled) -> None:
    broken = polled.broken(at=NOW + 185)

    assert "com-demo/servers is served 185 s after its last success" in broken


def test_a_series_unlike_those_of_a_new_exporter_is_found_in_any_family(polled: Polled) -> None:
    true = of_servers(Page(NOW, NOW, polled.text))
    families = {series[: series.index("{")] for series in true}
    assert len(families) > 22

    for family in families:
        series, number = next(each for each in true.items() if each[0].startswith(f"{family}{{"))
        without = {each: value for each, value in true.items() if each != series}

        assert list(differences(true, without, true)) == [f"lost: {series}"]
        assert list(differences(without, true, without)) == [f"invented: {series}"]
        assert list(differences(true, {**true, series: "9"}, true)) == [
            f"wrong: {series} is 9, and was {number}"
        ]
    assert list(differences(true, true, true)) == []


def test_what_changed_meanwhile_is_neither_lost_nor_invented_nor_wrong() -> None:
    before, after = {"gone": "1", "changed": "1"}, {"new": "1", "changed": "3"}

    assert list(differences(before, {"changed": "2", "new": "1"}, after)) == []
    assert list(differences(before, {"changed": "2", "gone": "1"}, after)) == []


def test_a_line_that_rises_is_growth_and_a_step_in_the_first_half_or_a_peak_is_none() -> None:
    assert growth([1.0] * 50 + [100.0] * 51) == pytest.approx(0, abs=0.5)
    assert growth([100 + each / 100 for each in range(1000)]) == pytest.approx(4.7, abs=0.2)
    assert growth([100.0] * 900 + [190.0] * 100) == pytest.approx(0, abs=0.5)
    assert growth([100.0]) == 0
    assert not Promise("memory", 3.1, 3).kept
    assert Promise("memory", 3.1).kept


def test_a_log_line_that_is_an_error_or_no_event_is_found(tmp_path: Path) -> None:
    path = tmp_path / "stderr.txt"
    path.write_text(
        '{"level": "info", "event": "reloaded"}\n'
        '{"level": "error", "event": "reload failed, the former configuration stays"}\n'
        '{"level": "error", "event": "Task exception was never retrieved"}\n'
        "sys:1: ResourceWarning: unclosed transport\n"
        '{"level": "inf'
    )

    log = Log(path).follow()

    assert (log.events["reloaded"], log.bad_lines) == (1, 2)
    assert log.bad[1] == "sys:1: ResourceWarning: unclosed transport"


def test_a_fast_clock_runs_as_fast_in_every_process_that_knows_its_numbers() -> None:
    clock = FastClock.starting(NOW, 60)
    other = FastClock(clock.began, clock.epoch, clock.speed)

    assert NOW <= clock.wall() <= other.wall() <= clock.wall()
