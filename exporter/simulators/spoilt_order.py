"""A list whose order changes with every request, so that its pages overlap and leave items out."""

import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web
from yarl import URL

from exporter.simulators.answer import Answer
from exporter.simulators.faults import Fault

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ORDER_FAULTS: Final = frozenset({"random_order"})
"""Kinds that act on a whole list, and then answer with a page of it."""

_PART: Final = {"com": ("offset", "limit"), "ome": ("$skip", "$top")}
_PAGE: Final = 100
"""Items that every list allows to a page."""


def disordered(handler: Handler, vendor: str, faults: Iterable[Fault]) -> Handler:
    """Return a handler that mixes up lists, if one of the faults says so."""
    fault = next((each for each in faults if each.kind in ORDER_FAULTS), None)
    if fault is None:
        return handler
    turn = fault.memory["turn"] = fault.memory.get("turn", 0) + 1
    dice = random.Random(f"{fault.options['seed']} {turn}")

    async def mixed(request: web.Request) -> web.StreamResponse:
        response = await handler(request)
        if isinstance(response, Answer) and (key := _list_key(response.document)):
            items = await _whole(handler, vendor, request, response.document)
            dice.shuffle(items)
            skip = _number(request, _PART[vendor][0])
            part = items[skip : skip + len(response.document[key])]
            response.rewrite({**response.document, key: part})
        return response

    return mixed


async def _whole(
    handler: Handler, vendor: str, request: web.Request, document: dict[str, Any]
) -> list[Any]:
    """Read every page of the list that a document is a page of."""
    key = _list_key(document)
    total = document.get("total", document.get("@odata.count", 0))
    if not key or len(document[key]) >= total:
        return list(document[key]) if key else []
    items: list[Any] = []
    while len(items) < total:
        page = await handler(_part(request, vendor, len(items)))
        found = page.document.get(key) if isinstance(page, Answer) else None
        if not found:
            break
        items += found
    return items


def _list_key(document: Any) -> str | None:
    if not isinstance(document, dict):
        return None
    return next((key for key in ("items", "value") if isinstance(document.get(key), list)), None)


def _part(request: web.Request, vendor: str, skip: int) -> web.Request:
    offset, limit = _PART[vendor]
    raw = request.rel_url.raw_query_string
    others = [each for each in raw.split("&") if each and not _is_part(each)]
    query = "&".join((*others, f"{offset}={skip}", f"{limit}={_PAGE}"))
    return request.clone(rel_url=URL(f"{request.rel_url.raw_path}?{query}", encoded=True))


def _is_part(pair: str) -> bool:
    name = unquote(pair.partition("=")[0]).removeprefix("$")
    return name in ("offset", "limit", "skip", "top")


def _number(request: web.Request, name: str) -> int:
    query = request.rel_url.query
    return int(query.get(name, query.get(name.removeprefix("$"), "0")))
