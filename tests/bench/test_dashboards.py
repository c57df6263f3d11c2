"""What the benchmark of the dashboards asks is what the dashboard asks."""

from bench.dashboards import asked_of_prometheus
from tests.grafana.queries import variables_in


def test_every_query_of_the_fleet_overview_is_timed_with_its_variables_filled_in() -> None:
    asked = list(asked_of_prometheus())

    assert len(asked) > 20
    assert {query.dashboard for query in asked} == {"Fleet overview"}
    assert not [query for query in asked if variables_in(query.expression)]
