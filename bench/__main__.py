"""Measures the exporter against its marks and prints the table; what misses its mark is said."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.appliance import ROUNDS
from bench.rows import Row, print_table
from bench.sections import SECTIONS, Scope


def main() -> int:
    """Run every measurement and print the table."""
    scope, chosen = _options()
    missing = [
        package
        for name in chosen
        for tool, package in SECTIONS[name].tools.items()
        if shutil.which(tool) is None
    ]
    if missing:
        print(f"install these packages of Debian first: {' '.join(missing)}")
        return 1
    for name in chosen:
        found: list[Sequence[Row]] = []
        with tempfile.TemporaryDirectory() as folder:
            found += SECTIONS[name].measure(scope, Path(folder))
        print_table(found)
    return 0


def _options() -> tuple[Scope, list[str]]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=Scope.servers)
    parser.add_argument("--small", type=int, default=Scope.small)
    parser.add_argument("--only", choices=SECTIONS, help="measure one section")
    parser.add_argument(
        "--sweep",
        action="append",
        metavar="DEVICES:CONCURRENCY",
        help=f"rounds of the section ome, repeatable; {', '.join(ROUNDS)} if not given",
    )
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        default=Scope.sizes,
        metavar="SERVERS",
        help="of the section sizes",
    )
    options = parser.parse_args()
    scope = Scope(options.servers, options.small, options.sweep or ROUNDS, options.sizes)
    return scope, [options.only] if options.only else list(SECTIONS)


if __name__ == "__main__":
    sys.exit(main())
