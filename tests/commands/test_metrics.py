"""`metrics`: the catalogue, for people and for programs."""

import json

from exporter.catalogue import FAMILIES
from tests.commands.program import run


def test_json_has_every_family_with_all_that_describes_it() -> None:
    done = run("metrics", "--format", "json")

    assert (done.code, done.err) == (0, "")
    entries = json.loads(done.out)
    assert [entry["name"] for entry in entries] == [family.name for family in FAMILIES]
    for entry in entries:
        assert set(entry) == {"name", "type", "help", "unit", "scope", "labels", "states"}
        assert entry["help"]
        assert not entry["unit"] or f"_{entry['unit']}" in entry["name"]


def test_markdown_is_the_default_and_has_every_family() -> None:
    done = run("metrics")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# ")
    assert [family.name for family in FAMILIES if f"`{family.name}`" not in done.out] == []
    assert run("metrics", "--format", "markdown").out == done.out
