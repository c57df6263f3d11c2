"""Compares `/metrics` with the golden pages."""

import difflib
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.golden.pages import PAGES, file_of
from tests.golden.served import stable

NAMES = list(PAGES)


def difference(name: str, golden: str, served: str) -> str:
    lines = difflib.unified_diff(
        golden.splitlines(), served.splitlines(), file_of(name).name, "served now", lineterm="", n=1
    )
    return "\n".join(lines)


@pytest.mark.parametrize("name", NAMES)
async def test_the_page_is_the_golden_one(name: str) -> None:
    needs = PAGES[name].needs
    if needs is not None and not needs.is_dir():
        pytest.skip(f"the recorded answers are not here: {needs}")

    found = difference(name, file_of(name).read_text(), await PAGES[name].make())

    assert not found, f"review the difference, then run `make golden`:\n{found}"


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_no_series_twice(name: str) -> None:
    families = text_string_to_metric_families(file_of(name).read_text())
    samples = [each for family in families for each in family.samples]

    series = [(each.name, frozenset(each.labels.items())) for each in samples]

    assert series
    assert len(set(series)) == len(series)


@pytest.mark.tool(promtool="prometheus")
@pytest.mark.parametrize("name", NAMES)
def test_promtool_accepts_the_page(name: str) -> None:
    program = shutil.which("promtool")
    assert program is not None

    run = subprocess.run(  # noqa: S603 - pages of ours
        [program, "check", "metrics"],
        input=file_of(name).read_bytes(),
        capture_output=True,
        check=False,
    )

    assert (run.returncode, run.stdout + run.stderr) == (0, b"")


def test_a_difference_is_shown_line_by_line() -> None:
    assert difference("com", "a 1\nb 1\n", "a 1\nb 2\n").splitlines() == [
        "--- com.prom",
        "+++ served now",
        "@@ -1,2 +1,2 @@",
        " a 1",
        "-b 1",
        "+b 2",
    ]


def test_what_depends_on_time_is_left_out() -> None:
    text = """\
# HELP serverfleet_server_connected Meaning.
# TYPE serverfleet_server_connected gauge
serverfleet_server_connected{serial="B"} 0
serverfleet_server_connected{serial="A"} 1
# HELP serverfleet_collector_duration_seconds Meaning.
# TYPE serverfleet_collector_duration_seconds gauge
serverfleet_collector_duration_seconds{collector="servers"} 0.5
# HELP process_open_fds Meaning.
# TYPE process_open_fds gauge
process_open_fds 12
# HELP serverfleet_collector_failures_total Meaning.
# TYPE serverfleet_collector_failures_total counter
serverfleet_collector_failures_total{collector="servers",reason="auth"} 1
serverfleet_collector_failures_total{collector="servers",reason="tls"} 0
"""

    assert stable(text).splitlines() == [
        "# HELP serverfleet_server_connected Meaning.",
        "# TYPE serverfleet_server_connected gauge",
        'serverfleet_server_connected{serial="A"} 1',
        'serverfleet_server_connected{serial="B"} 0',
        "# HELP serverfleet_collector_failures_total Meaning.",
        "# TYPE serverfleet_collector_failures_total counter",
        'serverfleet_collector_failures_total{collector="servers",reason="auth"} 1',
    ]


def test_every_page_is_a_file_and_every_file_a_page() -> None:
    assert {file.stem for file in Path(__file__).parent.glob("*.prom")} == set(NAMES)
