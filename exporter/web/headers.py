"""Which headers go out with an answer, unless the web configuration says otherwise?"""

from collections.abc import Mapping

from aiohttp import web

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
