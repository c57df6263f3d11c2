"""How is one figure, or one figure for each part, shown large?"""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common, dashboard

from grafana.parts.panel import framed, latest
from grafana.parts.queries import now
from grafana.parts.ready import Ready
from grafana.parts.values import (
    NEUTRAL,
    Scale,
    mappings,
    overridden,
    read_as,
    without_value,
)

_SMALL = 22
_LARGE = 30


def tile(
    title: str,
    text: str,
    expression: str,
    scale: Scale,
    *,
    link: dashboard.DashboardLink | None = None,
) -> dashboard.Panel:
    """Show one figure."""
    drawing = _drawing(scale).text(options.VizTextDisplayOptions().value_size(_LARGE))
    if link:
        links: list[Builder[dashboard.DashboardLink]] = [Ready(link)]
        drawing = drawing.data_links(links)
    return _grey_without_value(framed(drawing, title, text, [now(expression, title)], scale))


def tiles(title: str, text: str, expression: str, legend: str, scale: Scale) -> dashboard.Panel:
    """Show a figure for each series, with its name."""
    drawing = (
        _drawing(scale)
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .text(options.VizTextDisplayOptions().value_size(_SMALL).title_size(14))
    )
    return _grey_without_value(framed(drawing, title, text, [now(expression, legend)], scale))


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure among others: what is asked, what it is called, and how it is read."""

    expression: str
    name: str
    """The legend; it may hold labels."""
    scale: Scale


def facts(
    title: str, text: str, figures: Sequence[Fact], *, missing: str, filled: bool = False
) -> dashboard.Panel:
    """Show figures of several kinds; one that does not exist takes no room.

    `filled` colours the whole of each tile, for figures that all judge.
    """
    mode = common.BigValueColorMode
    drawing = (
        _drawing(Scale())
        .color_mode(mode.BACKGROUND if filled else mode.VALUE)
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .text(options.VizTextDisplayOptions().value_size(_SMALL).title_size(14))
    )
    queries = [now(fact.expression, fact.name) for fact in figures]
    panel = framed(drawing, title, text, queries, Scale(unit="none", missing=missing))
    panel.field_config.defaults.color = dashboard.FieldColor(
        mode=dashboard.FieldColorModeId.FIXED, fixed_color=NEUTRAL
    )
    panel.field_config.overrides = [
        overridden("byFrameRefID", letter, _read_alone(fact.scale))
        for letter, fact in zip(ascii_uppercase, figures, strict=False)
    ]
    return _grey_without_value(panel)


def name_tile(title: str, text: str, expression: str, legend: str, scale: Scale) -> dashboard.Panel:
    """Show a text that stands in a label."""
    drawing = (
        _drawing(scale)
        .text_mode(common.BigValueTextMode.NAME)
        .text(options.VizTextDisplayOptions().title_size(_SMALL))
    )
    return _grey_without_value(framed(drawing, title, text, [now(expression, legend)], scale))


def _read_alone(scale: Scale) -> dict[str, object]:
    return read_as(scale) | {"mappings": [*mappings(scale.words), without_value()]}


def _grey_without_value(panel: dashboard.Panel) -> dashboard.Panel:
    known = panel.field_config.defaults.mappings or []
    panel.field_config.defaults.mappings = [*known, without_value()]
    return panel


def _drawing(scale: Scale) -> stat.Panel:
    mode = common.BigValueColorMode
    return (
        stat.Panel()
        .graph_mode(common.BigValueGraphMode.NONE)
        .color_mode(mode.BACKGROUND if scale.judges else mode.NONE)
        .justify_mode(common.BigValueJustifyMode.CENTER)
        .orientation(common.VizOrientation.AUTO)
        .text_mode(common.BigValueTextMode.VALUE)
        .reduce_options(latest())
    )
