"""The file of windows bears being closed while a thread is at it, as Ctrl-C does."""

import threading
from pathlib import Path

import pytest

from exporter.backfill.openmetrics import WINDOW_OF, Labels, family_lines
from exporter.backfill.span import PastWindow
from exporter.backfill.spool import BLOCK, Spool, SpoolError
from exporter.model import Energy, Server, Window

HOUR = PastWindow(Window.HOUR, 3600)
PATIENCE = 60.0


def filled(path: Path) -> Spool:
    spool = Spool(path, "https://com.example.net")
    spool.add(HOUR, {f"server-{number}": Energy(joules=1.0) for number in range(2 * BLOCK)})
    return spool


def test_closing_waits_for_the_reader_and_ends_it(tmp_path: Path) -> None:
    spool = filled(tmp_path / "spool")
    histories = spool.histories(Window.HOUR, 0, 7200)
    next(histories)
    closing = threading.Event()

    def close() -> None:
        closing.set()
        spool.close()

    closer = threading.Thread(target=close)
    closer.start()
    assert closing.wait(PATIENCE)
    while not spool._closing:
        closer.join(0.01)
    assert closer.is_alive()
    with pytest.raises(SpoolError, match="was closed while it was read"):
        list(histories)
    closer.join(PATIENCE)
    assert not closer.is_alive()


def test_what_was_added_before_it_was_closed_is_there_again(tmp_path: Path) -> None:
    filled(tmp_path / "spool").close()

    again = Spool(tmp_path / "spool", "https://com.example.net")

    assert again.has() == {HOUR}
    assert len(list(again.histories(Window.HOUR, 0, 7200))) == 2 * BLOCK
    again.close()


def test_a_window_without_energy_keeps_its_other_figures(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", "https://com.example.net")
    spool.add(HOUR, {"server-1": Energy(cost_usd=2.0)})

    histories = list(spool.histories(Window.HOUR, 0, 7200))

    assert histories == [("server-1", [(HOUR, Energy(cost_usd=2.0))])]
    labels = Labels("emea", "hpe", {"server-1": Server("server-1", "S1", "one")})
    written = {
        family.name.removeprefix("serverfleet_server_")
        for family in WINDOW_OF
        if "".join([*family_lines(family, labels, spool.histories(WINDOW_OF[family], 0, 7200))][1:])
    }
    assert written == {"energy_cost_last_hour"}
    spool.close()
