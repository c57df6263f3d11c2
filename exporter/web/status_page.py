"""What does a person see at `/` before, or without, JavaScript?

The same elements as assets/status-view.js makes. Every text passes through `escape`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from string import Template

from exporter.status.advice import RUNBOOKS
from exporter.status.attention import Severity
from exporter.status.statement import (
    Calls,
    CollectorCondition,
    CollectorStatement,
    Drift,
    Failure,
    SourceState,
    SourceStatement,
    Statement,
)
from exporter.web import words
from exporter.web.assets import text_of

_OPEN_UP_TO = 3
_LOOKS = {
    "ok": "ok",
    "degraded": "warning",
    "down": "critical",
    "starting": "unknown",
    "failing": "warning",
    "no_data": "critical",
    "unavailable": "unknown",
    "waiting": "unknown",
}
"""What colour and shape a state has beside its word."""
_SAID = {
    "ok": "Healthy",
    "degraded": "Degraded",
    "down": "Trouble",
    "starting": "Starting",
}
_COLUMNS = (
    "Collector",
    "State",
    "Age of data",
    "Next run",
    "Every",
    "Took",
    "Calls",
    "Items",
    "Problems",
)
_PAGE = Template(text_of("page.html"))


def status_page(said: Statement, now: float, links: Iterable[tuple[str, str]]) -> str:
    """Write the page.

    Args:
        said: What is shown.
        now: Unix seconds.
        links: Address relative to the page, and words, of every address of the exporter.
    """
    state = said.summary.state.value
    mark = "" if said.summary.state is SourceState.OK else f"{_SAID[state]} · "
    headline = f"{_badge(_LOOKS[state], _SAID[state])}<span>{escape(said.summary.text)}</span>"
    return _PAGE.substitute(
        title=f"{mark}serverfleet-exporter",
        version=escape(said.exporter.version),
        links="".join(f'<a href="{escape(to)}">{escape(name)}</a>' for to, name in links),
        headline=headline,
        tiles=_tiles(said, now),
        sources="".join(_source(each, said, now) for each in said.sources),
        runbooks=RUNBOOKS,
    )


def _tiles(said: Statement, now: float) -> str:
    attention, volume, own = said.attention, said.volume, said.exporter
    counts = {each.value: getattr(attention, each.value) for each in Severity}
    split = ", ".join(f"{words.number(count)} {name}" for name, count in counts.items() if count)
    needing = f'<a href="#attention">{words.number(attention.total)}</a>'
    calls = sum(source.calls.needed_per_hour for source in said.sources)
    sources = f"{said.summary.sources_read} of {said.summary.sources}"
    running = _time(own.started_timestamp_seconds, now)
    tiles = (
        ("Sources", sources, "read"),
        ("Servers", words.number(said.summary.servers), "served"),
        ("Need attention", needing, split or "all is well"),
        ("API calls", words.number(calls), "needed an hour"),
        ("Series", words.number(volume.series), "of the fleet"),
        (
            "A scrape",
            words.size(volume.bytes_identity),
            f"gzip: {words.size(volume.bytes_gzip)}",
        ),
        ("Running for", running, f"Python {escape(own.python)}"),
    )
    return "".join(
        f"<div><dt>{name}</dt><dd>{value}</dd><dd>{more}</dd></div>" for name, value, more in tiles
    )


def _source(source: SourceStatement, said: Statement, now: float) -> str:
    is_open = len(said.sources) <= _OPEN_UP_TO or source.state is not SourceState.OK
    name = escape(source.name)
    return (
        f'<details class="source"{" open" * is_open} data-key="{name}">{_head(source)}'
        f'<div class="inside">{_budget(source.address, source.calls)}{_problems(source)}'
        f"{_table(source, now)}</div></details>"
    )


def _head(source: SourceStatement) -> str:
    needing = words.number(source.attention.total)
    return (
        f"<summary><h3>{_bidi(source.name)}</h3>"
        f"{_badge(_LOOKS[source.state], source.state)}{_badge('plain', source.vendor)}"
        f'<span class="facts"><span><b>{words.number(source.servers)}</b> servers</span>'
        f"<span><b>{needing}</b> need attention</span></span></summary>"
    )


def _budget(address: str, calls: Calls) -> str:
    needed, allowed = calls.needed_per_hour, calls.allowed_per_hour
    limit = "no limit set" if allowed is None else f"{words.number(allowed)} allowed"
    meter = ""
    if allowed is not None:
        meter = (
            f'<meter aria-label="Calls needed of those allowed" min="0" max="{allowed}" '
            f'high="{allowed * 0.9:g}" optimum="0" value="{needed:g}"></meter>'
        )
    return (
        f'<p class="budget"><code>{_bidi(address)}</code>'
        f"<span>{words.number(needed)} calls an hour needed, {limit}</span>{meter}</p>"
    )


def _problems(source: SourceStatement) -> str:
    items = "".join(
        _items(collector, is_inventory=not place)
        for place, collector in enumerate(source.collectors)
    )
    return f'<ul class="problems">{items}</ul>' if items else ""


def _items(collector: CollectorStatement, *, is_inventory: bool) -> str:
    items = []
    failure, times = collector.failure, collector.consecutive_failures
    if failure is not None:
        row = f" ({times} times in a row)" if times > 1 else ""
        todo = _todo(failure)
        what = f"{failure.reason}{row}: "
        look = "critical" if is_inventory else _LOOKS[collector.state]
        items.append(_problem(look, collector, what, failure.text, todo))
    if collector.unavailable:
        items.append(_problem("unknown", collector, "not available: ", collector.unavailable))
    if collector.drift is not None:
        what, drift = "the API has changed: ", collector.drift
        items.append(_problem("warning", collector, what, drift.text, _todo(drift)))
    return "".join(items)


def _todo(about: Failure | Drift) -> str:
    return (
        f'<p class="todo"><b>What to do: </b>{escape(about.advice)} '
        f'<a href="{escape(about.runbook)}" rel="noreferrer">Runbook</a></p>'
    )


def _problem(look: str, collector: CollectorStatement, what: str, text: str, todo: str = "") -> str:
    first = f"<p><b>{_bidi(collector.name)}</b> {escape(what)}{_bidi(text)}</p>"
    return f'<li class="{look}">{first}{todo}</li>'


def _table(source: SourceStatement, now: float) -> str:
    heads = "".join(
        f'<th scope="col"{_number(place > 4)}>{name}</th>' for place, name in enumerate(_COLUMNS)
    )
    rows = "".join(_row(collector, now) for collector in source.collectors)
    return (
        '<table class="collectors cards"><caption class="hidden">Collectors of '
        f"{_bidi(source.name)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(collector: CollectorStatement, now: float) -> str:
    took = collector.duration_seconds
    cells = (
        _badge(_LOOKS[collector.state], collector.state),
        _age(collector, now),
        _next(collector, now),
        words.length(collector.interval_seconds),
        "" if took is None else f"{took:.2f} s",
        *map(_count, (collector.calls, collector.items, collector.problems)),
    )
    data = "".join(
        f"<td{_label(place)}{_number(place > 3)}>{cell}</td>" for place, cell in enumerate(cells)
    )
    return f'<tr><th scope="row">{_bidi(collector.name)}</th>{data}</tr>'


def _number(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _label(place: int) -> str:
    return f' data-label="{_COLUMNS[place + 1]}"' if place else ""


def _count(value: int | None) -> str:
    return "" if value is None else words.number(value)


def _age(collector: CollectorStatement, now: float) -> str:
    at, until = collector.last_success_timestamp_seconds, collector.data_until_timestamp_seconds
    if at is None:
        return "none yet"
    if until is not None:
        return f"{_time(at, now)} <small>of {words.about(until - at)}</small>"
    if collector.state is CollectorCondition.UNAVAILABLE:
        return "none"
    return f"{_time(at, now)} <small>no longer served</small>"


def _next(collector: CollectorStatement, now: float) -> str:
    if collector.running:
        return "running"
    at = collector.next_run_timestamp_seconds
    return "waits" if at is None else _time(at, now, ahead=True)


def _time(at: float, now: float, *, ahead: bool = False) -> str:
    exact = datetime.fromtimestamp(at, UTC)
    return (
        f'<time datetime="{exact.isoformat()}" title="{exact:%Y-%m-%d %H:%M:%S} UTC" '
        f'data-at="{at}" data-as="{"in" if ahead else "age"}">'
        f"{words.moment(at, now, ahead=ahead)}</time>"
    )


def _badge(look: str, said: str) -> str:
    return f'<span class="badge {look}">{escape(said.replace("_", " "))}</span>'


def _bidi(text: str) -> str:
    """Keep the direction of a name from turning what stands beside it."""
    return f"<bdi>{escape(text)}</bdi>"
