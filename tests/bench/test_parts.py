"""The functions whose time the benchmark of a poll measures are still there."""

from bench.parts import PARTS, measured_parts


def test_every_measured_function_exists() -> None:
    with measured_parts() as parts:
        assert set(parts.figures(0.0)) == set(PARTS)
