"""What has every panel, whatever it draws?"""

from collections.abc import Sequence
from string import ascii_uppercase

from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common, dashboard

from grafana.parts.values import Scale, mappings, thresholds

DATASOURCE = dashboard.DataSourceRef(type_val="prometheus", uid="${datasource}")
LEGEND_FIGURES = ["mean", "lastNotNull", "max"]


def framed(
    drawing: Builder[dashboard.Panel],
    title: str,
    text: str,
    queries: Sequence[Dataquery],
    scale: Scale,
) -> dashboard.Panel:
    """Add title, description, queries and the reading of the numbers to a drawing."""
    panel = drawing.build()
    panel.title, panel.description = title, text
    panel.datasource = DATASOURCE
    panel.targets = [
        query.ref_id(letter).datasource(DATASOURCE).build()
        for letter, query in zip(ascii_uppercase, queries, strict=False)
    ]
    _read(panel.field_config.defaults, scale)
    return panel


def _read(field: dashboard.FieldConfig, scale: Scale) -> None:
    field.unit, field.decimals = scale.unit, scale.decimals
    field.min_val, field.max_val = scale.low, scale.high
    field.no_value = scale.missing
    field.mappings = mappings(scale.words)
    field.thresholds = thresholds(scale.base, scale.steps)
    mode = "thresholds" if scale.judges else "palette-classic"
    field.color = field.color or dashboard.FieldColor(mode=dashboard.FieldColorModeId(mode))


def latest() -> options.ReduceDataOptions:
    """Show the value of this moment."""
    return options.ReduceDataOptions().calcs(["lastNotNull"]).values(values=False)


def table_legend() -> options.VizLegendOptions:
    """List the series below the graph with the same figures in every graph."""
    return (
        options.VizLegendOptions()
        .display_mode(common.LegendDisplayMode.TABLE)
        .placement(common.LegendPlacement.BOTTOM)
        .show_legend(show_legend=True)
        .calcs(LEGEND_FIGURES)
        .sort_by("Last *")
        .sort_desc(sort_desc=True)
    )


def all_at_once() -> options.VizTooltipOptions:
    """Show every series under the pointer, the largest first."""
    return (
        options.VizTooltipOptions()
        .mode(common.TooltipDisplayMode.MULTI)
        .sort(common.SortOrder.DESCENDING)
    )
