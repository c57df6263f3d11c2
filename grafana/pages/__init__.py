"""Which dashboards are there? Each is a function in a file of its own."""

from collections.abc import Callable, Mapping

from grafana.pages import alerts, energy, exporter, fleet, server, source
from grafana.parts.page import Page

PAGES: Mapping[str, Callable[[], Page]] = {
    "fleet": fleet.page,
    "source": source.page,
    "server": server.page,
    "energy": energy.page,
    "alerts": alerts.page,
    "exporter": exporter.page,
}
"""The dashboards by the name of their file."""
