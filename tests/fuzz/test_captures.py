"""Whatever is captured: it keeps its form and no secret; whatever is replayed: words, no crash."""

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.captures import check, check_answer, check_folder, good_folder
from tests.fuzz.choices import Choices
from tests.fuzz.profiles import tried


def test_a_folder_without_changes_is_replayed() -> None:
    check_folder(*good_folder())


@tried(80)
@given(data=st.binary(max_size=64))
def test_changed_answers_and_folders_are_saved_and_read(data: bytes) -> None:
    check(Choices(data))


@tried(80)
@given(
    data=st.binary(max_size=100),
    status=st.sampled_from((200, 400)),
    path=st.text(max_size=20),
)
def test_any_answer_to_any_path_is_saved(data: bytes, status: int, path: str) -> None:
    check_answer(data, status, "/" + path)
