"""What captured answers of real systems become, where they are at hand."""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.capture.conftest import exchanges
from tests.capture.test_nothing_remains import HARMLESS, asked, leaves
from tests.capture.test_pseudonyms import outline

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
FILES = sorted(SAMPLES.glob("*/*.json"))
pytestmark = pytest.mark.skipif(not FILES, reason="no captures here")

OF_SOMEBODY = re.compile(
    r"^(serial(number)?|.*servicetag|identifier|.*uuid|mac|.*macaddress|wwn|wwpn|.*ipaddress|ip"
    r"|networkaddress|dnsname|.*hostname|devicename|instrumentationname|emailaddresses)$",
    re.IGNORECASE,
)
NOBODY = re.compile(r"[a-z]{1,8}|x.*|:*|0*|(00:)*00|localhost.*|None")


def identities(document: Any) -> Iterator[str]:
    for field, _, value in leaves(document):
        harmless = HARMLESS.fullmatch(value) or NOBODY.fullmatch(value) or " " in value
        if OF_SOMEBODY.match(field) and not harmless:
            yield value


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_real_answer_keeps_its_structure_and_nothing_of_its_owner(file: Path) -> None:
    body = file.read_bytes()
    document = msgspec.json.decode(body)
    answer = exchanges(file.parent.name).answer(asked("https://a/b", body=body))
    text = msgspec.json.encode(answer).decode()

    assert outline(answer.document) == outline(document)
    assert [each for each in set(identities(document)) if each in text] == []
    found = set(re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", text))
    addresses = {each for each in found if not re.search(r"(^|\.)0\d", each)}
    assert [each for each in addresses if not is_of_nobody(each)] == []


def is_of_nobody(text: str) -> bool:
    """Tell whether an address is of a range for documents, or rather a version."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return True
    return not address.is_global or int(text.partition(".")[0]) < 10
