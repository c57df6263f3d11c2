"""Sources come, go and change while everything else goes on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from exporter.config.load import Config, load
from exporter.lifecycle import Exporter, Reloader
from exporter.simulators import Simulation
from exporter.sources.vendors import SOURCES
from tests.commands.program import NEVER
from tests.e2e.programs import until
from tests.e2e.rig import samples, value

TYPES = {name: kind.settings for name, kind in SOURCES.items()}
ONLY_INVENTORY = {
    kind: {name: {"enabled": False} for name in list(SOURCES[kind].intervals)[1:]}
    for kind in SOURCES
}


@dataclass
class Running:
    """An exporter that serves a configuration file, and two fleets that it may poll."""

    file: Path
    one: Simulation
    one_url: str
    other: Simulation
    other_url: str
    entries: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""
    exporter: Exporter = field(init=False)
    reloader: Reloader = field(init=False)

    def entry(self, kind: str, name: str, *, other: bool = False, **more: Any) -> dict[str, Any]:
        """Write an entry of `sources` that reads nothing but the inventory."""
        simulation, url = (self.other, self.other_url) if other else (self.one, self.one_url)
        listed = yaml.safe_load(simulation.sources_yaml(url))["sources"]
        (made,) = (each for each in listed if each["type"] == kind)
        return {**made, "name": name, "collectors": ONLY_INVENTORY[kind], **more}

    def write(self, *entries: dict[str, Any]) -> None:
        self.file.write_text(yaml.safe_dump({"listen": "127.0.0.1:0", "sources": list(entries)}))

    def read(self) -> Config:
        return load(self.file, TYPES, {})

    async def reload(self, *entries: dict[str, Any]) -> tuple[int, str]:
        """Write a configuration and ask for it over HTTP; gives status and text."""
        self.write(*entries)
        return await self.post()

    async def post(self) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.address}/-/reload") as answer,
        ):
            return answer.status, await answer.text()

    @property
    def page(self) -> str:
        return self.exporter.exposition().decode()

    def servers(self, name: str) -> float | None:
        return value(self.page, "serverfleet_source_servers", source=name)

    def labels(self, name: str) -> list[str]:
        """Every line of the exposition that is about a source."""
        return [line for line in self.page.splitlines() if f'source="{name}"' in line]

    async def polled(self, *names: str) -> None:
        """Wait until sources have been read."""

        async def all_there() -> bool:
            return all(self.servers(name) is not None for name in names)

        await until(all_there, f"{names} are polled")


@asynccontextmanager
async def running(made: Running, *entries: dict[str, Any]) -> AsyncIterator[Running]:
    made.write(*entries)
    made.exporter = Exporter(made.read())
    made.reloader = made.exporter.reloader(made.read)
    try:
        async with made.exporter.serving("127.0.0.1", 0, reloader=made.reloader) as port:
            made.address = f"http://127.0.0.1:{port}"
            yield made
    finally:
        await made.reloader.close()


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Running]:
    one, other = Simulation(servers=8, seed=1), Simulation(servers=6, seed=2)
    async with one.serving() as one_url, other.serving() as other_url:
        yield Running(tmp_path / "config.yaml", one, one_url, other, other_url)


def requests(simulation: Simulation, method: str, path: str) -> int:
    return sum(
        count
        for (_, its_method, its_path), count in simulation.requests.items()
        if its_method == method and path in its_path
    )


async def test_an_added_source_is_polled_and_the_others_do_not_notice(made: Running) -> None:
    com, ome = made.entry("com", "emea"), made.entry("ome", "rome")
    async with running(made, ome) as exporter:
        await exporter.polled("rome")
        state = exporter.exporter.scheduler.board.state("rome", "devices")

        status, text = await exporter.reload(com, ome)
        await exporter.polled("emea")

        assert (status, text) == (200, "reloaded: 1 added, 0 removed, 0 changed, 1 unchanged\n")
        assert exporter.exporter.scheduler.board.state("rome", "devices") == state
        assert requests(made.one, "POST", "Sessions") == 1
        assert value(exporter.page, "serverfleet_source_up", source="emea") == 1
        runs = samples(exporter.page)["serverfleet_collector_runs_total"]
        assert {dict(labels)["source"] for labels in runs} == {"emea", "rome"}
        # In the order of the configuration, as after a start.
        assert [each.source for each in exporter.exporter.scheduler.board] == ["emea", "rome"]


async def test_a_removed_source_is_gone_at_once_and_logged_out(made: Running) -> None:
    com, ome = made.entry("com", "emea"), made.entry("ome", "rome")
    async with running(made, com, ome) as exporter:
        await exporter.polled("emea", "rome")
        assert made.one.open_sessions == 1
        assert exporter.labels("rome")

        status, text = await exporter.reload(com)

        assert (status, text) == (200, "reloaded: 0 added, 1 removed, 0 changed, 1 unchanged\n")
        assert exporter.labels("rome") == []
        assert made.one.open_sessions == 0
        assert exporter.servers("emea") == 4
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{exporter.address}/metrics?source=rome") as answer:
                assert answer.status == 404
            async with session.get(f"{exporter.address}/status.json") as answer:
                assert [each["name"] for each in (await answer.json())["sources"]] == ["emea"]
            async with session.get(f"{exporter.address}/") as answer:
                assert ">rome<" not in await answer.text()
            async with session.get(f"{exporter.address}/-/healthy") as answer:
                assert answer.status == 200


async def test_a_source_is_removed_in_the_middle_of_a_call(made: Running) -> None:
    com, ome = made.entry("com", "emea"), made.entry("ome", "rome", http={"timeout": "1d"})
    hanging = made.one.faults.add(kind="delay", path="DeviceService", seconds=NEVER)
    async with running(made, com, ome) as exporter:
        await until(lambda: _true(hanging.hits), "the call is under way")

        async with asyncio.timeout(60):
            status, _ = await exporter.reload(com)

        assert status == 200
        assert (exporter.labels("rome"), made.one.open_sessions) == ([], 0)


async def _true(answer: object) -> bool:
    return bool(answer)


async def test_a_changed_source_serves_its_data_until_there_are_newer_ones(made: Running) -> None:
    ome = made.entry("ome", "rome", http={"timeout": "1d"})
    async with running(made, ome) as exporter:
        await exporter.polled("rome")
        requested = value(exporter.page, "serverfleet_api_logins_total", source="rome")
        hanging = made.one.faults.add(kind="delay", path="DeviceService", seconds=NEVER)

        status, text = await exporter.reload({**ome, "timezone": "Europe/Rome"})
        await until(lambda: _true(hanging.hits), "the new source calls")

        assert (status, text) == (200, "reloaded: 0 added, 0 removed, 1 changed, 0 unchanged\n")
        assert exporter.servers("rome") == 4
        assert value(exporter.page, "serverfleet_source_up", source="rome") == 1
        assert value(exporter.page, "serverfleet_api_logins_total", source="rome") == (
            (requested or 0) + 1
        )
        assert made.one.open_sessions == 1

        made.one.faults.clear()
        board = exporter.exporter.scheduler.board
        before = board.state("rome", "devices").runs
        status, _ = await exporter.reload(ome)
        await until(lambda: _true(board.state("rome", "devices").runs > before), "it runs again")
        assert (status, exporter.servers("rome"), made.one.open_sessions) == (200, 4, 1)


async def test_a_name_that_stands_for_another_api_lets_the_former_data_go(made: Running) -> None:
    async with running(made, made.entry("ome", "rome")) as exporter:
        await exporter.polled("rome")
        made.other.faults.add(kind="status", vendor="ome", code=503)

        status, _ = await exporter.reload(made.entry("ome", "rome", other=True))

        assert status == 200
        assert exporter.servers("rome") is None
        assert [line for line in exporter.labels("rome") if "serverfleet_server_" in line] == []
        info = samples(exporter.page)["serverfleet_source_info"]
        assert [dict(labels)["url"] for labels in info] == [made.other_url]
        assert made.one.open_sessions == 0


async def test_a_collector_that_is_switched_off_takes_its_series_along(made: Running) -> None:
    with_jobs = {**ONLY_INVENTORY["ome"], "jobs": {"enabled": True}}
    ome = made.entry("ome", "rome", collectors=with_jobs)
    async with running(made, ome) as exporter:
        await until(
            lambda: _true("serverfleet_source_jobs" in samples(exporter.page)), "jobs are read"
        )

        await exporter.reload(made.entry("ome", "rome"))

        assert "serverfleet_source_jobs" not in samples(exporter.page)
        assert [line for line in exporter.labels("rome") if 'collector="jobs"' in line] == []
        assert exporter.servers("rome") == 4


async def test_a_bad_file_keeps_everything_and_says_why(made: Running) -> None:
    ome = made.entry("ome", "rome")
    async with running(made, ome) as exporter:
        await exporter.polled("rome")
        page = "serverfleet_config_last_reload"
        loaded = value(exporter.page, f"{page}_success_timestamp_seconds")

        status, text = await exporter.reload({**ome, "passwords": "planted"}, {"name": "X"})

        assert status == 500
        assert "sources[0].passwords: unknown setting; did you mean password?" in text
        assert "sources[1].type: must be one of com, ome" in text
        assert "planted" not in text
        assert value(exporter.page, f"{page}_successful") == 0
        assert value(exporter.page, f"{page}_success_timestamp_seconds") == loaded
        assert (exporter.servers("rome"), made.one.open_sessions) == (4, 1)

        assert (await exporter.reload(ome))[0] == 200
        assert value(exporter.page, f"{page}_successful") == 1
        assert (value(exporter.page, f"{page}_success_timestamp_seconds") or 0) > (loaded or 0)
        assert requests(made.one, "POST", "Sessions") == 1


async def test_twenty_reloads_leave_nothing_behind(made: Running) -> None:
    com, ome = made.entry("com", "emea"), made.entry("ome", "rome")
    further = made.entry("ome", "oslo", other=True)
    async with running(made, com, ome) as exporter:
        await exporter.polled("emea", "rome")
        tasks, series = len(asyncio.all_tasks()), set(_series(exporter.page))

        for number in range(20):
            changed = {**ome, "http": {"timeout": f"{20 + number}s"}}
            status, _ = await exporter.reload(com, changed, *([further] if number % 2 else []))
            assert status == 200
        assert (await exporter.reload(com, ome))[0] == 200
        board = exporter.exporter.scheduler.board
        last = board.state("rome", "devices").runs
        await until(lambda: _true(board.state("rome", "devices").runs > last), "it runs again")

        assert set(_series(exporter.page)) == series
        assert made.one.open_sessions == 1
        assert made.other.open_sessions == 0
        await until(lambda: _true(len(asyncio.all_tasks()) <= tasks), "every task has ended")
    assert made.one.open_sessions == 0


def _series(page: str) -> Iterator[str]:
    """Name every series that is about a source; calls are as different as the runs were."""
    for line in page.splitlines():
        about_calls = line.startswith(("serverfleet_api_request", "serverfleet_api_retries"))
        if 'source="' in line and not about_calls:
            yield line.rpartition(" ")[0]


async def test_many_who_ask_at_once_all_get_their_answer(made: Running) -> None:
    ome = made.entry("ome", "rome")
    async with running(made, ome) as exporter:
        await exporter.polled("rome")
        made.write(made.entry("com", "emea"), ome)

        answers = await asyncio.gather(*(exporter.post() for _ in range(10)))

        assert {status for status, _ in answers} == {200}
        assert exporter.exporter.scheduler.board.state("emea", "servers").source == "emea"
        assert requests(made.one, "POST", "Sessions") == 1
