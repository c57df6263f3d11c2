from typing import Any

import pytest

from exporter.status.attention import Case, Severity
from exporter.web.page import FIRST, MOST, STEP, Query, listing


def case(server: str, severity: Severity = Severity.WARNING, **changes: str) -> Case:
    facts: dict[str, Any] = {"serial": f"SN-{server}", "source": "emea", "vendor": "hpe", **changes}
    return Case(severity=severity, server=server, reasons=("fans warning",), **facts)


CASES = (
    case("host2", Severity.CRITICAL, model="DL380", power="on"),
    case("host10", Severity.CRITICAL, model="R640", source="apac"),
    case("host1", model="DL380"),
    case("Host3", Severity.UNKNOWN, source="apac", vendor="dell"),
)


def names(query: Query) -> list[str]:
    return [each.server for each in listing(CASES, query).cases]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), ["host2", "host10", "host1", "Host3"]),
        (Query(sort="severity", descending=True), ["Host3", "host1", "host2", "host10"]),
        (Query(sort="server"), ["host1", "host2", "Host3", "host10"]),
        (Query(sort="server", descending=True), ["host10", "Host3", "host2", "host1"]),
        (Query(sort="power"), ["host10", "host1", "Host3", "host2"]),
        (Query(words="dl380 FANS"), ["host2", "host1"]),
        (Query(words="sn-host3"), ["Host3"]),
        (Query(source="apac"), ["host10", "Host3"]),
        (Query(source="apac", severity="critical"), ["host10"]),
        (Query(words="nothing"), []),
    ],
)
def test_servers_are_searched_narrowed_and_sorted(query: Query, expected: list[str]) -> None:
    assert names(query) == expected


def test_what_an_address_says_is_what_its_query_reads() -> None:
    query = Query("a&b =\u00e9", "emea", "critical", "server", descending=True, rows=300)
    parameters = {"q": "a&b =\u00e9", "source": "emea", "severity": "critical", "show": "300"}

    assert Query.read({**parameters, "sort": "-server"}, ["emea"]) == query
    assert query.address == (
        "?q=a%26b+%3D%C3%A9&source=emea&severity=critical&sort=-server&show=300"
    )
    assert Query().address == "?"


@pytest.mark.parametrize(
    "parameters",
    [
        {"source": "nobody"},
        {"severity": "fatal"},
        {"sort": "-password"},
        {"sort": "__class__"},
        {"show": "-5"},
        {"show": "\u0663"},
        {"show": "9" * 5000},
        {"other": "x"},
    ],
)
def test_a_value_that_is_not_known_counts_as_none(parameters: dict[str, str]) -> None:
    assert Query.read(parameters, ["emea"]) == Query()


def test_a_heading_sorts_and_a_second_time_reverses() -> None:
    by_server = Query(words="x", rows=500).sorted_by("server")

    assert by_server == Query(words="x", sort="server")
    assert by_server.sorted_by("server").order == "-server"
    assert by_server.sorted_by("severity").order == ""
    assert Query().sorted_by("severity").order == "-severity"


def test_rows_are_added_up_to_a_bound() -> None:
    many = [case(f"host{number}") for number in range(MOST + 150)]

    first = listing(many, Query())
    assert (len(first.cases), first.more, first.found) == (FIRST, STEP, MOST + 150)
    last = listing(many, Query.read({"show": str(MOST + STEP)}, []))
    assert (len(last.cases), last.more) == (MOST, 0)
    assert Query(rows=MOST).with_more().rows == MOST
    assert listing(many[:75], Query()).more == 50
    assert Query().with_more().rows == FIRST + STEP


def test_a_name_of_many_digits_is_sorted_too() -> None:
    odd = [case("9" * 5000), case("\u0661\u00b2"), case("8" * 5000)]

    found = listing(odd, Query(sort="server")).cases

    assert [each.server[0] for each in found] == ["8", "9", "\u0661"]
