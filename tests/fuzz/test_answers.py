"""Whatever an API answers: a documented failure, or an exposition that is right in every line."""

from pathlib import Path

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.fuzz.cases import CORPUS, load, written
from tests.fuzz.choices import Choices
from tests.fuzz.drawing import case_of
from tests.fuzz.driving import good, outcome
from tests.fuzz.profiles import tried
from tests.fuzz.recording import recordings

FOUND = sorted(CORPUS.glob("*.json"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_once_is_served_right_or_fails_with_its_reason(path: Path) -> None:
    outcome(load(path))


@pytest.mark.parametrize("kind", recordings())
def test_answers_without_changes_are_served_by_every_collector(kind: str) -> None:
    _, whole = good(kind)

    assert set(whole) == set(recordings()[kind].asked)
    assert all(each.items for each in whole.values())


@tried(200)
@given(data=st.binary(min_size=4, max_size=48))
def test_changed_answers_are_served_right_or_fail_with_their_reason(data: bytes) -> None:
    case = case_of(Choices(data))
    note(written(case))

    outcome(case)
