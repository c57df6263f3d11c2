"""Findings as lines, as a table and as JSON: nothing is cut, and nothing is taken for markup."""

import io
import json

import pytest
from rich.console import Console

from exporter.doctor.findings import Examined, Finding, Verdict, as_json, show
from exporter.doctor.readings import Recorder, findings_from
from exporter.polling.board import CollectorState
from tests.doctor.conftest import settings

LONG = "seen " * 100 + "end"
FOUND = [
    Examined(
        "rome",
        "ome",
        "https://ome.example.net",
        (
            Finding("dns", "ome.example.net", Verdict.OK, "10.0.0.1"),
            Finding("tls", "ome.example.net:443", Verdict.FAILED, LONG, "do [red]this[/red]"),
            Finding("login", "", Verdict.NOT_TRIED),
        ),
    )
]


def shown(*, terminal: bool) -> str:
    written = io.StringIO()
    show(FOUND, Console(file=written, force_terminal=terminal, width=60, color_system=None))
    return written.getvalue()


def test_in_a_pipe_every_finding_is_one_line_however_long() -> None:
    assert shown(terminal=False).splitlines() == [
        "rome (ome, https://ome.example.net) does not work",
        "  ok         dns ome.example.net: 10.0.0.1",
        f"  failed     tls ome.example.net:443: {LONG}",
        "               do: do [red]this[/red]",
        "  not tried  login",
    ]


def test_on_a_terminal_a_table_folds_long_texts_and_cuts_nothing() -> None:
    table = shown(terminal=True)

    assert max(map(len, table.splitlines())) <= 60
    assert table.count("seen") == 100 + 1
    words = "".join(table.split()).replace("│", "").replace("┃", "")
    assert "[red]" in words
    assert "…" not in table


ODD = "a\x9b2Jb\u202ec\u2028d\U000e0041e"


def odd(verdict: Verdict = Verdict.FAILED) -> list[Examined]:
    return [Examined("rome", "ome", ODD, (Finding("tls", ODD, verdict, ODD, ODD),))]


@pytest.mark.parametrize("terminal", [True, False])
def test_what_an_api_says_does_not_act_on_a_terminal(terminal: bool) -> None:
    written = io.StringIO()

    show(odd(), Console(file=written, force_terminal=terminal, width=400, color_system=None))

    text = written.getvalue()
    assert [each for each in text if not each.isprintable() and each not in "\n\x1b"] == []
    assert "\x1b]" not in text
    assert text.count(r"a\x9b2Jb\u202ec\u2028d\U000e0041e") == 4


def test_json_on_a_terminal_does_not_act_either() -> None:
    document = as_json(odd())

    assert [each for each in document if not each.isprintable() and each != "\n"] == []
    assert json.loads(document)["sources"][0]["findings"][0]["seen"] == ODD


def test_programs_get_json() -> None:
    tree = json.loads(as_json(FOUND))

    assert tree["works"] is False
    (source,) = tree["sources"]
    assert (source["source"], source["works"]) == ("rome", False)
    assert source["findings"][0] == {
        "step": "dns",
        "subject": "ome.example.net",
        "verdict": "ok",
        "seen": "10.0.0.1",
        "advice": "",
    }


def test_an_api_that_is_slow_is_a_warning() -> None:
    rome = {"name": "rome", "type": "ome", "url": "https://o", "username": "u", "password": "p"}
    calls = Recorder()
    calls.login(ok=True)
    for seconds in (0.5, 11.0, 12.0):
        calls.request("Devices", "200", seconds, 1)
    calls.request("Devices", "error", 30.0, 0)
    state = CollectorState(source="rome", collector="devices", interval=60, success=True, calls=4)

    found = list(findings_from(settings(rome), [state], calls, 300))

    (latency,) = [each for each in found if each.step == "latency"]
    assert latency.verdict is Verdict.WARNING
    assert "the fastest after 500 ms, half of them within 11000 ms" in latency.seen
    assert "http.timeout (30 s)" in latency.advice


def test_a_budget_that_is_exceeded_is_a_warning() -> None:
    rome = {
        "name": "rome",
        "type": "ome",
        "url": "https://ome.example.net",
        "username": "u",
        "password": "p",
        "http": {"requests_per_minute": 1},
    }
    state = CollectorState(source="rome", collector="devices", interval=60, success=True, calls=4)

    calls = Recorder()
    calls.login(ok=True)

    found = list(findings_from(settings(rome), [state], calls, 300))

    (budget,) = [each for each in found if each.step == "budget"]
    assert budget.verdict is Verdict.WARNING
    assert budget.seen == "240 requests an hour of 60 that requests_per_minute allows: too many"
    assert "http.requests_per_minute" in budget.advice
