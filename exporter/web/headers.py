"""Which headers go out with an answer, unless the web configuration says otherwise?"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Mapping

from aiohttp import web

NOTHING_ALLOWED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DEFAULTS = {
    "Content-Security-Policy": NOTHING_ALLOWED,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "deny",
}
NAME = "serverfleet-exporter"


def page_headers(
    *, styles: Iterable[str] = (), scripts: Iterable[str] = (), fetches: bool = False
) -> dict[str, str]:
    """Return the headers of an HTML page, which may use these inline texts and nothing else.

    Args:
        styles: The exact text within each `<style>`.
        scripts: The exact text within each `<script>`.
        fetches: Whether a script may ask this server for more.
    """
    policy = [NOTHING_ALLOWED]
    for directive, texts in (("style-src", styles), ("script-src", scripts)):
        hashes = " ".join(map(_hash, texts))
        if hashes:
            policy.append(f"{directive} {hashes}")
    if fetches:
        policy.append("connect-src 'self'")
    return {"Content-Security-Policy": "; ".join(policy), "Cache-Control": "no-store"}


def complete(response: web.StreamResponse, configured: Mapping[str, str]) -> None:
    """Add what is missing in an answer that is about to be sent; what is configured wins."""
    for name, text in DEFAULTS.items():
        response.headers.setdefault(name, text)
    response.headers.update(configured)
    # The library would name itself and Python with their versions.
    response.headers["Server"] = NAME


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{b64encode(digest).decode()}'"
