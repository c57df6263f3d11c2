"""Answers come from a recording, and nobody waits between retries."""

from collections.abc import Iterator

import pytest

from tests.fuzz.driving import offline


@pytest.fixture(autouse=True)
def _offline(_no_pause_between_retries: None) -> Iterator[None]:
    with offline():
        yield
