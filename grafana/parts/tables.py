"""How are many properties of many things shown side by side?"""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders import table as tables
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common, dashboard

from grafana.parts.bars import transformed
from grafana.parts.panel import framed
from grafana.parts.queries import rows
from grafana.parts.ready import Ready
from grafana.parts.values import (
    NO_DATA,
    NOTHING,
    Scale,
    mappings,
    overridden,
    read_as,
    without_value,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: the field it shows and how it is read."""

    field: str
    """A label, or `#A` for the value of the first query, `#B` of the second, ..."""
    title: str
    scale: Scale | None = None
    width: int | None = None
    link: dashboard.DashboardLink | None = None


def label(
    field: str,
    title: str,
    *,
    width: int | None = None,
    link: dashboard.DashboardLink | None = None,
    scale: Scale | None = None,
) -> Column:
    """Show a label."""
    return Column(field=field, title=title, width=width, link=link, scale=scale)


def value(letter: str, title: str, scale: Scale, *, width: int | None = None) -> Column:
    """Show the value of the query with this letter."""
    return Column(field=f"#{letter}", title=title, scale=scale, width=width)


def table(
    title: str,
    text: str,
    expressions: Sequence[str],
    columns: Sequence[Column],
    *,
    order: Sequence[tuple[str, bool]] = (),
    missing: str = "No data",
) -> dashboard.Panel:
    """List rows that have the same labels in every query.

    `order` names columns by title and whether the largest comes first.
    """
    fields = [_field(column, single=len(expressions) == 1) for column in columns]
    drawing = (
        tables.Panel()
        .show_header(show_header=True)
        .cell_height(common.TableCellHeight.SM)
        .sort_by(_order(order))
        .transformations(_arranged(fields, merged=len(expressions) > 1))
    )
    panel = framed(drawing, title, text, [rows(each) for each in expressions], _plain(missing))
    panel.field_config.defaults.custom = {
        "align": "auto",
        "cellOptions": {"type": "auto"},
        "filterable": True,
        "inspect": False,
    }
    panel.field_config.overrides = [
        overridden("byName", field, _properties(column))
        for field, column in zip(fields, columns, strict=True)
    ]
    return panel


def _plain(missing: str) -> Scale:
    return Scale(unit="none", missing=missing)


def _field(column: Column, *, single: bool) -> str:
    if not column.field.startswith("#"):
        return column.field
    if column.field[1:] not in ascii_uppercase:
        raise ValueError(f"{column.field} names no query")
    return "Value" if single else f"Value {column.field}"


def _order(order: Sequence[tuple[str, bool]]) -> list[Builder[common.TableSortByFieldState]]:
    return [options.TableSortByFieldState().display_name(name).desc(desc) for name, desc in order]


def _arranged(fields: list[str], *, merged: bool) -> list[dashboard.DataTransformerConfig]:
    return [
        *([transformed("merge", {})] if merged else []),
        transformed("filterFieldsByName", {"include": {"names": fields}}),
        transformed(
            "organize",
            {
                "excludeByName": {},
                "indexByName": {field: index for index, field in enumerate(fields)},
                "renameByName": {},
            },
        ),
    ]


def _properties(column: Column) -> dict[str, object]:
    # What the panel says of an empty table must not stand in each empty cell.
    properties: dict[str, object] = {"displayName": column.title, "noValue": NOTHING}
    if column.width:
        properties["custom.width"] = column.width
    if column.link:
        properties["links"] = [Ready(column.link).build()]
    if column.scale:
        properties |= read_as(column.scale)
        if column.scale.missing == NO_DATA:
            properties["noValue"] = NOTHING
        if column.scale.judges:
            properties["custom.cellOptions"] = {"type": "color-text"}
            properties["mappings"] = [*mappings(column.scale.words), without_value()]
    return properties
