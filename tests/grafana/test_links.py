"""Where clicks lead."""

import re
from collections.abc import Iterator
from typing import Any

from tests.grafana.boards import BOARDS, within
from tests.grafana.queries import variables, variables_in

Board = dict[str, Any]


def test_all_dashboards_are_offered_with_time_and_variables(board: Board) -> None:
    [link] = board["links"]
    assert (link["type"], link["tags"]) == ("dashboards", ["serverfleet"])
    assert link["keepTime"]
    assert link["includeVars"]


def test_links_lead_to_a_dashboard_of_ours(board: Board) -> None:
    known = {each["uid"] for each in BOARDS.values()}
    for url in _urls(board):
        match = re.match(r"/d/([\w-]+)\?", url)
        assert match, f"{board['title']}: {url}"
        assert match[1] in known, f"{board['title']}: {url}"


def test_links_keep_the_time_and_the_datasource(board: Board) -> None:
    for url in _urls(board):
        assert "${__url_time_range}" in url, f"{board['title']}: {url}"
        assert "${datasource:queryparam}" in url, f"{board['title']}: {url}"


def test_links_set_variables_that_the_other_dashboard_has(board: Board) -> None:
    by_uid = {each["uid"]: each for each in BOARDS.values()}
    for url in _urls(board):
        target = by_uid[url.split("/d/")[1].split("?")[0]]
        there = {variable["name"] for variable in variables(target)}
        given = set(re.findall(r"var-(\w+)=", url)) | set(re.findall(r"\$\{(\w+):queryparam", url))
        assert given <= there, f"{board['title']}: {target['title']} has no {given - there}"


def test_links_use_variables_that_this_dashboard_has(board: Board) -> None:
    here = {variable["name"] for variable in variables(board)}
    for url in _urls(board):
        used = {name for name in variables_in(url) if not name.startswith("__")}
        assert used <= here, f"{board['title']}: {url}"


def test_a_server_is_named_by_source_name_and_serial_number() -> None:
    found = [
        url for board in BOARDS.values() for url in _urls(board) if "serverfleet-server?" in url
    ]
    assert found
    for url in found:
        assert set(re.findall(r"var-(\w+)=", url)) == {"source", "server", "serial"}, url


def _urls(board: Board) -> Iterator[str]:
    for links in within(board["panels"], "links"):
        yield from (link["url"] for link in links if "/d/" in link["url"])
    for properties in within(board["panels"], "properties"):
        for each in properties:
            if each["id"] == "links":
                yield from (link["url"] for link in each["value"] if "/d/" in link["url"])
