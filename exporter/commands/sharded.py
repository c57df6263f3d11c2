"""How does a command learn which of the servers it serves?"""

import argparse

from exporter.shard import WHOLE, Shard


def shard_options(command: argparse.ArgumentParser) -> None:
    """Add `--shard.index` and `--shard.total`."""
    command.add_argument(
        "--shard.index",
        dest="shard_index",
        type=_number,
        metavar="I",
        help="serve only the servers of this shard, counted from 0; needs --shard.total",
    )
    command.add_argument(
        "--shard.total",
        dest="shard_total",
        type=_number,
        metavar="N",
        help="how many exporters share the servers; the same for each of them",
    )
    command.set_defaults(usage_error=command.error)


def shard_from(parsed: argparse.Namespace) -> Shard:
    """Read both options; a mistake ends the program with a sentence and exit code 2."""
    index, total = parsed.shard_index, parsed.shard_total
    if index is None and total is None:
        return WHOLE
    if index is None or total is None:
        given, missing = ("total", "index") if index is None else ("index", "total")
        parsed.usage_error(
            f"--shard.{given} is given without --shard.{missing}: give both, or none of them"
        )
    try:
        return Shard(index, total)
    except ValueError as error:
        parsed.usage_error(f"--shard.index {index} --shard.total {total}: {error}")
        raise


def _number(text: str) -> int:
    # int() takes more: signs, spaces, underscores and digits of other scripts.
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(
            f"write a number such as 0, not {text!r} (in a pod: is the variable set that it names?)"
        )
    return int(text)
