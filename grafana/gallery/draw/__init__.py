"""How is each type of panel drawn?"""

from collections.abc import Callable, Mapping

from grafana.gallery.draw import bars, gauges, graph, heat, pie, prose, tables, tiles, timeline
from grafana.gallery.draw.subject import Subject

DRAWINGS: Mapping[str, Callable[[Subject], None]] = {
    "stat": tiles.draw,
    "timeseries": graph.draw,
    "table": tables.draw,
    "bargauge": gauges.draw,
    "barchart": bars.draw,
    "piechart": pie.draw,
    "state-timeline": timeline.draw,
    "heatmap": heat.draw,
    "text": prose.draw,
}
"""What draws a panel, by its type."""
