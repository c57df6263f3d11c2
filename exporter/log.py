"""How do log lines look? For people on a terminal, as JSON lines elsewhere; always on stderr."""

import io
import logging
import sys
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from exporter.printable import escaped
from exporter.streams import StderrHandler

LogFormat = Literal["console", "json"]


def configure(log_format: LogFormat | None, level: str) -> None:
    """Set up logging for the process.

    Args:
        log_format: None chooses by whether stderr is a terminal.
        level: A name such as `info`.
    """
    chosen = log_format or ("console" if sys.stderr.isatty() else "json")
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _handler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(chosen),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def _handler() -> logging.Handler:
    try:
        return StderrHandler(sys.stderr.fileno())
    except (OSError, ValueError):
        # Somebody put an object in its place, which takes everything.
        return logging.StreamHandler(sys.stderr)


def _rendering(log_format: LogFormat) -> list[Processor]:
    if log_format == "console":
        return [
            _printable,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                timestamp_key="ts",
                exception_formatter=_traceback,
            ),
        ]
    return [
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("event"),
        structlog.processors.JSONRenderer(),
    ]


def _printable(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Escape what could act on a terminal; JSON does so by itself."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = escaped(value, keep="\n" if key == "stack" else "")
    return event


def _traceback(out: TextIO, exc_info: ExcInfo) -> None:
    text = io.StringIO()
    structlog.dev.plain_traceback(text, exc_info)
    out.write(escaped(text.getvalue(), keep="\n"))
