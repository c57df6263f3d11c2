"""How is one figure, or one figure for each part, shown large?"""

from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common, dashboard

from grafana.parts.panel import framed, latest
from grafana.parts.queries import now
from grafana.parts.ready import Ready
from grafana.parts.values import Scale

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
    return framed(drawing, title, text, [now(expression, title)], scale)


def tiles(title: str, text: str, expression: str, legend: str, scale: Scale) -> dashboard.Panel:
    """Show a figure for each series, with its name."""
    drawing = (
        _drawing(scale)
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .text(options.VizTextDisplayOptions().value_size(_SMALL).title_size(14))
    )
    return framed(drawing, title, text, [now(expression, legend)], scale)


def name_tile(title: str, text: str, expression: str, legend: str, scale: Scale) -> dashboard.Panel:
    """Show a text that stands in a label."""
    drawing = (
        _drawing(scale)
        .text_mode(common.BigValueTextMode.NAME)
        .text(options.VizTextDisplayOptions().title_size(_SMALL))
    )
    return framed(drawing, title, text, [now(expression, legend)], scale)


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
