"""How does an answer on the wire become what may be saved of it?"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from exporter.capture.addresses import Addresses
from exporter.capture.documents import Documents, TooDeepError
from exporter.capture.folder import SavedAnswer, SavedRequest
from exporter.capture.pseudonyms import Pseudonyms
from exporter.capture.shapes import is_technical, is_time
from exporter.capture.wording import Wording
from exporter.errors import SourceError
from exporter.sources.observer import Exchange
from exporter.sources.records import decode_small, is_small

HEADERS = ("content-type", "retry-after", "deprecation", "sunset")
HEADER_PREFIXES = ("ratelimit-", "x-ratelimit-")
"""The headers of an answer that matter to a client; the others may carry cookies and tokens."""
LONGEST_TEXT = 100_000
"""Characters of an answer that is not JSON."""
_LONGEST_CHARACTER = 4
"""Bytes of one character in UTF-8."""
_DOCUMENT: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class Exchanges:
    """Replaces in requests and answers whatever could identify somebody."""

    def __init__(self, key: bytes, api: str, secrets: Iterable[str]) -> None:
        """Prepare for one capture.

        Args:
            key: Secret; the same one makes the same replacements.
            api: The source's base address, which is left out of paths.
            secrets: Texts of the configuration that may stand nowhere.
        """
        self._api = api
        self._wording = Wording(Pseudonyms(key), secrets)
        self._addresses = Addresses(self._wording)
        self._documents = Documents(self._wording, self._addresses)

    def request(self, exchange: Exchange, number: int = 0) -> SavedRequest:
        """Return what was asked."""
        parts = urlsplit(exchange.url.removeprefix(self._api))
        pairs = (part.partition("=") for part in parts.query.split("&") if part)
        query = {unquote(name): unquote(value) for name, _, value in pairs}
        asked = SavedRequest(
            number=number,
            method=exchange.method,
            path=self._addresses.path(unquote(parts.path)),
            query=self._addresses.query(query),
        )
        if exchange.question is None:
            return asked
        body, is_json = self._body(exchange.question, refused=False)
        return msgspec.structs.replace(asked, question=body if is_json else str(body))

    def answer(self, exchange: Exchange, earlier: tuple[int, ...] = ()) -> SavedAnswer:
        """Return what came back."""
        body, is_json = self._body(exchange.body, refused=exchange.status >= 400)
        content: dict[str, Any] = {"document" if is_json else "text": body}
        return SavedAnswer(
            status=exchange.status,
            headers=self._headers(exchange),
            earlier_statuses=earlier,
            **content,
        )

    def said(self, sentence: str) -> str:
        """Return a sentence of the exporter or of an API without what it names."""
        return self._wording.phrases(sentence)

    def version(self, text: str) -> str:
        """Return the version of an API, if it looks like one."""
        return text if self._is_safe(text) else self._wording.text(text)

    def _headers(self, exchange: Exchange) -> dict[str, str]:
        found = {name.lower(): value for name, value in exchange.headers.items()}
        return {
            name: value if is_time(value) or self._is_safe(value) else self._wording.text(value)
            for name, value in found.items()
            if name in HEADERS or name.startswith(HEADER_PREFIXES)
        }

    def _is_safe(self, value: str) -> bool:
        return is_technical(value) and not self._wording.is_secret(value)

    def _body(self, body: bytes, *, refused: bool) -> tuple[Any, bool]:
        """Replace in a body; return whether it is JSON.

        The collectors split a large page into its records; here it would become objects at once.
        """
        if not is_small(body):
            return f"not captured: {len(body)} bytes are too large", False
        try:
            found = decode_small(body, _DOCUMENT, "")
            document = self._documents.replaced(found, refused=refused)
            msgspec.json.encode(document)
        except (msgspec.MsgspecError, ValueError, TooDeepError, RecursionError, SourceError):
            start = body[: _LONGEST_CHARACTER * LONGEST_TEXT].decode("utf-8", "replace")
            return self._wording.phrases(start[:LONGEST_TEXT]), False
        return document, True
