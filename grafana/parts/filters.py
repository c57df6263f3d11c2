"""What can be chosen at the top of a dashboard?

The lists hang on families that are served whatever fails, so that a choice never goes away.
"""

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard

from grafana.parts.panel import DATASOURCE

Filter = Builder[dashboard.VariableModel]


def datasource() -> Filter:
    """Choose the Prometheus."""
    return builders.DatasourceVariable("datasource").label("Prometheus").type("prometheus")


def vendor() -> Filter:
    """Choose vendors."""
    return _many("vendor", "Vendor", "label_values(serverfleet_source_info, vendor)").all_value(
        ".*"
    )


def source(*matchers: str) -> Filter:
    """Choose sources; families without a vendor follow the vendor through them.

    That is why "All" stands for the sources that are listed and not for `.*`.
    """
    selector = f"{{{','.join(matchers)}}}" if matchers else ""
    return _many("source", "Source", f"label_values(serverfleet_source_info{selector}, source)")


def source_of_vendor() -> Filter:
    """Choose sources of the chosen vendors."""
    return source('vendor=~"$vendor"')


def model() -> Filter:
    """Choose models for the panels that list single servers."""
    query = 'label_values(serverfleet_server_info{vendor=~"$vendor",source=~"$source"}, model)'
    return _many("model", "Model in tables", query).all_value(".*")


def server() -> Filter:
    """Choose one server by its name."""
    return _one(
        "server", "Server", 'label_values(serverfleet_server_info{source=~"$source"}, server)'
    )


def serial() -> Filter:
    """Choose among servers of one name; mostly there is one."""
    query = 'label_values(serverfleet_server_info{source=~"$source",server="$server"}, serial)'
    return _one("serial", "Serial number", query)


def instance() -> Filter:
    """Choose exporters."""
    return _many("instance", "Exporter", "label_values(serverfleet_build_info, instance)")


def number(name: str, title: str, preset: str) -> Filter:
    """Ask for a number that the queries reckon with."""
    chosen = dashboard.VariableOption(selected=True, text=preset, value=preset)
    return builders.TextBoxVariable(name).label(title).default_value(preset).current(chosen)


def _many(name: str, title: str, query: str) -> builders.QueryVariable:
    everything = dashboard.VariableOption(selected=True, text=["All"], value=["$__all"])
    return (
        _listed(name, title, query)
        .multi(multi=True)
        .include_all(include_all=True)
        .current(everything)
    )


def _one(name: str, title: str, query: str) -> builders.QueryVariable:
    return _listed(name, title, query).multi(multi=False).include_all(include_all=False)


def _listed(name: str, title: str, query: str) -> builders.QueryVariable:
    return (
        builders.QueryVariable(name)
        .label(title)
        .datasource(DATASOURCE)
        .query({"query": query, "refId": f"variable-{name}"})
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
    )
