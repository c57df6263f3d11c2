"""The files of the status page, as they are shipped."""

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from exporter.exposition.crc import checksum
from exporter.exposition.gzipped import HEADER, deflated, trailer

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that a browser asks for."""

    plain: bytes
    gzip: bytes
    tag: str
    """Changes with the content."""
    content_type: str


def text_of(name: str) -> str:
    """Read a file."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


@cache
def all_assets() -> dict[str, Asset]:
    """Read every file that a browser may ask for, by name."""
    found = {}
    for file in files(__name__).iterdir():
        kind = file.name.rpartition(".")[2]
        if kind in _TYPES:
            plain = file.read_bytes()
            packed = HEADER + deflated(plain) + trailer(checksum(plain), len(plain))
            tag = blake2b(plain, digest_size=12).hexdigest()
            found[file.name] = Asset(plain, packed, tag, _TYPES[kind])
    return found
