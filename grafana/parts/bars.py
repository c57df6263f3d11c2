"""How do things compare with one another at this moment?"""

from collections.abc import Iterable, Sequence

from grafana_foundation_sdk.builders import barchart, bargauge, piechart
from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models import piechart as pie

from grafana.parts.graphs import PALETTE
from grafana.parts.panel import all_at_once, framed, latest
from grafana.parts.queries import now, rows
from grafana.parts.ready import Ready
from grafana.parts.values import Scale, coloured, plotted


def bars(
    title: str,
    text: str,
    named: tuple[str, str],
    scale: Scale,
    *,
    link: dashboard.DashboardLink | None = None,
) -> dashboard.Panel:
    """Draw a bar for each series of an expression, given with its legend."""
    drawing = (
        bargauge.Panel()
        .display_mode(common.BarGaugeDisplayMode.BASIC)
        .orientation(common.VizOrientation.HORIZONTAL)
        .value_mode(common.BarGaugeValueMode.TEXT if not scale.judges else _COLOR)
        .show_unfilled(show_unfilled=True)
        .min_viz_height(12)
        .min_viz_width(8)
        .text(options.VizTextDisplayOptions().title_size(13).value_size(14))
        .reduce_options(latest())
    )
    if link:
        links: list[Builder[dashboard.DashboardLink]] = [Ready(link)]
        drawing = drawing.data_links(links)
    panel = framed(drawing, title, text, [now(*named)], scale)
    if not scale.judges:
        panel.field_config.defaults.color = dashboard.FieldColor(
            mode=dashboard.FieldColorModeId.FIXED, fixed_color=scale.base
        )
    return panel


def stacked_bars(
    title: str, text: str, expression: str, across: tuple[str, str], states: Sequence[str]
) -> dashboard.Panel:
    """Draw a bar for each value of one label, divided by a second label."""
    drawing = (
        _chart()
        .stacking(common.StackingMode.NORMAL)
        # Grafana would print numbers in the segments of their neighbours.
        .show_value(common.VisibilityMode.NEVER)
        .orientation(common.VizOrientation.HORIZONTAL)
        .transformations([_matrix(*across)])
    )
    scale = plotted(Scale(decimals=0, low=0))
    panel = framed(drawing, title, text, [rows(expression)], scale)
    panel.field_config.overrides = coloured(states)
    panel.field_config.defaults.color = PALETTE
    return panel


def distribution(
    title: str, text: str, expression: str, label: str, scale: Scale
) -> dashboard.Panel:
    """Draw how many there are of each value of a label, in the label's order."""
    drawing = (
        _chart()
        .x_field(label)
        .transformations(
            [
                transformed("filterFieldsByName", {"include": {"names": [label, "Value"]}}),
                transformed("convertFieldType", {"conversions": [_number(label)], "fields": {}}),
                transformed("sortBy", {"fields": {}, "sort": [{"field": label}]}),
                transformed("convertFieldType", {"conversions": [_string(label)], "fields": {}}),
            ]
        )
    )
    panel = framed(drawing, title, text, [rows(expression)], plotted(scale))
    panel.field_config.defaults.color = PALETTE
    return panel


def shares(
    title: str, text: str, named: tuple[str, str], scale: Scale, *, states: Iterable[str] = ()
) -> dashboard.Panel:
    """Draw the shares of a whole."""
    drawing = (
        piechart.Panel()
        .pie_type(pie.PieChartType.DONUT)
        .reduce_options(latest())
        .legend(
            piechart.PieChartLegendOptions()
            .display_mode(common.LegendDisplayMode.TABLE)
            .placement(common.LegendPlacement.RIGHT)
            .show_legend(show_legend=True)
            .values([pie.PieChartLegendValues.VALUE, pie.PieChartLegendValues.PERCENT])
        )
        .tooltip(options.VizTooltipOptions().mode(common.TooltipDisplayMode.SINGLE))
    )
    panel = framed(drawing, title, text, [now(*named)], scale)
    panel.field_config.overrides = coloured(states)
    panel.field_config.defaults.color = PALETTE
    return panel


def transformed(kind: str, settings: dict[str, object]) -> dashboard.DataTransformerConfig:
    """Change a query's answer before it is drawn."""
    return dashboard.DataTransformerConfig(id_val=kind, options=settings)


_LABEL_LENGTH = 60
"""The default of the typed builder, 0, would cut every label off."""
_COLOR = common.BarGaugeValueMode.COLOR


def _chart() -> barchart.Panel:
    return (
        barchart.Panel()
        .fill_opacity(75)
        .line_width(0)
        .bar_width(0.85)
        .group_width(0.7)
        .x_tick_label_max_length(_LABEL_LENGTH)
        .show_value(common.VisibilityMode.AUTO)
        .legend(
            options.VizLegendOptions()
            .display_mode(common.LegendDisplayMode.LIST)
            .placement(common.LegendPlacement.BOTTOM)
            .show_legend(show_legend=True)
        )
        .tooltip(all_at_once())
    )


def _matrix(row: str, column: str) -> dashboard.DataTransformerConfig:
    return transformed(
        "groupingToMatrix",
        {"rowField": row, "columnField": column, "valueField": "Value", "emptyValue": "zero"},
    )


def _number(field: str) -> dict[str, object]:
    return {"targetField": field, "destinationType": "number"}


def _string(field: str) -> dict[str, object]:
    return {"targetField": field, "destinationType": "string"}
