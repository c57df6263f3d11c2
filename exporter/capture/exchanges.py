"""What may be saved of a request and its answer on the wire."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from exporter.capture.addresses import Addresses, is_short_number, is_time
from exporter.capture.documents import Documents, Fields, TooDeepError, declared, of_error
from exporter.capture.folder import SavedAnswer, SavedRequest
from exporter.capture.pseudonyms import Pseudonyms
from exporter.errors import SourceError
from exporter.sources.contract import SourceType
from exporter.sources.fields import VERSION
from exporter.sources.observer import Exchange
from exporter.sources.records import decode_small, is_small

HEADERS = ("content-type", "retry-after", "deprecation", "sunset")
HEADER_PREFIXES = ("ratelimit-", "x-ratelimit-")
"""The headers of an answer that matter to a client; the others may carry cookies and tokens."""
_PLAIN = re.compile(
    r"(?:application|text)/(?:json|problem\+json|html|plain)"
    r"(?:; ?(?:charset=utf-8|odata\.\w{1,16}=(?:minimal|full|none|true|false)))*"
    r"|true|@\d{10}",
    re.IGNORECASE | re.ASCII,
)
"""Values of headers that name nobody, besides numbers and times."""
_STATUS = re.compile(r"HTTP [1-5]\d\d")
_DOCUMENT: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class Exchanges:
    """Replaces in requests and answers whatever could identify somebody."""

    def __init__(self, key: bytes, api: str, secrets: Iterable[str], kind: SourceType[Any]) -> None:
        """Prepare for one capture.

        Args:
            key: Secret; the same one makes the same replacements.
            api: The source's base address, which is left out of paths.
            secrets: Texts of the configuration that may stand nowhere.
            kind: The vendor, whose declarations say what is kept.
        """
        self._api = api
        self._names = Pseudonyms(key, secrets)
        self._addresses = Addresses(self._names, kind)
        self._documents = Documents(self._names, self._addresses)
        self._declared = declared(kind)
        self._of_error = of_error(kind)

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
        return msgspec.structs.replace(asked, question=self._question(exchange.question))

    def answer(self, exchange: Exchange, earlier: tuple[int, ...] = ()) -> SavedAnswer:
        """Return what came back."""
        is_error = exchange.status >= 400
        fields = self._of_error if is_error else self._declared.get(exchange.endpoint, {})
        return SavedAnswer(
            status=exchange.status,
            headers=self._headers(exchange),
            earlier_statuses=earlier,
            **self._content(exchange.body, fields),
        )

    def said(self, sentence: str) -> str:
        """Return the call and the status of a sentence about an error, and nothing else of it."""
        call = max((each for each in self._declared if each in sentence), key=len, default="")
        status = _STATUS.search(sentence)
        return ": ".join(filter(None, (call, status[0] if status else "")))

    def version(self, text: str) -> str:
        """Return the version of an API, if it looks like one."""
        is_kept = VERSION.has(text) and not self._names.is_secret(text)
        return text if is_kept else self._names.text(text)

    def _headers(self, exchange: Exchange) -> dict[str, str]:
        found = {name.lower(): value for name, value in exchange.headers.items()}
        return {
            name: value
            for name, value in found.items()
            if (name in HEADERS or name.startswith(HEADER_PREFIXES)) and self._is_plain(value)
        }

    def _is_plain(self, value: str) -> bool:
        is_plain = is_time(value) or is_short_number(value) or _PLAIN.fullmatch(value) is not None
        return is_plain and not self._names.is_secret(value)

    def _question(self, body: bytes) -> Any:
        try:
            return self._addresses.question(msgspec.json.decode(body))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return self._names.text(body.decode("utf-8", "replace"))

    def _content(self, body: bytes, fields: Fields) -> dict[str, Any]:
        """Return the document, or a text that is as little JSON as the body.

        The collectors split a large page into its records; here it would become objects at once.
        """
        if not is_small(body):
            return {"text": f"not captured: {len(body)} bytes are too large"}
        try:
            document = self._documents.replaced(decode_small(body, _DOCUMENT, ""), fields)
            msgspec.json.encode(document)
        except (msgspec.MsgspecError, ValueError, TooDeepError, RecursionError, SourceError):
            start = body.lstrip()[:1]
            mark = "<html> " if start == b"<" else ""
            return {"text": f"{mark}not captured: {len(body)} bytes" if start else ""}
        return {"document": document}
