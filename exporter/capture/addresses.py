"""How is the address of a request or a link written without the things that it names?"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from exporter.capture.lexicon import is_lexical
from exporter.capture.shapes import is_time
from exporter.capture.wording import Wording

_VERSION = re.compile(r"v\d{1,2}(?:(?:alpha|beta)\d{1,2})?")
_CALL = re.compile(r"(?P<name>[A-Za-z.$#]+)\((?P<argument>.*)\)")
_ABSOLUTE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>[^/?#]*)(?P<rest>.*)", re.S)
_PORT = re.compile(r"(?P<host>.*?)(?P<port>:\d{1,5})?", re.S)
_SAFE = "$,:/'()+@-._~"
_TOKEN = re.compile(
    r"'(?P<quoted>(?:[^']|'')*)'"
    r"|(?P<time>\d{4}-\d{2}-\d{2}(?:[T ][0-9:.]+(?:Z|[+-]\d{2}:\d{2})?)?)"
    r"|(?P<number>\b\d+\b)"
    r"|(?P<word>[^\s',()]+)"
)
_OF_ID = re.compile(r"(?:id|ids)\s*(?:eq|ne|in)?[\s(]*$", re.IGNORECASE)


class Addresses:
    """Replaces what paths and queries name, and keeps what the API itself is made of."""

    def __init__(self, wording: Wording) -> None:
        """Take what replaces texts."""
        self._wording = wording

    def path(self, decoded: str) -> str:
        """Replace the ids in a path that is not percent-encoded."""
        return "/".join(self._segment(part) for part in decoded.split("/"))

    def query(self, pairs: Mapping[str, str]) -> dict[str, str]:
        """Replace what the parameters name; expressions keep their words, times and codes."""
        return {
            self._kept_or_text(name): self._parameter(name, value) for name, value in pairs.items()
        }

    def link(self, original: str) -> str:
        """Replace what a path or an address in a document names."""
        absolute = _ABSOLUTE.fullmatch(original)
        if absolute is None:
            return self._relative(original)
        scheme, authority = absolute["scheme"], absolute["host"].rpartition("@")[2]
        port = _PORT.fullmatch(authority)
        host, number = (port["host"], port["port"] or "") if port else (authority, "")
        known = scheme if is_lexical(scheme) else self._wording.text(scheme)
        return f"{known}://{self._wording.host(host)}{number}{self._relative(absolute['rest'])}"

    def _relative(self, original: str) -> str:
        parts = urlsplit(original.replace("#", "%23"))
        path = quote(self.path(unquote(parts.path)), safe=_SAFE + "#")
        if not parts.query:
            return path
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        asked = (
            f"{self._kept_or_text(name)}={quote(self._parameter(name, value), safe=_SAFE)}"
            for name, value in pairs
        )
        return f"{path}?{'&'.join(asked)}"

    def _segment(self, text: str) -> str:
        call = _CALL.fullmatch(text)
        if call and is_lexical(call["name"]):
            return f"{call['name']}({self._argument(call['argument'])})"
        return text if _VERSION.fullmatch(text) else self._kept_or_text(text)

    def _argument(self, text: str) -> str:
        if text.isdecimal() and text.isascii():
            return str(self._wording.pseudonyms.number(int(text)))
        if len(text) >= 2 and text[0] == text[-1] == "'":
            return f"'{self._kept_or_text(text[1:-1])}'"
        return self._kept_or_text(text)

    def _parameter(self, name: str, value: str) -> str:
        if is_time(value):
            return value
        if value.startswith("/"):
            return self.path(value)
        plain = name.lower().lstrip("$")
        if value.isdecimal() and plain.endswith("id"):
            return str(self._wording.pseudonyms.number(int(value)))
        return self._expression(value)

    def _expression(self, text: str) -> str:
        """Replace the literals of an OData expression that are names or ids of things."""

        def token(match: re.Match[str]) -> str:
            if match["quoted"] is not None:
                quoted = match["quoted"]
                return f"'{quoted if is_time(quoted) else self._kept_or_text(quoted)}'"
            if match["number"]:
                of_id = _OF_ID.search(text, 0, match.start())
                number = int(match["number"])
                is_name = of_id or number >= _LONGEST_CODE
                return str(self._wording.pseudonyms.number(number)) if is_name else match[0]
            return match[0] if match["time"] else self._word(match[0])

        return _TOKEN.sub(token, text)

    def _word(self, text: str) -> str:
        """Keep a word of an expression, and a sample size such as `1_HOUR`."""
        return text if _SAMPLE.fullmatch(text) else self._kept_or_text(text)

    def _kept_or_text(self, text: str) -> str:
        if is_lexical(text) and not self._wording.is_secret(text):
            return text
        return self._wording.text(text)


_LONGEST_CODE = 100_000
_SAMPLE = re.compile(r"\d{1,2}_(?:MINS|HOUR|DAY|MONTH|YEAR)")
