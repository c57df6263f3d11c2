"""The files of the status page, as they are shipped."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from exporter.status.documents import Document

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that a browser asks for."""

    document: Document
    content_type: str


@cache
def all_assets() -> dict[str, Asset]:
    """Read every file that a browser may ask for, by name."""
    kinds = ((file, file.name.rpartition(".")[2]) for file in files(__name__).iterdir())
    return {
        file.name: Asset(Document.of(file.read_bytes()), _TYPES[kind])
        for file, kind in kinds
        if kind in _TYPES
    }
