"""How does something develop over time?"""

from collections.abc import Iterable, Sequence
from string import ascii_uppercase

from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders import heatmap, statetimeline, timeseries
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models import heatmap as heat

from grafana.parts.panel import all_at_once, framed, table_legend
from grafana.parts.queries import buckets
from grafana.parts.values import GREY, Scale, coloured, mappings, overridden, plotted, read_as

PALETTE = dashboard.FieldColor(mode=dashboard.FieldColorModeId.PALETTE_CLASSIC)
SHORT_GAP_MS = 600_000
"""Gaps up to this are a late scrape or rule; a longer one is shown as the gap that it is."""


def lines(
    title: str, text: str, queries: Sequence[Dataquery], scale: Scale, *, states: Iterable[str] = ()
) -> dashboard.Panel:
    """Draw a line for each series; series named after a state have the state's colour."""
    panel = framed(_graph(fill=8), title, text, queries, plotted(scale))
    panel.field_config.overrides = coloured(states)
    panel.field_config.defaults.color = PALETTE
    return panel


def lines_of_two(
    title: str, text: str, left: tuple[Dataquery, Scale], right: tuple[Dataquery, Scale]
) -> dashboard.Panel:
    """Draw two quantities over one another, each with an axis of its own."""
    (first, scale), (second, other) = left, right
    panel = lines(title, text, [first, second], scale)
    placed = read_as(plotted(other)) | {"custom.axisPlacement": "right", "custom.fillOpacity": 0}
    panel.field_config.overrides = [overridden("byFrameRefID", "B", placed)]
    return panel


def stack(
    title: str, text: str, queries: Sequence[Dataquery], scale: Scale, *, states: Iterable[str] = ()
) -> dashboard.Panel:
    """Draw series on top of one another, where their sum means something."""
    stacking = options.StackingConfig().mode(common.StackingMode.NORMAL).group("A")
    panel = framed(_graph(fill=45).stacking(stacking), title, text, queries, plotted(scale))
    panel.field_config.overrides = coloured(states)
    panel.field_config.defaults.color = PALETTE
    return panel


def timeline(title: str, text: str, readings: Sequence[tuple[Dataquery, Scale]]) -> dashboard.Panel:
    """Draw a coloured band for each reading; each has its own words, or shows its number."""
    drawing = (
        statetimeline.Panel()
        .merge_values(merge_values=True)
        .show_value(common.VisibilityMode.AUTO)
        .row_height(0.85)
        .fill_opacity(80)
        .line_width(0)
        .legend(options.VizLegendOptions().show_legend(show_legend=False))
        .tooltip(options.VizTooltipOptions().mode(common.TooltipDisplayMode.SINGLE))
    )
    first = readings[0][1]
    panel = framed(drawing, title, text, [query for query, _ in readings], plotted(first))
    # By thresholds, Grafana would merge values into ranges of them and show no words.
    panel.field_config.defaults.color = dashboard.FieldColor(
        mode=dashboard.FieldColorModeId.FIXED, fixed_color=GREY if first.words else first.base
    )
    panel.field_config.overrides = [
        overridden("byFrameRefID", letter, {"mappings": mappings(scale.words)})
        for letter, (_, scale) in zip(ascii_uppercase, readings, strict=False)
    ]
    return panel


def heat_map(title: str, text: str, expression: str, scale: Scale) -> dashboard.Panel:
    """Draw a histogram over time."""
    drawing = (
        heatmap.Panel()
        .calculate(calculate=False)
        .color(
            heatmap.HeatmapColorOptions()
            .mode(heat.HeatmapColorMode.SCHEME)
            .scheme("Blues")
            .steps(32)
            .fill("dark-blue")
            .scale(heat.HeatmapColorScale.EXPONENTIAL)
            .exponent(0.5)
            .reverse(reverse=False)
        )
        .y_axis(heatmap.YAxisConfig().unit(scale.unit))
        .cell_gap(1)
        .show_tooltip()
    )
    return framed(drawing, title, text, [buckets(expression)], plotted(scale))


def _graph(fill: int) -> timeseries.Panel:
    return (
        timeseries.Panel()
        .draw_style(common.GraphDrawStyle.LINE)
        .line_width(1)
        .fill_opacity(fill)
        .gradient_mode(common.GraphGradientMode.NONE)
        .show_points(common.VisibilityMode.NEVER)
        .span_nulls(SHORT_GAP_MS)
        .legend(table_legend())
        .tooltip(all_at_once())
    )
