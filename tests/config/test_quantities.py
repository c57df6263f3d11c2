"""Durations, sizes and addresses, as people write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.config.quantities import (
    BYTES,
    LARGEST,
    LONGEST,
    SECONDS,
    count,
    duration,
    duration_text,
    listen_address,
    size,
)

counts = st.integers(0, 999_999_999)
parts = st.lists(st.tuples(counts, st.sampled_from(sorted(SECONDS))), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("30s", 30), ("5m", 300), ("1h", 3600), ("1d", 86400), ("1h30m", 5400)],
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@settings(deadline=None)
@given(parts)
def test_the_parts_of_a_duration_add_up(parts: list[tuple[int, str]]) -> None:
    text = "".join(f"{number}{unit}" for number, unit in parts)
    total = sum(number * SECONDS[unit] for number, unit in parts)

    if 0 < total <= LONGEST:
        assert duration(text) == pytest.approx(total)
    else:
        with pytest.raises(ValueError, match=r"above zero|at most 366d"):
            duration(text)


@settings(deadline=None)
@given(st.integers(1, int(LONGEST * 1000)))
def test_a_duration_that_was_written_is_read_as_the_same(milliseconds: int) -> None:
    seconds = milliseconds / 1000

    assert duration(duration_text(seconds)) == pytest.approx(seconds, rel=1e-12)


@settings(deadline=None)
@given(st.integers(1, 366), st.sampled_from(["s", "m", "h", "d"]))
def test_whole_units_are_written_exactly_and_with_one_unit(number: int, unit: str) -> None:
    text = duration_text(duration(f"{number}{unit}"))

    assert duration(text) == number * SECONDS[unit]
    assert len(text) <= len(f"{number}{unit}")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.25, "250ms"),
        (1.5, "1500ms"),
        (90.0, "90s"),
        (120.0, "2m"),
        (7200.0, "2h"),
        (86400.0, "1d"),
    ],
)
def test_a_duration_is_written_in_its_largest_exact_unit(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@settings(deadline=None)
@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.integers())))
def test_whatever_else_is_written_is_an_error_that_people_can_read(written: object) -> None:
    for read in (duration, size, listen_address):
        message = ""
        try:
            read(written)
        except ValueError as error:
            message = str(error)
        known = ("write a", "a duration must be ", "a size must be ")
        assert message.startswith(known) or not message
        assert len(message) < 400


@pytest.mark.parametrize(
    "text", ["", "s", "30", "30 s", "1.5h", "-5m", "5M", "30S", "5min", "1w", "٣s", "1h\n", "1h 2m"]
)
def test_a_duration_needs_whole_numbers_with_known_units(text: str) -> None:
    with pytest.raises(ValueError, match="with its unit"):
        duration(text)


@settings(deadline=None)
@given(st.integers(1, 999_999_999), st.sampled_from(sorted(BYTES)))
def test_a_size_is_read_in_bytes(number: int, unit: str) -> None:
    bytes_ = number * BYTES[unit]

    if bytes_ <= LARGEST:
        assert size(f"{number}{unit}") == bytes_
    else:
        with pytest.raises(ValueError, match="a size must be at most 1GiB"):
            size(f"{number}{unit}")


@pytest.mark.parametrize("text", ["", "64", "0B", "1KB", "1kiB", "-1MiB", "1 MiB", "1.5GiB"])
def test_a_size_needs_a_whole_number_with_a_known_unit(text: str) -> None:
    with pytest.raises(ValueError, match="with its unit"):
        size(text)


LABEL = r"[a-z0-9_]([a-z0-9_-]{0,9}[a-z0-9_])?"


@settings(deadline=None)
@given(
    st.one_of(
        st.just(""),
        st.ip_addresses(v=4).map(str),
        st.from_regex(rf"({LABEL}\.){{0,3}}[a-zé][a-z0-9]{{0,20}}\.?", fullmatch=True),
    ),
    st.integers(0, 65535),
)
def test_a_host_and_a_port_make_an_address(host: str, port: int) -> None:
    assert listen_address(f"{host}:{port}") == (host, port)


@settings(deadline=None)
@given(st.ip_addresses(v=6), st.integers(0, 65535))
def test_an_ipv6_address_stands_in_brackets(host: object, port: int) -> None:
    assert listen_address(f"[{host}]:{port}") == (str(host), port)


@pytest.mark.parametrize("text", ["", "80", ":-1", "a:b", "::1:80", "[::1]", "[]x:1", ":1\0"])
def test_an_address_without_a_port_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        listen_address(text)


@pytest.mark.parametrize("text", [":", "localhost:", ":65536", ":99999", ":100000", ":" + "9" * 99])
def test_a_port_must_be_within_range(text: str) -> None:
    with pytest.raises(ValueError, match="write an address with a port of 0 to 65535, such as"):
        listen_address(text)


@pytest.mark.parametrize(
    "host",
    [
        "256.1.1.1", "1.2.3.4.5", "a.999", "\0", "a\0b", "local\x1bhost", "a\u200bb", "a/b", "a@b",
        "a,b", "..", ".a", "a..b", "x" * 64, ".".join(["x" * 60] * 5), "[:::]", "[1.2.3.4]",
        "[::1::]", "[::g]", "[]", "[::1%\0]", "-",
    ],
)  # fmt: skip
def test_a_host_must_be_a_name_or_an_ip_address(host: str) -> None:
    with pytest.raises(ValueError, match="write a") as caught:
        listen_address(f"{host}:80")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


def test_a_number_is_no_switch() -> None:
    assert count("7") == "7"
    with pytest.raises(ValueError, match="write a number"):
        count(True)
