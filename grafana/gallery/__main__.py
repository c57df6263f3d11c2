"""Draw the dashboards with the numbers of a simulated fleet on a real Prometheus.

Needs `prometheus`, `promtool` and `chromium`. Living through the past takes some minutes; with
`--keep FOLDER` it is kept there, and the next run only draws.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from grafana.gallery.history import DAYS, Past, known, lived, write_history
from grafana.gallery.layout import drawn_panels
from grafana.gallery.picture import Facts, picture
from grafana.gallery.prometheus import Prometheus, running_prometheus
from grafana.gallery.questions import answers, choices, marks, span_of
from grafana.gallery.screenshot import STYLES, take_screenshot
from grafana.gallery.story import Subject

ROOT = Path(__file__).parents[2]
BOARDS = ROOT / "grafana" / "dashboards"
PICTURES = ROOT / "docs" / "pictures"
_TEN_MINUTES = 600


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture to draw: its name, the dashboard, and variables that have no default."""

    name: str
    board: Mapping[str, Any]
    chosen: Mapping[str, str]


def main() -> int:
    """Draw every picture."""
    parser = argparse.ArgumentParser(prog="python -m grafana.gallery", description=__doc__)
    parser.add_argument("--keep", type=Path, help="keep the past in this folder, or draw it again")
    parser.add_argument("--pictures", type=Path, default=PICTURES, help="where the pictures go")
    parser.add_argument("--only", help="draw only the picture of this name")
    parser.add_argument(
        "--days", type=float, default=DAYS, help="live through fewer days, to see a page soon"
    )
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    options.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        asyncio.run(_draw_all(folder, options))
    return 0


async def _draw_all(folder: Path, options: argparse.Namespace) -> None:
    past = known(folder)
    if past is None:
        past = await _live(folder, options.pictures, options.days)
    async with running_prometheus(folder / "data") as server:
        for shot in _shots(past):
            if options.only in (None, shot.name):
                await _draw(shot, server, past.moment, options.pictures)


async def _live(folder: Path, pictures: Path, days: float) -> Past:
    moment = time.time() // _TEN_MINUTES * _TEN_MINUTES
    async with lived(moment, folder, days) as life:
        for style in STYLES:
            file = pictures / f"status-{style}.png"
            await take_screenshot(f"http://127.0.0.1:{life.port}/", file, style)
    await write_history(life.past, folder)
    return life.past


def _shots(past: Past) -> Iterator[Shot]:
    for file in sorted(BOARDS.glob("*.json")):
        board = json.loads(file.read_text(encoding="utf-8"))
        if file.stem == "server":
            yield Shot("server", board, _variables(past.hpe))
            yield Shot("server-dell", board, _variables(past.dell))
        else:
            yield Shot(file.stem, board, {})


def _variables(subject: Subject) -> dict[str, str]:
    return {"server": subject.name, "serial": subject.serial}


async def _draw(shot: Shot, server: Prometheus, moment: float, pictures: Path) -> None:
    span = span_of(shot.board, moment)
    chosen = await choices(shot.board, server, span, shot.chosen)
    found = {
        panel["id"]: await answers(panel, chosen, server, span)
        for panel in drawn_panels(shot.board)
    }
    for panel in drawn_panels(shot.board):
        if panel.get("targets") and not any(each.series for each in found[panel["id"]]):
            _say(f"{shot.name}: no data in {panel['title']!r}")
    facts = Facts(found, list(chosen.values()), span, await marks(shot.board, chosen, server, span))
    file = pictures / f"{shot.name}.png"
    picture(shot.board, facts).save(file)
    _say(f"{file.name}: {file.stat().st_size // 1000} kB")


def _say(what: str) -> None:
    sys.stderr.write(f"gallery: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
