"""How do panels become a dashboard: where does each stand, and what surrounds them?"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard

from grafana.parts.filters import Filter
from grafana.parts.links import TAG, to_all_pages
from grafana.parts.panel import DATASOURCE
from grafana.parts.ready import Ready

GRID_WIDTH = 24


@dataclass(frozen=True, slots=True)
class Line:
    """Panels side by side, of one height, filling the width."""

    height: int
    panels: tuple[dashboard.Panel, ...]
    widths: tuple[int, ...]


def line(height: int, *panels: dashboard.Panel, widths: tuple[int, ...] = ()) -> Line:
    """Put panels side by side; they are equally wide unless widths are given."""
    widths = widths or (GRID_WIDTH // len(panels),) * len(panels)
    if sum(widths) != GRID_WIDTH or len(widths) != len(panels):
        raise ValueError(f"{[panel.title for panel in panels]} do not fill the width: {widths}")
    return Line(height, panels, widths)


@dataclass(frozen=True, slots=True)
class Section:
    """Lines below a heading."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A dashboard: the first section is open, the others open on a click and ask nothing before."""

    uid: str
    title: str
    text: str
    filters: tuple[Filter, ...]
    alerts: str
    """The matchers of the alerts that can be marked in the graphs."""
    shows_alerts: bool = False
    """Whether they are marked before somebody asks for it."""
    sections: tuple[Section, ...]
    since: str = "now-3h"


class AlertMarks(dashboard.AnnotationQuery):
    """Marks in the graphs, with the Prometheus settings that the typed model leaves out."""

    def to_json(self) -> dict[str, object]:
        """Give the JSON of Grafana's Prometheus annotations."""
        return super().to_json() | {
            "step": "60s",
            "tagKeys": "severity,source",
            "textFormat": "{{alertname}} {{source}}",
            "titleFormat": "{{alertname}}",
            "useValueForTime": True,
        }


class Encoder(JSONEncoder):
    """The encoder of the typed models, without the id that all variables share.

    Grafana 10 keeps variables by their id, if they have one.
    """

    def default(self, obj: object) -> Any:
        """Return the JSON of a part."""
        written = super().default(obj)
        if isinstance(obj, dashboard.VariableModel):
            del written["id"]
        return written


def document(page: Page) -> str:
    """Write a dashboard as the text of a file that gives clean differences."""
    text = json.dumps(_dashboard(page), cls=Encoder, sort_keys=True, indent=2, ensure_ascii=False)
    return f"{text}\n"


def _dashboard(page: Page) -> dashboard.Dashboard:
    board = (
        builders.Dashboard(page.title)
        .uid(page.uid)
        .description(page.text)
        .tags([TAG])
        .timezone("browser")
        .time(page.since, "now")
        .refresh("")
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .variables([*page.filters])
        .annotation(Ready(_marks(page)))
        .link(to_all_pages())
        .editable()
    )
    board = _filled(board, page)
    built = board.build()
    built.version = 1
    return built


def _marks(page: Page) -> AlertMarks:
    matchers = f'alertname=~"Serverfleet.*",severity="critical",{page.alerts}'
    return AlertMarks(
        name="Critical alerts",
        datasource=DATASOURCE,
        enable=page.shows_alerts,
        hide=False,
        icon_color="red",
        # One mark for each start of an alert of a source: 3,000 servers of one source are one mark.
        # The value is the time of the mark, in milliseconds. Warnings are in the tables.
        expr="min by (alertname, source, severity) "
        f"(ALERTS_FOR_STATE{{{matchers}}} "
        f'and ignoring (alertstate) ALERTS{{{matchers},alertstate="firing"}}) * 1000',
    )


def _filled(board: builders.Dashboard, page: Page) -> builders.Dashboard:
    number, top = 1, 0
    for index, section in enumerate(page.sections):
        panels = list(_placed(section, number + 1, top + 1))
        row = builders.Row(section.title).id(number).collapsed(collapsed=index > 0)
        row = row.grid_pos(dashboard.GridPos(x=0, y=top, w=GRID_WIDTH, h=1))
        for panel in panels if index else []:
            row = row.with_panel(Ready(panel))
        board = board.with_row(row)
        for panel in [] if index else panels:
            board = board.with_panel(Ready(panel))
        number += len(panels) + 1
        top += 1 if index else 1 + sum(line.height for line in section.lines)
    return board


def _placed(section: Section, number: int, top: int) -> Iterator[dashboard.Panel]:
    for line in section.lines:
        left = 0
        for panel, width in zip(line.panels, line.widths, strict=True):
            panel.id_val = number
            panel.grid_pos = dashboard.GridPos(x=left, y=top, w=width, h=line.height)
            yield panel
            number, left = number + 1, left + width
        top += line.height
