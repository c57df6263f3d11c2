"""`run` reads its configuration again when it is told to."""

import signal
from pathlib import Path

import yaml

from tests.commands.conftest import Fleet
from tests.commands.program import fetch, running
from tests.support.exposition import value, values

RELOADED = "serverfleet_config_last_reload_successful"


def without(path: Path, kind: str) -> None:
    tree = yaml.safe_load(path.read_text())
    tree["sources"] = [entry for entry in tree["sources"] if entry["type"] != kind]
    path.write_text(yaml.safe_dump(tree))


async def test_sighup_takes_over_a_good_file_and_refuses_a_bad_one(
    fleet: Fleet, tmp_path: Path
) -> None:
    config = fleet.config()
    good = config.read_text()
    async with running(tmp_path, "run", "--config", config) as program:
        address = await program.address()
        await program.event("poll succeeded", source="ome-demo", collector="devices")
        config.write_text(good.replace("type: ome", "type: omme"))
        program.send(signal.SIGHUP)
        refused = await program.event("reload failed, the former configuration stays")
        page = (await fetch(f"{address}/metrics")).encode()
        assert value(page, RELOADED) == 0
        assert refused["file"] == str(config)
        assert refused["problems"] == ["sources[1].type: must be one of com, ome"]

        config.write_text(good.replace("127.0.0.1:0", "127.0.0.1:1"))
        without(config, "com")
        program.send(signal.SIGHUP)
        done = await program.event("reloaded")
        warned = await program.event("listen has changed: that takes effect at the next start")
        page = (await fetch(f"{address}/metrics")).encode()
        code = await program.stop()

    assert (done["removed"], done["unchanged"]) == (["com-demo"], ["ome-demo"])
    assert warned["level"] == "warning"
    assert value(page, RELOADED) == 1
    assert values(page, "serverfleet_source_up") == [1]
    assert values(page, "serverfleet_server_info", source="com-demo") == []
    assert (code, fleet.simulation.open_sessions) == (0, 0)
    assert [secret for secret in fleet.secrets if secret in program.err] == []
