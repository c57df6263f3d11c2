"""One reload at a time, and everybody learns what became of it."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from exporter.config.load import Config, ConfigError
from exporter.config.plan import Changes
from exporter.lifecycle import Reloader

OLD = Config(listen=("", 10450), sources=())


class Bench:
    """A reloader over a file and an exporter that a test plays."""

    def __init__(self, read: Callable[[], Config] = lambda: OLD) -> None:
        self.reads = 0
        self.at_once = 0
        self.most_at_once = 0
        self.told: list[bool] = []
        self.go_on = asyncio.Event()
        self.applying = asyncio.Event()
        self._read = read
        self.reloader = Reloader(OLD, self.read, self.apply, self.told.append)

    def read(self) -> Config:
        self.reads += 1
        return self._read()

    async def apply(self, _: Config) -> Changes:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.applying.set()
        await self.go_on.wait()
        self.at_once -= 1
        return Changes(added=("rome",), unchanged=("emea",))


async def test_a_reload_says_what_changed() -> None:
    bench = Bench()
    bench.go_on.set()

    with capture_logs() as logs:
        outcome = await bench.reloader.reload()

    assert outcome.ok
    assert bench.told == [True]
    (line,) = logs
    assert (line["event"], line["log_level"]) == ("reloaded", "info")
    assert (line["added"], line["removed"], line["changed"]) == (("rome",), (), ())
    assert line["unchanged"] == ("emea",)


async def test_who_asks_during_a_reload_shares_the_next_one() -> None:
    bench = Bench()
    first = asyncio.create_task(bench.reloader.reload())
    await bench.applying.wait()

    later = [asyncio.create_task(bench.reloader.reload()) for _ in range(5)]
    await asyncio.sleep(0)
    assert bench.reads == 1
    bench.go_on.set()
    outcomes = await asyncio.gather(first, *later)

    assert all(outcome.ok for outcome in outcomes)
    assert (bench.reads, bench.most_at_once, bench.told) == (2, 1, [True, True])


async def test_mistakes_keep_what_is_in_force_and_are_all_named() -> None:
    def broken() -> Config:
        raise ConfigError("config.yaml", ["listen: wrong", "sources: must not be empty"])

    bench = Bench(broken)

    with capture_logs() as logs:
        outcome = await bench.reloader.reload()

    assert not bench.applying.is_set()
    assert bench.told == [False]
    assert outcome.problems == (
        "config.yaml: listen: wrong",
        "config.yaml: sources: must not be empty",
    )
    (line,) = logs
    assert line["event"] == "reload failed, the former configuration stays"
    assert (line["log_level"], line["file"]) == ("error", "config.yaml")
    assert line["problems"] == ["listen: wrong", "sources: must not be empty"]


async def test_a_file_that_vanishes_meanwhile_is_a_failure_too() -> None:
    def gone() -> Config:
        raise FileNotFoundError(2, "No such file or directory", "/etc/ca.pem")

    bench = Bench(gone)

    outcome = await bench.reloader.reload()

    assert outcome.problems == ("/etc/ca.pem: No such file or directory",)
    assert bench.told == [False]


@pytest.mark.parametrize("error", [ZeroDivisionError(), MemoryError(), ValueError("planted")])
async def test_what_nobody_foresaw_counts_as_a_failure(error: Exception) -> None:
    def broken() -> Config:
        raise error

    bench = Bench(broken)

    with capture_logs() as logs:
        outcome = await bench.reloader.reload()

    assert bench.told == [False]
    assert outcome.problems == (f"cannot be used ({type(error).__name__})",)
    (line,) = (each for each in logs if each["log_level"] != "debug")
    assert line["problems"] == list(outcome.problems)


async def test_a_reload_without_a_free_thread_fails_and_a_later_one_succeeds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    bench.go_on.set()

    with monkeypatch.context() as scarce:
        scarce.setattr(threading.Thread, "start", no_thread)
        refused = await bench.reloader.reload()
    later = await bench.reloader.reload()

    assert refused.problems == ("the system starts no more threads",)
    assert later.ok
    assert bench.told == [False, True]


def no_thread(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


async def test_another_address_is_a_warning_and_no_failure() -> None:
    bench = Bench(lambda: Config(listen=("", 1), sources=()))
    bench.go_on.set()

    with capture_logs() as logs:
        outcome = await bench.reloader.reload()

    sentence = "listen has changed: that takes effect at the next start"
    assert outcome.ok
    assert outcome.warnings == (sentence,)
    assert {"event": sentence, "log_level": "warning"} in logs


async def test_who_goes_away_does_not_stop_the_reload() -> None:
    bench = Bench()
    asking = asyncio.create_task(bench.reloader.reload())
    await bench.applying.wait()

    asking.cancel()
    bench.go_on.set()
    later = await bench.reloader.reload()

    assert later.ok
    assert bench.told == [True, True]


async def test_a_file_that_hangs_while_it_is_read_holds_up_no_end() -> None:
    reading, go_on = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def hang() -> Config:
        threads.append(threading.current_thread())
        reading.set()
        go_on.wait()
        return OLD

    bench = Bench(hang)
    reload = bench.reloader.request()
    await asyncio.to_thread(reading.wait)

    await bench.reloader.close()

    assert reload.cancelled()
    assert threads[0].daemon, "the program does not wait for it"
    go_on.set()


async def test_closing_gives_up_what_is_under_way_and_refuses_the_rest() -> None:
    bench = Bench()
    asking = bench.reloader.request()
    await bench.applying.wait()

    await bench.reloader.close()

    assert asking.cancelled()
    assert (await bench.reloader.reload()).problems == ("the exporter is stopping",)
