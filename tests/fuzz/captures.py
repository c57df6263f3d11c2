"""What does a capture keep of answers of any form, and what is read of a spoilt capture?"""

import json
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from exporter.capture.exchanges import Exchanges
from exporter.capture.folder import CaptureError, Manifest, Saved
from exporter.capture.replay import Replay
from exporter.sources.observer import Exchange
from exporter.sources.vendors import SOURCES
from tests.fuzz import odd_values
from tests.fuzz.cases import as_bytes, changed
from tests.fuzz.choices import Choices
from tests.fuzz.drawing import case_of, change_of
from tests.fuzz.recording import recordings, walk

API = "https://api.example.net"
SECRET = "kept-by-nobody-8472"
KEY = b"a key of sixteen"


@lru_cache(maxsize=1)
def _exchanges() -> Exchanges:
    return Exchanges(KEY, API, [SECRET], SOURCES["ome"])


def check_answer(body: bytes, status: int = 200, path: str = "/api/DeviceService/Devices") -> None:
    """Check that an answer is saved in the same form, and nothing of the secret is."""
    exchange = Exchange(
        "DeviceService/Devices", "GET", API + path, None, status, {"Retry-After": SECRET}, body
    )
    asked, saved = _exchanges().request(exchange), _exchanges().answer(exchange)
    text = msgspec.json.encode(Saved(asked, saved))
    assert SECRET.encode() not in text
    msgspec.json.decode(text, type=Saved)
    if saved.document is not msgspec.UNSET:
        assert form(msgspec.json.decode(msgspec.json.encode(saved.document))) == form(
            msgspec.json.decode(body)
        )


def form(document: Any) -> Any:
    """Give the structure of a document: how many keys and items, and the types of the values."""
    if isinstance(document, dict):
        return [form(each) for each in document.values()]
    if isinstance(document, list):
        return [form(each) for each in document]
    return type(document).__name__


def answer_of(choices: Choices) -> bytes:
    """Draw an answer that is changed, sometimes with the secret in it."""
    case = case_of(choices)
    answers = recordings()[case.kind].answers[case.changes[0].call]
    body = next(iter(answers.values())).body or b"{}"
    odd = changed(body, [each for each in case.changes if each.call == case.changes[0].call])
    return odd.replace(b"OK", SECRET.encode()) if choices.below(3) == 2 else odd


def check_folder(manifest: bytes, answer: bytes) -> None:
    """Check that a folder is replayed or refused in words."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "answers").mkdir()
        (folder / "capture.json").write_bytes(manifest)
        (folder / "answers" / "1.json").write_bytes(answer)
        try:
            replay = Replay.of(folder)
        except CaptureError as error:
            _check_refusal(str(error), name)
            return
        entry = replay.entry("replayed", "http://127.0.0.1:1")
        assert entry["name"] == "replayed"
        replay.answers.to("GET", "/api/DeviceService/Devices", {}, msgspec.UNSET)


def _check_refusal(said: str, folder: str) -> None:
    assert folder in said


@lru_cache(maxsize=1)
def good_folder() -> tuple[bytes, bytes]:
    """Give the manifest and one answer of a capture that is right."""
    manifest = Manifest(1, True, "1.0", "ome", "2026-05-01T12:00:00+00:00", settings={"name": "a"})
    exchange = Exchange("Devices", "GET", f"{API}/api/DeviceService/Devices", None, 200, {}, b"{}")
    saved = Saved(_exchanges().request(exchange), _exchanges().answer(exchange))
    return msgspec.json.encode(manifest), msgspec.json.encode(saved)


def check(choices: Choices) -> None:
    """Draw an answer to save, or a folder to read, and check what comes of it."""
    if choices.below(3):
        check_answer(answer_of(choices), choices.of((200, 400, 500)), "/" + choices.text())
        return
    manifest, answer = (_changed(each, choices) for each in good_folder())
    check_folder(manifest, answer)


def _changed(body: bytes, choices: Choices) -> bytes:
    every = tuple(walk(json.loads(body), ()))
    changes = [change_of("", every, choices) for _ in range(choices.below(3))]
    return changed(body, changes) if choices.below(8) else as_bytes(choices.of(odd_values.BODIES))
