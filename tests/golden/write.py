"""Write the golden pages: `python -m tests.golden.write`."""

import asyncio
import logging
import sys

import structlog

from tests.golden.pages import PAGES, file_of


def main() -> None:
    """Write every page whose recordings are present."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    for name, golden in PAGES.items():
        if golden.needs is not None and not golden.needs.is_dir():
            sys.stderr.write(f"{name}: not written, {golden.needs} is missing\n")
            continue
        file_of(name).write_text(asyncio.run(golden.make()))


if __name__ == "__main__":
    main()
