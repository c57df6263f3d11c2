"""Where does a click lead, and what does it take along?"""

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard

TAG = "serverfleet"

FLEET = "serverfleet-fleet"
SOURCE = "serverfleet-source"
SERVER = "serverfleet-server"
ENERGY = "serverfleet-energy"
ALERTS = "serverfleet-alerts"
EXPORTER = "serverfleet-exporter"

_KEPT = "${__url_time_range}&${datasource:queryparam}"
_CHOSEN = "${vendor:queryparam}&${source:queryparam}"


def to_page(uid: str, title: str) -> dashboard.DashboardLink:
    """Lead to another dashboard with the same time, vendors and sources."""
    return _link(title, f"/d/{uid}?{_KEPT}&{_CHOSEN}")


def to_server_of_row() -> dashboard.DashboardLink:
    """Lead from a table's row to its server."""
    return _link("Show the server", _server("__data.fields"))


def to_server_of_series() -> dashboard.DashboardLink:
    """Lead from a series to its server."""
    return _link("Show the server", _server("__field.labels"))


def to_source_of_row() -> dashboard.DashboardLink:
    """Lead from a table's row to its source."""
    return _link("Show the source", f"/d/{SOURCE}?{_KEPT}&var-source=${{__data.fields.source}}")


def to_address(title: str) -> dashboard.DashboardLink:
    """Lead to the address that stands in the cell."""
    return _link(title, "https://${__value.raw}", new_window=True)


def to_all_pages() -> builders.DashboardLink:
    """Offer every dashboard of ours at the top, with time and variables kept."""
    return (
        builders.DashboardLink("Server fleet")
        .type(dashboard.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .icon("external link")
        .as_dropdown(as_dropdown=True)
        .include_vars(include_vars=True)
        .keep_time(keep_time=True)
        .target_blank(target_blank=False)
    )


def _server(values: str) -> str:
    variables = "&".join(
        f"var-{name}=${{{values}.{name}}}" for name in ("source", "server", "serial")
    )
    return f"/d/{SERVER}?{_KEPT}&{variables}"


def _link(title: str, url: str, *, new_window: bool = False) -> dashboard.DashboardLink:
    return dashboard.DashboardLink(
        title=title,
        type_val=dashboard.DashboardLinkType.LINK,
        url=url,
        target_blank=new_window,
        keep_time=True,
        include_vars=False,
    )
