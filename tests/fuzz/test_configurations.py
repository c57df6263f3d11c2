"""Whatever stands in a configuration file: a configuration, or problems that say where."""

from hypothesis import given, note
from hypothesis import strategies as st

from tests.fuzz.choices import Choices
from tests.fuzz.configurations import GOOD, file_of, read, seeds
from tests.fuzz.profiles import tried


def test_every_file_that_we_ship_can_be_changed() -> None:
    plain, with_secrets, _, web = seeds()[:GOOD]

    assert read(plain, web=False) == []
    assert read(with_secrets, web=False) == []
    assert read(web, web=True) == []


@tried(150)
@given(data=st.binary(min_size=3, max_size=32), web=st.booleans())
def test_a_changed_file_is_read_or_refused_in_words(data: bytes, web: bool) -> None:
    file = file_of(Choices(data))
    note(repr(file))

    read(file, web=web)


@tried(80)
@given(
    data=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda text: text.encode()))
)
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    read(data, web=False)
    read(data, web=True)
