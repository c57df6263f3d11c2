"""How does a document become an HTTP answer that may still be spoilt before it is sent?"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from aiohttp import web
from isal import isal_zlib

COMPRESS_FROM: Final = 1400
"""Bodies below this many bytes are not worth compressing."""

_GZIP: Final = 31


class Answer(web.Response):
    """A JSON answer that remembers the document its body was made of."""

    def __init__(
        self,
        document: Any,
        *,
        status: int = 200,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Encode the document; `content_type` goes out as it is, parameters included."""
        super().__init__(
            body=msgspec.json.encode(document),
            status=status,
            headers={**(headers or {}), "Content-Type": content_type},
        )
        self.document = document

    def rewrite(self, document: Any) -> None:
        """Send another document instead, under the same status and headers."""
        self.document = document
        self.body = msgspec.json.encode(document)


def compress(request: web.Request, response: web.Response) -> None:
    """Compress a body that is big enough, if the client accepts gzip."""
    body = response.body
    if not isinstance(body, bytes) or len(body) < COMPRESS_FROM:
        return
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return
    packer = isal_zlib.compressobj(level=1, wbits=_GZIP)
    response.body = packer.compress(body) + packer.flush()
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
