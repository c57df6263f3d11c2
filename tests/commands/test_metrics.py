"""`metrics`: the catalogue, for people and for programs."""

import json
import re

from exporter.catalogue import FAMILIES, SERVER_FAMILIES, SOURCE_FAMILIES
from tests.commands.program import run


def test_json_has_every_family_with_all_that_describes_it() -> None:
    done = run("metrics", "--format", "json")

    assert (done.code, done.err) == (0, "")
    entries = json.loads(done.out)
    assert [entry["name"] for entry in entries] == [family.name for family in FAMILIES]
    for entry in entries:
        assert set(entry) == {
            *("name", "type", "help", "unit", "scope", "labels", "states", "sharding", "fed_by")
        }
        assert entry["help"]
        assert not entry["unit"] or f"_{entry['unit']}" in entry["name"]
    watts = next(each for each in entries if each["name"] == "serverfleet_server_power_watts")
    assert watts["fed_by"][0] == {
        "type": "ome",
        "vendor": "dell",
        "collector": "power",
        "call": "Devices(id)/Power",
        "fields": [["power"]],
        "query": [],
        "fallback": False,
    }


def test_markdown_is_the_default_and_has_every_family() -> None:
    done = run("metrics")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# ")
    assert [family.name for family in FAMILIES if f"`{family.name}`" not in done.out] == []
    assert run("metrics", "--format", "markdown").out == done.out


def test_markdown_says_for_each_vendor_which_collector_call_and_fields_feed_a_family() -> None:
    origins = run("metrics").out.partition("## Where the values come from")[2]
    hpe, dell = origins.split("### ")[1:]

    family = "| `serverfleet_server_health` |"
    assert f"{family} servers (1m) | `v1/servers` | `hardware.health.summary` |" in hpe
    assert f"{family} devices (1m) | `DeviceService/Devices` | `Status` |" in dell
    assert "`serverId`, else `device.id`" in hpe
    assert "| hardware (6h) | `Devices(id)/InventoryDetails` with `deviceSoftware` |" in dell
    fed = [*SERVER_FAMILIES, *SOURCE_FAMILIES]
    assert [each.name for each in fed if f"| `{each.name}` |" not in origins] == []


def test_every_line_of_a_table_of_the_page_has_as_many_cells_as_its_header() -> None:
    tables = re.findall(r"(?m)(?:^\|.*\n)+", run("metrics").out)

    assert len(tables) > 1
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1
