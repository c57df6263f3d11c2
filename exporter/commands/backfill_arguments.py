"""What can be typed after `backfill`?"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from exporter.backfill.openmetrics import added_label
from exporter.backfill.span import moment
from exporter.commands.backfill import Wish

T = TypeVar("T")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    for flag, read, name, text in (
        ("source", str, "NAME", "its name in the configuration; of type com"),
        ("from", _told(moment), "DATE", "the first day, or hour as 2026-05-31T14:00Z, in UTC"),
        ("to", _told(moment), "DATE", "the day or hour at which to end; it is not part of it"),
        ("output", Path, "FILE", "a new file"),
    ):
        command.add_argument(
            f"--{flag}", dest=flag, type=read, required=True, metavar=name, help=text
        )
    command.add_argument(
        "--label",
        dest="labels",
        type=_told(added_label),
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="add a label that Prometheus adds at a scrape, such as instance; may be repeated",
    )
    command.add_argument(
        "--metric",
        dest="metrics",
        action="append",
        default=[],
        metavar="FAMILY",
        help="write only this family; may be repeated (default: every family of energy)",
    )


def wish_from(parsed: argparse.Namespace) -> Wish:
    """Read what was typed."""
    return Wish(
        source=parsed.source,
        start=getattr(parsed, "from"),
        end=parsed.to,
        output=parsed.output,
        families=tuple(parsed.metrics),
        labels=tuple(parsed.labels),
    )


def _told(read: Callable[[str], T]) -> Callable[[str], T]:
    """Let argparse tell what is wrong."""

    def reading(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return reading
