import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.exposition.crc import checksum, joined_checksum
from exporter.exposition.gzipped import HEADER, NOTHING, Text, deflated, trailer

TEXTS = st.lists(st.binary(max_size=2000), max_size=6)


@given(TEXTS)
def test_pieces_between_header_and_trailer_are_one_gzip_stream(texts: list[bytes]) -> None:
    plain = b"".join(texts)

    stream = b"".join((HEADER, *map(deflated, texts), trailer(zlib.crc32(plain), len(plain))))

    reader = zlib.decompressobj(wbits=31)
    assert reader.decompress(stream) == plain
    assert reader.eof
    assert not reader.unused_data


@given(TEXTS)
def test_checksums_are_joined_without_reading_the_texts_again(texts: list[bytes]) -> None:
    crc = 0
    for text in texts:
        crc = joined_checksum(crc, checksum(text), len(text))

    assert crc == zlib.crc32(b"".join(texts))


def test_checksums_of_long_texts_are_joined_too() -> None:
    first, second = b"a" * 3_000_001, b"b" * 5_000_003

    crc = joined_checksum(checksum(first), checksum(second), len(second))

    assert crc == zlib.crc32(first + second)


@given(st.binary(max_size=500), st.binary(max_size=500))
def test_a_checksum_goes_on_from_one_before(first: bytes, second: bytes) -> None:
    assert checksum(second, checksum(first)) == zlib.crc32(first + second)


@pytest.mark.parametrize("size", [0, 2**32, 2**32 + 5])
def test_the_length_in_the_trailer_is_counted_modulo_four_gigabytes(size: int) -> None:
    assert trailer(0, size)[-4:] == (size % 2**32).to_bytes(4, "little")


def test_nothing_is_compressed_to_nothing() -> None:
    assert deflated(b"") == b""
    assert Text.of(b"") == NOTHING
    assert gzip.decompress(HEADER + trailer(0, 0)) == b""
