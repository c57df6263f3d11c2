"""What is asked of Prometheus, and for which servers?"""

from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from exporter.catalogue import FAMILIES

MIN_STEP = "1m"
"""The recommended scrape interval: more points show nothing more."""
RATE_WINDOW = "5m"
"""Several scrapes. Grafana 10 makes `$__rate_interval` 75 s if the data source keeps its default of
15 s, whatever the min step is: too short for two scrapes."""

_STATES = {family.name: family.states for family in FAMILIES if family.states}


def of_fleet(name: str, *matchers: str) -> str:
    """Select the series of the chosen vendors and sources."""
    return _selected(name, 'vendor=~"$vendor"', 'source=~"$source"', *matchers)


def of_source(name: str, *matchers: str) -> str:
    """Select the series of the chosen sources, for families without a vendor."""
    return _selected(name, 'source=~"$source"', *matchers)


def of_server(name: str, *matchers: str) -> str:
    """Select the series of the one chosen server."""
    return _selected(name, 'source=~"$source"', 'serial="$serial"', *matchers)


def of_exporter(name: str, *matchers: str) -> str:
    """Select the series of the chosen exporters, for families without a source."""
    return _selected(name, 'instance=~"$instance"', *matchers)


def scraped(name: str) -> str:
    """Select one of Prometheus' own series of the exporters only, whatever else it scrapes."""
    return f"{of_exporter(name)} and on (job, instance) serverfleet_build_info"


def of_alerts(*matchers: str) -> str:
    """Select the shipped alerts of the chosen sources, and those that are about no source."""
    return _selected("ALERTS", 'alertname=~"Serverfleet.*"', 'source=~"$source|"', *matchers)


def equal(label: str, value: str) -> str:
    """Match one value of a label."""
    return f'{label}="{value}"'


def _selected(name: str, *matchers: str) -> str:
    return f"{name}{{{','.join(matchers)}}}"


def with_model(narrowed: str) -> str:
    """Add the model to servers.

    It reads one series of every server, so it goes around what is few servers already, and the
    fewer times in a panel the better.
    """
    return _joined(narrowed, "serverfleet_server_info")


def of_chosen_models(narrowed: str) -> str:
    """Add the model to servers, and keep those of the chosen models."""
    return _joined(narrowed, 'serverfleet_server_info{model=~"$model"}')


def _joined(narrowed: str, info: str) -> str:
    # `group by`: two exporters may serve one server for the length of a roll-out.
    models = f"group by (source, serial, model) ({info})"
    return f"({narrowed}) * on (source, serial) group_left (model) {models}"


def states_of(family: str) -> tuple[str, ...]:
    """Name the states of a one-hot family, in the order of their numbers in `state_number`."""
    return _STATES[family]


def state_number(family: str) -> str:
    """Give the current state of the one chosen server as the state's place in the catalogue."""
    _, *others = states_of(family)
    return " + ".join(
        f"{place} * max by (source, serial) ({of_server(family, equal('state', state))})"
        for place, state in enumerate(others, start=1)
    )


def of_last_hour(keys: str, counter: str) -> str:
    """Count what was added to a counter of runs or calls in the hour before each moment.

    Collectors run every minute to every hour: over minutes, a graph of them is a comb.
    """
    return f"sum by ({keys}) (increase({counter}[1h]))"


def now(expression: str, legend: str) -> Dataquery:
    """Ask for the value of this moment only: what is gone is not shown as if it still were."""
    return _asked(expression, legend).instant()


def rows(expression: str) -> Dataquery:
    """Ask for the values of this moment as rows of a table."""
    return now(expression, "__auto").format(PromQueryFormat.TABLE)


def buckets(expression: str) -> Dataquery:
    """Ask for a histogram over time."""
    return _asked(expression, "{{le}}").range().format(PromQueryFormat.HEATMAP)


def trend(expression: str, legend: str) -> Dataquery:
    """Ask for the values over the dashboard's time range."""
    return _asked(expression, legend).range()


def _asked(expression: str, legend: str) -> Dataquery:
    query = Dataquery().expr(expression).legend_format(legend).interval(MIN_STEP)
    return query.exemplar(exemplar=False)
