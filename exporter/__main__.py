"""How does the program begin? `python -m exporter` is the same as `serverfleet-exporter`."""

import signal
import sys


def main() -> int:
    """Load the program and run it; a reload that is asked for meanwhile does not end it."""
    if sys.argv[1:2] == ["run"]:
        # It reads its configuration afterwards, so nothing is missed. Other commands do not reload.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # Takes most of a second.
    from exporter.cli import main as command_line  # noqa: PLC0415

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
