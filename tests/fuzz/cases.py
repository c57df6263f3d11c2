"""What is one case: how do the answers to a collector differ from good ones?

A case is plain JSON, so that whatever was found can be kept as a small file in `corpus/`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct

CORPUS = Path(__file__).parent / "corpus"
Document = Any


class Change(Struct, frozen=True, omit_defaults=True):
    """One difference, in every answer to one call."""

    call: str
    """The template of the call, such as `Devices(id)/Power`."""
    how: str
    """One of `HOWS`, or what is done to whole answers: body, cut, status, header, pages."""
    at: tuple[str | int, ...] = ()
    """The way to the place within the document."""
    value: str = ""
    """JSON as it is written, another name, another body, or whatever else `how` takes."""
    numbers: tuple[int, ...] = ()
    """Of which list item to copy; where to cut; the status; the cap of a page and its shift."""


class Case(Struct, frozen=True):
    """A collector, and everything that is odd about what it is told."""

    kind: str
    """Type of the source."""
    collector: str
    changes: tuple[Change, ...]
    note: str = ""
    """What went wrong, in a case that was found."""


def load(path: Path) -> Case:
    """Read a case that was found."""
    return msgspec.convert(json.loads(path.read_text(encoding="utf-8")), Case)


def written(case: Case) -> str:
    """Write a case as it stands in `corpus/`."""
    # Not msgspec, which refuses the lone surrogates that stand for bytes.
    return json.dumps(msgspec.to_builtins(case), indent=1) + "\n"


def changed(body: bytes, changes: Sequence[Change]) -> bytes:
    """Apply changes to a body; those that do not fit it are left out."""
    inner = [change for change in changes if change.how in HOWS]
    whole = [change for change in changes if change.how in ("body", "cut")]
    if inner and body:
        body = _encoded(_edited(json.loads(body), inner))
    for change in whole:
        if change.how == "body":
            body = as_bytes(change.value)
        else:
            body = body[: change.numbers[0] % (len(body) + 1)]
    return body


def _edited(document: Document, changes: Sequence[Change]) -> Document:
    root = {"": document}
    # The deepest first: what is written as text already has no places any more.
    for change in sorted(changes, key=lambda each: -len(each.at)):
        way = ("", *change.at)
        holder = _found(root, way[:-1])
        if _has(holder, way[-1]):
            HOWS[change.how](root, way, holder, change)
    return root.get("")


def _found(node: Any, way: Sequence[str | int]) -> Any:
    for step in way:
        if not _has(node, step):
            return None
        node = node[step]
    return node


def _has(holder: Any, step: str | int) -> bool:
    if isinstance(holder, dict):
        return step in holder
    return isinstance(holder, list) and isinstance(step, int) and step < len(holder)


def _set(_: Any, way: Sequence[str | int], holder: Any, change: Change) -> None:
    holder[way[-1]] = Raw(as_bytes(change.value))


def _drop(_: Any, way: Sequence[str | int], holder: Any, change: Change) -> None:
    del holder[way[-1]]


def _rename(_: Any, way: Sequence[str | int], holder: Any, change: Change) -> None:
    if isinstance(holder, dict):
        holder[change.value] = holder.pop(way[-1])


def _twice(root: Any, way: Sequence[str | int], holder: Any, change: Change) -> None:
    """Give a key a second time with another value, or an item of a list once more."""
    if isinstance(holder, list):
        holder.insert(int(way[-1]), holder[int(way[-1])])
    elif len(way) > 1:
        first = _encoded(holder)[:-1]
        again = b"," + json.dumps(way[-1]).encode() + b":" + as_bytes(change.value) + b"}"
        _found(root, way[:-2])[way[-2]] = Raw(first + again)


def _copy(root: Any, way: Sequence[str | int], holder: Any, change: Change) -> None:
    """Take over the value that another item of the list has at the same place."""
    places = [index for index, step in enumerate(way) if isinstance(step, int)]
    if not places:
        return
    other = [*way]
    siblings = _found(root, way[: places[0]])
    other[places[0]] = change.numbers[0] % len(siblings)
    if _has(_found(root, other[:-1]), other[-1]):
        holder[way[-1]] = _found(root, other)


def _list(_: Any, way: Sequence[str | int], holder: Any, change: Change) -> None:
    holder[way[-1]] = [holder[way[-1]]]


def _in_text(_: Any, way: Sequence[str | int], holder: Any, change: Change) -> None:
    """Write a number, a switch or a whole object as a string."""
    value = holder[way[-1]]
    holder[way[-1]] = value.swapcase() if isinstance(value, str) else _encoded(value).decode()


HOWS = {
    "set": _set,
    "drop": _drop,
    "rename": _rename,
    "twice": _twice,
    "copy": _copy,
    "list": _list,
    "text": _in_text,
}
"""What can be done to one place of a document."""


def _encoded(document: Document) -> bytes:
    return msgspec.json.encode(document)


def as_bytes(text: str) -> bytes:
    """Write a body; a lone surrogate stands for a byte that is no UTF-8."""
    return text.encode("utf-8", "surrogateescape")
