"""`check --probe`: what works, why the rest does not, and what to do."""

import json
import re

import yaml

from exporter.sources.vendors import SOURCES
from tests.commands.conftest import Fleet
from tests.commands.program import run_beside


async def test_every_step_of_every_source_is_shown(fleet: Fleet) -> None:
    done = await run_beside("check", "--probe", "--config", fleet.config())

    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].endswith("the configuration is valid, 2 source(s)")
    assert f"com-demo (com, {fleet.base_url}) works" in lines
    assert f"ome-demo (ome, {fleet.base_url}) works" in lines
    for kind in SOURCES:
        for name in SOURCES[kind].intervals:
            assert any(f"  ok         collector {name}: " in line for line in lines), name
    assert all(line.startswith("  ok ") for line in lines if line.startswith("  "))
    assert fleet.simulation.open_sessions == 0


async def test_a_refused_login_ends_it_with_1_and_says_what_to_do(fleet: Fleet) -> None:
    config, secrets = fleet.config(), fleet.secrets
    fleet.simulation.rotate_ome_password("another")

    done = await run_beside("check", "--probe", "--config", config)

    assert done.code == 1
    assert f"com-demo (com, {fleet.base_url}) works" in done.out
    assert f"ome-demo (ome, {fleet.base_url}) does not work" in done.out
    assert "  failed     login: auth: " in done.out
    assert "do: check username and password of the source ome-demo\n" in done.out
    assert "  not tried  collector power\n" in done.out
    assert [secret for secret in secrets if secret in done.said] == []
    assert "Traceback" not in done.err


async def test_programs_get_json_on_standard_output_and_nothing_else(fleet: Fleet) -> None:
    fleet.simulation.faults.add(kind="html", path="energy-by-entity")

    done = await run_beside("check", "--probe", "--format", "json", "--config", fleet.config())

    assert done.code == 1
    found = json.loads(done.out)
    assert [(each["source"], each["works"]) for each in found["sources"]] == [
        ("com-demo", False),
        ("ome-demo", True),
    ]
    bad = [each for each in found["sources"][0]["findings"] if each["verdict"] != "ok"]
    assert [(each["step"], each["subject"]) for each in bad] == [("collector", "energy")]
    assert bad[0]["advice"]


async def test_an_api_that_is_not_there_ends_it_with_1(fleet: Fleet) -> None:
    done = await run_beside("check", "--probe", "--config", fleet.config(url="http://127.0.0.1:9"))

    assert done.code == 1
    assert (
        "  failed     tcp 127.0.0.1:9: 127.0.0.1 port 9: cannot connect (connection refused)"
        in done.out
    )
    assert "Traceback" not in done.err


async def test_what_a_vendor_has_changed_is_listed_with_what_to_do(fleet: Fleet) -> None:
    faults = fleet.simulation.faults
    faults.add(kind="renamed_fields", path="v1/servers$", fields=["hardware/powerState"])
    faults.add(kind="unknown_codes", path="Service/Devices$", fields=["Status"])

    done = await run_beside("check", "--probe", "--config", fleet.config())

    assert done.code == 0
    assert "  warning    drift servers: hardware.powerState is missing from all " in done.out
    assert "  warning    drift devices: Status has values that are not known, in " in done.out
    assert re.search(
        r" record\(s\): 7777\n +do: the API has changed: look for a newer version", done.out
    )
    assert "`serverfleet-exporter capture`" in done.out


async def test_a_collector_that_does_not_fit_into_its_interval_is_told_with_what_helps(
    fleet: Fleet,
) -> None:
    fleet.simulation.faults.add(kind="delay", path="/Power$", seconds=0.2)
    config = fleet.config(
        type="ome", collectors={"power": {"interval": "500ms"}}, http={"concurrency": 1}
    )
    tree = yaml.safe_load(config.read_text())
    tree["sources"] = [each for each in tree["sources"] if each["name"] == "ome-demo"]
    config.write_text(yaml.safe_dump(tree))

    done = await run_beside("check", "--probe", "--config", config)

    assert done.code == 0
    assert re.search(
        r"  warning    collector power: .* longer than its interval of 500ms\n"
        r" +do: raise http.concurrency from 1 to ",
        done.out,
    )
