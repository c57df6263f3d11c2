"""Log lines: for people on a terminal, as JSON elsewhere, always on stderr."""

import json
import os
import pty
import subprocess
import sys
from datetime import datetime

import pytest

SCRIPT = """
import logging, sys
import structlog
from exporter.log import configure

configure({log_format!r}, {level!r})
log = structlog.get_logger("exporter.test")
log.debug("a detail")
log.info("poll succeeded", source="emea", items=3)
log.warning("poll failed", reason="auth")
logging.getLogger("aiohttp.server").error("from %s", "a library")
logging.getLogger("asyncio").info("chatter")
try:
    secret = "hunter2"
    {{}}["missing"]
except KeyError:
    log.exception("poll crashed")
"""


HOSTILE = """
import structlog
from exporter.log import configure

configure({log_format!r}, "info")
log = structlog.get_logger("exporter.test")
text = "a\\x9b2Jb\\u202ec\\u2028d\\x1b[31me\\nf\\ud800g"
log.warning("new " + text, message=text, each=[text])
try:
    raise ValueError(text)
except ValueError:
    log.exception("poll crashed")
"""


def said(log_format: str) -> str:
    """Return what a process logs that is given text which acts on terminals."""
    done = subprocess.run(  # noqa: S603 - a script of ours
        [sys.executable, "-c", HOSTILE.format(log_format=log_format)],
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=60,
    )
    return done.stderr


def test_nothing_in_a_log_line_acts_on_a_terminal() -> None:
    text = said("console")

    assert [each for each in text if not each.isprintable() and each != "\n"] == []
    assert text.splitlines()[0].count(r"a\x9b2Jb\u202ec\u2028d\x1b[31me\nf\ud800g") == 3
    assert r"ValueError: a\x9b2Jb\u202ec\u2028d\x1b[31me" in text.splitlines()


def test_json_lines_stay_what_they_are() -> None:
    text = said("json")
    events = [json.loads(line) for line in text.splitlines()]

    assert [each for each in text if not each.isprintable() and each != "\n"] == []
    assert events[0]["message"] == "a\x9b2Jb\u202ec\u2028d\x1b[31me\nf\ud800g"


def logged(log_format: str | None = None, level: str = "info") -> list[str]:
    """Return the lines of a process whose stderr is no terminal."""
    done = subprocess.run(  # noqa: S603 - a script of ours
        [sys.executable, "-c", SCRIPT.format(log_format=log_format, level=level)],
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def on_a_terminal(log_format: str | None = None) -> str:
    """Return what a process writes whose stderr is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - a script of ours
        [sys.executable, "-c", SCRIPT.format(log_format=log_format, level="info")],
        stdin=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        text = _drained(ours)
        assert process.wait(timeout=60) == 0
    return text


def test_each_line_is_json_when_stderr_is_no_terminal() -> None:
    events = [json.loads(line) for line in logged()]

    assert [event["event"] for event in events] == [
        "poll succeeded",
        "poll failed",
        "from a library",
        "poll crashed",
    ]
    assert events[0] | {"ts": ""} == {
        "event": "poll succeeded",
        "level": "info",
        "logger": "exporter.test",
        "source": "emea",
        "items": 3,
        "ts": "",
    }
    assert all(datetime.fromisoformat(event["ts"]).tzinfo for event in events)


def test_a_traceback_is_one_field_and_shows_no_values_of_variables() -> None:
    (event,) = [json.loads(line) for line in logged(level="error")][1:]

    assert event["exception"].startswith("Traceback")
    assert "KeyError" in event["exception"]
    assert "hunter2" not in json.dumps(event).replace('secret = \\"hunter2\\"', "")


def test_lines_are_for_people_when_asked_and_without_colours_where_there_is_no_terminal() -> None:
    lines = logged("console")

    assert "poll succeeded" in lines[0]
    assert "source=emea" in lines[0]
    assert not lines[0].startswith("{")
    assert "\x1b" not in "".join(lines)
    assert "hunter2" not in "".join(lines)


def test_lines_are_for_people_on_a_terminal() -> None:
    text = on_a_terminal()

    assert "poll succeeded" in text
    assert '"event"' not in text
    assert "hunter2" not in text


def test_lines_are_json_on_a_terminal_when_asked() -> None:
    first = on_a_terminal("json").splitlines()[0]

    assert json.loads(first)["event"] == "poll succeeded"


@pytest.mark.parametrize(
    ("level", "count"), [("debug", 5), ("info", 4), ("warning", 3), ("error", 2)]
)
def test_lines_below_the_level_are_left_out(level: str, count: int) -> None:
    assert len(logged("json", level)) == count


def _drained(descriptor: int) -> str:
    """Read a terminal until the other side has closed it."""
    parts = []
    try:
        while part := os.read(descriptor, 65536):
            parts.append(part)
    except OSError:
        pass  # Linux says so, in place of an end of file.
    os.close(descriptor)
    return b"".join(parts).decode()
