"""HTTP headers of requests and answers: content negotiation, conditional requests, security.

The web configuration can change every header of an answer.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from aiohttp import web

from exporter.exposition.text import Format

NOTHING_ALLOWED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
OWN_FILES = ("script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'")
DEFAULTS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": NOTHING_ALLOWED,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "deny",
}
NAME = "serverfleet-exporter"
_OPENMETRICS_VERSIONS = ("", "1.0.0", "0.0.1")


class Content(Protocol):
    """The whole content of an answer."""

    @property
    def tag(self) -> str:
        """Changes with the content."""
        ...

    def body(self, *, compressed: bool) -> bytes:
        """Return the bytes, as they are or as one gzip stream."""
        ...


def answer_with(
    request: web.Request, content: Content, content_type: str, headers: Mapping[str, str]
) -> web.Response:
    """Answer with the content, or with 304 if the client has it."""
    # Weak: the plain and the compressed content have the same one.
    sent = {"ETag": f'W/"{content.tag}"', "Vary": "Accept-Encoding", **headers}
    if any(each.value in (content.tag, "*") for each in request.if_none_match or ()):
        return web.Response(status=304, headers=sent)
    compressed = wants_gzip(request.headers.get("Accept-Encoding", ""))
    if compressed:
        sent["Content-Encoding"] = "gzip"
    sent["Content-Type"] = content_type
    return web.Response(body=content.body(compressed=compressed), headers=sent)


def page_headers() -> dict[str, str]:
    """Return the headers of an HTML page, which may use our own files and ask us, nothing else."""
    policy = "; ".join([NOTHING_ALLOWED, *OWN_FILES])
    return {"Content-Security-Policy": policy}


def complete(response: web.StreamResponse, configured: Mapping[str, str]) -> None:
    """Add what is missing in an answer that is about to be sent; what is configured wins."""
    for name, text in DEFAULTS.items():
        response.headers.setdefault(name, text)
    response.headers.update(configured)
    # The library would name itself and Python with their versions.
    response.headers["Server"] = NAME


def wanted_format(accept: str) -> Format:
    """Choose OpenMetrics where the client prefers it to plain text, as Prometheus does."""
    openmetrics = text = 0.0
    for media, parameters in _ranges(accept):
        weight = _weight(parameters)
        if media == "application/openmetrics-text":
            if parameters.get("version", "").strip('"') in _OPENMETRICS_VERSIONS:
                openmetrics = max(openmetrics, weight)
        elif media in ("text/plain", "text/*", "*/*"):
            text = max(text, weight)
    return Format.OPENMETRICS if openmetrics > 0 and openmetrics >= text else Format.TEXT


def wants_gzip(accept_encoding: str) -> bool:
    """Return whether the client accepts gzip; `gzip;q=0` refuses it."""
    weights = {coding: _weight(parameters) for coding, parameters in _ranges(accept_encoding)}
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _ranges(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    for item in header.split(","):
        name, *parameters = item.split(";")
        pairs = (parameter.partition("=") for parameter in parameters)
        yield name.strip().lower(), {key.strip().lower(): value.strip() for key, _, value in pairs}


def _weight(parameters: dict[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 0.0
