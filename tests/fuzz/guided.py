"""Drives one target, following its branches: `python -m tests.fuzz.guided NAME [FILE]`.

With a file, that is what it is driven with, once: so a finding is repeated.
"""

import importlib
import sys

import structlog

FOLLOWED = [
    f"exporter.{name}" for name in ("sources", "exposition", "config", "capture", "web", "polling")
]
"""Packages whose branches guide the fuzzer."""


def main(name: str, arguments: list[str]) -> None:
    """Drive a target until the fuzzer's own limits end it."""
    atheris = importlib.import_module("atheris")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with atheris.instrument_imports(include=FOLLOWED):
        targets = importlib.import_module("tests.fuzz.targets").TARGETS
        driving = importlib.import_module("tests.fuzz.driving")
    with driving.offline():
        atheris.Setup([name, *arguments], targets[name].drive)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
