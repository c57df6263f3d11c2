"""Which headers announce the end of an endpoint, and what do they say of it?"""

from calendar import timegm

import pytest
from multidict import CIMultiDict

from exporter.sources.headers import Deprecation, deprecation_from

SUNSET = float(timegm((2027, 6, 30, 23, 59, 59)))
DATE = "Wed, 30 Jun 2027 23:59:59 GMT"


def announced(**headers: str) -> Deprecation | None:
    return deprecation_from(CIMultiDict(headers))


@pytest.mark.parametrize("value", ["true", "TRUE", "@1688169599", DATE, "version=1", "soon"])
def test_any_value_of_deprecation_announces_an_end(value: str) -> None:
    assert announced(deprecation=value) == Deprecation()


@pytest.mark.parametrize("value", ["", " ", "false", "False", "?0"])
def test_a_deprecation_that_says_no_announces_nothing(value: str) -> None:
    assert announced(deprecation=value) is None


def test_without_the_headers_nothing_is_announced() -> None:
    assert announced(link='<https://x.example.net/>; rel="next"', sunset=" ") is None


@pytest.mark.parametrize("deprecation", [{}, {"Deprecation": "true"}, {"Deprecation": "false"}])
def test_a_sunset_announces_an_end_by_itself(deprecation: dict[str, str]) -> None:
    assert announced(**deprecation, sunset=f" {DATE} ") == Deprecation(sunset=SUNSET)


@pytest.mark.parametrize(
    "value",
    ["tomorrow", "@1688169599", "1688169599", "true", "Fri, 31 Dec 9999 23:59:59 -1200", "\x00"],
)
def test_a_date_that_cannot_be_read_is_no_sunset(value: str) -> None:
    assert announced(deprecation="true", sunset=value) == Deprecation()


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ('<https://x.example.net/why>; rel="deprecation"; type="text/html"', "/why"),
        ("<https://x.example.net/why>;rel=sunset", "/why"),
        ('<https://x.example.net/v2>; title="a, b"; rel="successor-version"', "/v2"),
        (
            '<https://x.example.net/p2>; rel="next", <https://x.example.net/v2>; '
            'rel="successor-version", <https://x.example.net/why>; rel="deprecation"',
            "/why",
        ),
        (
            '<https://x.example.net/a>; rel="sunset", <https://x.example.net/b>; rel="sunset"',
            "/a",
        ),
        ('<https://x.example.net/why>; REL="alternate Deprecation"', "/why"),
    ],
)
def test_the_link_is_the_one_that_explains_the_end(link: str, target: str) -> None:
    found = announced(deprecation="true", link=link)

    assert found == Deprecation(link=f"https://x.example.net{target}")


@pytest.mark.parametrize(
    "link",
    [
        '<https://x.example.net/p2>; rel="next"',
        "<https://x.example.net/p2>",
        "https://x.example.net/p2; rel=sunset",
        "<>; rel=sunset",
        "<" * 10_000,
        ";rel=" * 2_000,
    ],
)
def test_other_links_are_left_out(link: str) -> None:
    assert announced(deprecation="true", link=link) == Deprecation()


def test_a_link_is_one_bounded_line() -> None:
    found = announced(deprecation="true", link=f"<https://x\x1b[31m/{'y' * 5_000}>; rel=sunset")

    assert found is not None
    assert found.link.startswith("https://x [31m/yyy")
    assert len(found.link) == 256
