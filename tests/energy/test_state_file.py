"""What becomes of the counters when the file, the disk or the process gives way?"""

import asyncio
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from exporter.energy.books import Books
from exporter.energy.file import VERSION, StateFileError, WrongFileError, opened, size
from exporter.energy.ledger import Ledger
from tests.energy import writer
from tests.energy.conftest import START, Heard
from tests.support.clock import FakeClock

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def damage(path: Path) -> bytes:
    """Overwrite all but the first page."""
    content = path.read_bytes()
    spoilt = content[:4096] + b"\xff" * (len(content) - 4096)
    path.write_bytes(spoilt)
    return spoilt


def cut(path: Path) -> bytes:
    """Leave the first half."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return content[: len(content) // 2]


def modes(path: Path) -> dict[str, int]:
    return {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}


async def ledger_at(path: Path) -> tuple[Ledger, Heard]:
    heard = Heard()
    ledger = Ledger(path, FakeClock(wall=START), heard)
    await ledger.open()
    return ledger, heard


async def grown(ledger: Ledger, *readings: int) -> int | None:
    """Let a device's counter move, and return the total."""
    for reading in readings:
        await ledger.advance("fra", {"SN1": reading}, START)
    return ledger.totals("fra").get("SN1")


async def test_totals_are_there_again_when_it_is_opened_again(path: Path) -> None:
    ledger, heard = await ledger_at(path)
    assert await grown(ledger, 100, 130) == 30
    await ledger.close()
    again, _ = await ledger_at(path)

    assert again.totals("fra") == {"SN1": 30}
    assert (heard.writes, heard.failures) == (2, [])
    assert heard.size > 0
    await again.close()


async def test_the_log_says_from_which_hour_on_energy_is_counted(path: Path) -> None:
    ledger, _ = await ledger_at(path)
    with structlog.testing.capture_logs() as logs:
        await grown(ledger, 1, 2)
    await ledger.close()

    line = {"event": "energy is counted from now on", "log_level": "info"}
    assert logs == [{**line, "source": "fra", "since": "2026-05-28T20:00Z"}]


async def test_a_second_exporter_on_the_same_file_is_refused(path: Path) -> None:
    first, _ = await ledger_at(path)
    with pytest.raises(StateFileError, match="another exporter uses it; give each a file of its"):
        await ledger_at(path)
    await first.close()
    second, _ = await ledger_at(path)
    await second.close()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing/state.db", "No such file or directory; name a file in a directory that exists"),
        (".", "name a file"),
    ],
)
async def test_a_place_where_no_file_can_be_is_refused(
    tmp_path: Path, name: str, said: str
) -> None:
    with pytest.raises(StateFileError, match=said):
        await ledger_at(tmp_path / name)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
async def test_a_database_of_another_program_is_refused_and_left_alone(
    path: Path, mode: str
) -> None:
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA journal_mode = {mode}")
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    path.chmod(0o664)
    before = {each.name: each.read_bytes() for each in path.parent.iterdir()}

    with pytest.raises(WrongFileError, match="a database of another program; name another file"):
        await ledger_at(path)

    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == before
    assert modes(path)["state.db"] == 0o664
    other.close()


async def test_a_database_of_another_program_behind_a_link_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "theirs.db") as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    (tmp_path / "link.db").symlink_to("theirs.db")

    with pytest.raises(WrongFileError, match="a database of another program"):
        await ledger_at(tmp_path / "link.db")

    assert {each.name for each in tmp_path.iterdir()} == {"theirs.db", "link.db"}


