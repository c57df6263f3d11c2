"""What does a person see at `/`? Plain HTML without any outside asset."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Final

from exporter import __version__
from exporter.config.quantities import duration_text
from exporter.polling.board import CollectorState

STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;"
    "color:#1b1f24;background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .75rem;"
    "border-bottom:1px solid #8884;vertical-align:top}th{font-weight:600}"
    ".ok{color:#116329}.bad{color:#a40e26}.wait{color:#6a5300}"
    ".scroll{overflow-x:auto}a{color:#0550ae}code{font-size:.95em}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}"
    ".ok{color:#57d364}.bad{color:#ff7b72}.wait{color:#e3b341}a{color:#79c0ff}}"
)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """What is shown of a source; calls are requests an hour, 0 allowed ones mean no limit."""

    name: str
    vendor: str
    address: str
    servers: int
    calls_needed: float
    calls_allowed: int


def landing_page(
    states: Iterable[CollectorState],
    sources: Iterable[SourceLine],
    served: frozenset[tuple[str, str]],
    now: float,
) -> str:
    """Write the page.

    Args:
        states: Of every collector.
        sources: What is shown of every source.
        served: The (source, collector) pairs whose data are served now.
        now: Unix seconds.
    """
    source_rows = "".join(map(_source_row, sources))
    collectors = "".join(
        _collector_row(state, (state.source, state.collector) in served, now) for state in states
    )
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>serverfleet-exporter</title><style>{STYLE}</style></head><body>"
        f"<h1>serverfleet-exporter</h1><p>Version {escape(__version__)}. "
        "<a href=/metrics>Metrics</a> · <a href=/-/healthy>Healthy</a> · <a href=/-/ready>Ready</a>"
        "</p><h2>Sources</h2><div class=scroll><table><thead><tr><th>Source<th>Vendor<th>API"
        "<th>Servers<th>Requests an hour<th>Allowed an hour</thead>"
        f"<tbody>{source_rows}</tbody></table></div>"
        "<h2>Collectors</h2><div class=scroll><table><thead><tr><th>Source<th>Collector<th>State"
        "<th>Last success<th>Next run<th>Every<th>Took<th>Items<th>Problems<th>Data<th>Last error"
        f"</thead><tbody>{collectors}</tbody></table></div></body></html>\n"
    )


def _source_row(line: SourceLine) -> str:
    allowed = str(line.calls_allowed) if line.calls_allowed else "no limit set"
    return (
        f"<tr><td>{escape(line.name)}<td>{escape(line.vendor)}<td><code>{escape(line.address)}</code>"
        f"<td>{line.servers}<td>{line.calls_needed:.0f}<td>{allowed}</tr>"
    )


def _collector_row(state: CollectorState, is_served: bool, now: float) -> str:
    cells = (
        escape(state.source),
        escape(state.collector),
        _state(state),
        _moment(state.last_success, now),
        "now" if state.running else _moment(state.next_run, now),
        duration_text(state.interval),
        "" if state.duration is None else f"{state.duration:.2f} s",
        "" if state.items is None else str(state.items),
        "" if state.problems is None else str(state.problems),
        "served" if is_served else "none",
        escape(f"{state.reason}: {state.error}") if state.error else escape(state.unavailable),
    )
    return "<tr>" + "".join(f"<td>{cell}" for cell in cells) + "</tr>"


def _state(state: CollectorState) -> str:
    if state.success is None:
        return "<span class=wait>waiting</span>"
    if state.unavailable:
        return "<span class=wait>not available</span>"
    if state.success:
        return "<span class=ok>ok</span>"
    return f"<span class=bad>failed ({state.consecutive_failures} in a row)</span>"


def _moment(timestamp: float | None, now: float) -> str:
    """Write a time as a distance from now, with the exact one behind it."""
    if timestamp is None:
        return "never" if now else ""
    seconds = round(timestamp - now)
    exact = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    words = f"in {_span(seconds)}" if seconds >= 0 else f"{_span(-seconds)} ago"
    return f"<time title='{exact}'>{words}</time>"


def _span(seconds: int) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
