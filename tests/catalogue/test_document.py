import re

from exporter.catalogue import FAMILIES
from exporter.commands.metrics import families_markdown
from exporter.errors import Reason


def test_the_page_has_one_line_for_each_family() -> None:
    rows = re.findall(r"^\| `(serverfleet_\w+)` \| (\w+) \|", families_markdown(), re.MULTILINE)

    assert sorted(rows) == sorted((family.name, family.kind) for family in FAMILIES)


def test_the_page_lists_the_states_of_a_one_hot_family() -> None:
    assert "`state` = ok, warning, critical, unknown" in families_markdown()


def test_the_page_names_every_reason_of_a_failure() -> None:
    assert ", ".join(Reason) in families_markdown()


def test_every_line_of_a_table_has_as_many_cells_as_its_header() -> None:
    rows = [line for line in families_markdown().splitlines() if line.startswith("|")]

    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