async def test_a_state_file_behind_a_dangling_link_is_for_its_owner_only(tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "target.db")

    await ledger_at(link)

    assert (tmp_path / "target.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", [b"# A list of things to do\n", b"SQLite", b"\0" * 5000, b"x" * 5000]
)
async def test_a_file_that_is_no_database_is_refused_and_left_alone(
    path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    path.chmod(0o644)

    with pytest.raises(WrongFileError, match="it is not a state file; name a file that does not"):
        await ledger_at(path)

    assert [each.name for each in path.parent.iterdir()] == ["state.db"]
    assert path.read_bytes() == content
    assert modes(path) == {"state.db": 0o644}


@pytest.mark.parametrize("kind", ["fifo", "directory", "device"])
async def test_what_is_no_file_at_all_is_refused(path: Path, kind: str) -> None:
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")

    with pytest.raises(WrongFileError, match="it is not a state file"):
        await ledger_at(path)


async def test_a_damaged_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as other:
        for number in range(300):
            other.execute(f"CREATE TABLE theirs_{number} (x)")
    other.close()
    spoilt = damage(path)

    with pytest.raises(WrongFileError, match="a database of another program; name another file"):
        await ledger_at(path)
    assert path.read_bytes() == spoilt
    assert modes(path).keys() == {"state.db"}


async def test_an_empty_file_is_taken(path: Path) -> None:
    path.touch()

    ledger, _ = await ledger_at(path)

    assert await grown(ledger, 1, 2) == 1
    await ledger.close()


async def test_the_file_and_what_belongs_to_it_are_for_their_owner_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        ledger, _ = await ledger_at(path)
        await grown(ledger, 1, 2)
    finally:
        os.umask(before)

    private = dict.fromkeys(("state.db", "state.db-shm", "state.db-wal", "state.db.lock"), 0o600)
    assert modes(path) == private
    await ledger.close()
    path.chmod(0o644)
    Path(f"{path}.lock").chmod(0o644)
    again, _ = await ledger_at(path)
    assert modes(path) == private, "as an older exporter left it"
    await again.close()


@pytest.mark.parametrize("endings", [("",), ("", "-wal", "-shm"), ("", "-wal", "-shm", ".lock")])
async def test_a_file_that_is_deleted_while_it_is_used_is_written_again_with_all_it_had(
    path: Path, endings: tuple[str, ...]
) -> None:
    ledger, heard = await ledger_at(path)
    await grown(ledger, 100, 130)
    due = await ledger.due("fra", 86400.0, START + 3 * 3600)
    for ending in endings:
        Path(f"{path}{ending}").unlink()

    with structlog.testing.capture_logs() as logs:
        assert await grown(ledger, 150, 160) == 60

    assert [(line["event"], line["file"]) for line in logs] == [
        ("state file was deleted, it is written again", str(path))
    ]
    assert heard.failures == ["write"]
    with pytest.raises(StateFileError, match="another exporter uses it"):
        await ledger_at(path)
    assert set(modes(path).values()) == {0o600}
    await ledger.close()
    again, _ = await ledger_at(path)
    assert await grown(again, 170) == 70
    assert await again.due("fra", 86400.0, START + 3 * 3600) == due
    await again.close()
    assert not list(path.parent.glob("*.new"))


async def test_a_file_that_is_deleted_before_the_end_is_written_again_at_the_end(
    path: Path,
) -> None:
    ledger, _ = await ledger_at(path)
    await grown(ledger, 100, 130)
    path.unlink()
    await ledger.close()

    again, _ = await ledger_at(path)
    assert again.totals("fra") == {"SN1": 30}
    await again.close()


async def test_a_file_that_cannot_be_written_again_is_tried_until_it_can(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "state.db"
    ledger, heard = await ledger_at(path)
    await grown(ledger, 100, 130)
    shutil.rmtree(folder)

    for _ in range(2):
        assert not await ledger.advance("fra", {"SN1": 150}, START)
    assert ledger.totals("fra") == {"SN1": 30}
    folder.mkdir()

    assert await grown(ledger, 150) == 50
    assert heard.failures == ["write"] * 3
    await ledger.close()
    again, _ = await ledger_at(path)
    assert again.totals("fra") == {"SN1": 50}
    await again.close()


async def test_a_file_that_another_one_has_replaced_is_not_overwritten(path: Path) -> None:
    ledger, heard = await ledger_at(path)
    await grown(ledger, 100, 130)
    path.unlink()
    path.write_text("somebody's notes")

    with structlog.testing.capture_logs() as logs:
        assert not await ledger.advance("fra", {"SN1": 150}, START)

    assert [line["error"] for line in logs] == ["another file has taken its place; move it away"]
    assert heard.failures == ["write"]
    assert ledger.totals("fra") == {"SN1": 30}
    assert path.read_text() == "somebody's notes"
    path.rename(path.with_name("notes"))
    assert await grown(ledger, 150) == 50
    await ledger.close()


async def test_a_file_of_a_newer_exporter_is_refused(path: Path) -> None:
    ledger, _ = await ledger_at(path)
    await ledger.close()
    with sqlite3.connect(path) as newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
    newer.close()

    with pytest.raises(StateFileError, match="written by a newer exporter"):
        await ledger_at(path)


@pytest.mark.parametrize("spoil", [damage, cut])
async def test_a_damaged_file_is_moved_aside_and_a_new_one_begun(
    path: Path, spoil: Callable[[Path], bytes]
) -> None:
    ledger, _ = await ledger_at(path)
    await ledger.advance("fra", {f"SN{number}": 1 for number in range(3000)}, START)
    await ledger.close()
    spoilt = spoil(path)

    with structlog.testing.capture_logs() as logs:
        again, heard = await ledger_at(path)

    assert heard.failures == ["damaged"]
    assert again.totals("fra") == {}
    assert await grown(again, 5, 7) == 2
    [kept] = [each for each in path.parent.glob("state.db.damaged-*") if "-wal" not in each.name]
    assert size(kept) == len(spoilt)
    [line] = [each for each in logs if each["log_level"] == "error"]
    assert line["event"] == "state file is damaged, a new one is begun and counters start at zero"
    assert line["kept"] == str(kept)
    await again.close()


async def test_a_file_that_is_damaged_while_it_is_used_is_begun_anew(path: Path) -> None:
    ledger, heard = await ledger_at(path)
    await grown(ledger, 100, 130)
    assert ledger._books is not None
    ledger._books._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger._books._connection.execute("PRAGMA shrink_memory")
    damage(path)

    assert not await ledger.advance("fra", {"SN1": 150}, START)
    assert heard.failures == ["damaged"]
    assert ledger.totals("fra") == {}
    assert await grown(ledger, 160, 190) == 30
    await ledger.close()


@pytest.mark.parametrize("fault", ["max_page_count = 1", "query_only = 1"])
async def test_while_nothing_can_be_written_counters_stand_still_and_then_catch_up(
    path: Path, fault: str
) -> None:
    """A full disk, and one that has become read-only."""
    ledger, heard = await ledger_at(path)
    assert await grown(ledger, 100, 130) == 30
    assert ledger._books is not None
    connection = ledger._books._connection
    connection.execute(f"PRAGMA {fault}")
    many = {f"SERIAL-{number:06}": 1 for number in range(2000)}
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            assert not await ledger.advance("fra", {"SN1": 170, **many}, START)
    assert ledger.totals("fra") == {"SN1": 30}
    assert heard.failures == ["write"] * 3
    assert [each["event"] for each in logs] == [
        "state file cannot be written, counters stand still until it can"
    ]

    connection.execute("PRAGMA max_page_count = 1000000")
    connection.execute("PRAGMA query_only = 0")
    with structlog.testing.capture_logs() as logs:
        assert await grown(ledger, 180) == 80
    assert [each["event"] for each in logs] == ["state file is written again"]
    await ledger.close()


async def test_nothing_is_lost_or_counted_twice_when_it_is_killed_at_any_moment(
    path: Path,
) -> None:
    chance = random.Random(4)  # noqa: S311 - reproducible moments
    last_total = 0
    for _ in range(6):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.energy.writer",
            str(path),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        said = [await process.stdout.readline() for _ in range(chance.randint(4, 40))]
        await asyncio.sleep(chance.uniform(0, 0.02))
        process.kill()
        said += (await process.stdout.read()).splitlines()
        await process.wait()
        books = Books(opened(path)[0])
        totals = books.totals()[writer.SOURCE]
        (counted_to,) = books._connection.execute("SELECT counted_to FROM sources").fetchone()
        unsettled = {each.hour for each in books.plan(writer.SOURCE, 0.0, writer.REACH)[0]}
        books.close()

        spoken = [int(line) for line in said if line.strip().isdigit()]
        assert counted_to >= max(spoken) - 1 or max(spoken) in unsettled
        hours = range(writer.FIRST + 1, counted_to + 1)
        assert totals == {
            serial: sum(writer.energy(serial, hour) for hour in hours) for serial in writer.SERVERS
        }
        assert sum(totals.values()) >= last_total
        last_total = sum(totals.values())
    assert last_total > 0
