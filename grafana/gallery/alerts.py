"""When would the shipped alerts have been pending and firing? As Prometheus counts `for`."""

from collections.abc import Iterator, Sequence

from grafana.gallery.answers import Series
from grafana.gallery.rules import Alerting

Labels = tuple[tuple[str, str], ...]
Moments = list[tuple[float, str]]
"""Unix seconds, and `pending` or `firing`."""


def states(rule: Alerting, series: Series, every: float) -> Moments:
    """Give the state at each evaluation; `series` has a value wherever the expression has."""
    found: Moments = []
    true_at = set(series.times)
    since: float | None = None
    last_true = 0.0
    firing = False
    at = series.times[0]
    while at <= series.times[-1] + rule.keeps_for:
        if at in true_at:
            since, last_true = at if since is None else since, at
            firing = firing or at - since >= rule.holds_for
            found.append((at, "firing" if firing else "pending"))
        elif firing and rule.keeps_for and at - last_true < rule.keeps_for:
            found.append((at, "firing"))
        else:
            since, firing = None, False
        at += every
    return found


def exposition(rule: Alerting, answer: Sequence[Series], every: float, end: float) -> Iterator[str]:
    """Write the ALERTS series of a rule as OpenMetrics, up to a time."""
    for series in answer:
        own = {key: value for key, value in series.labels.items() if key != "__name__"}
        labels = {**own, **_plain(rule), "alertname": rule.name}
        for at, state in states(rule, series, every):
            if at <= end:
                text = ",".join(
                    f'{key}="{_escaped(value)}"'
                    for key, value in sorted({**labels, "alertstate": state}.items())
                )
                yield f"ALERTS{{{text}}} 1 {at:.0f}\n"


def _plain(rule: Alerting) -> dict[str, str]:
    """Keep labels without a template; those are for the routing of messages."""
    return {key: value for key, value in rule.labels.items() if "{{" not in value}


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
