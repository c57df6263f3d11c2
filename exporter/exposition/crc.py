"""CRC-32 checksums of gzip, and the checksum of joined texts without reading them again.

The CRC of gzip (RFC 1952, section 8) keeps a 32-bit register. It begins with ones, each byte of a
text changes it, and the checksum is the register with all bits inverted. Written with

    R(r, t)   the register after the text t, when it was r before
    ones      the register with all bits set
    crc(t)    = R(ones, t) ^ ones

each step of the register is linear over GF(2) in the register and the byte, and so is the whole:

    R(r ^ s, t ^ u) = R(r, t) ^ R(s, u)        for texts t and u of the same length

The checksum of a text b behind a text a is wanted, where only crc(a), crc(b) and the length of b
are known. The register after a is crc(a) ^ ones. With z, as many zero bytes as b has:

    crc(a + b) = R(crc(a) ^ ones, b) ^ ones
               = R(crc(a), z) ^ R(ones, b) ^ ones
               = R(crc(a), z) ^ crc(b)

So the first checksum runs through zeros, and the second one is added. The library function takes
and returns checksums, not registers: it inverts both. Therefore `joined_checksum` inverts what it
passes in and what comes out. Processors run over zeros faster than Python could multiply
polynomials.
"""

from isal import isal_zlib

_ONES = 0xFFFFFFFF
_ZEROS = memoryview(bytes(2**20))


def checksum(data: bytes | memoryview, before: int = 0) -> int:
    """Return the CRC-32 of data, or of data that come after those of the checksum `before`."""
    crc: int = isal_zlib.crc32(data, before)
    return crc


def joined_checksum(first: int, second: int, second_length: int) -> int:
    """Return the checksum of two texts behind one another, without reading them.

    Args:
        first: Checksum of the first text.
        second: Checksum of the second text.
        second_length: Bytes of the second text.
    """
    moved, left = first ^ _ONES, second_length
    while left:
        moved = checksum(_ZEROS[:left], moved)
        left -= min(left, len(_ZEROS))
    return moved ^ _ONES ^ second
