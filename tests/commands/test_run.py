"""`run`: polls, serves, and ends in order."""

import asyncio
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.commands.conftest import Fleet
from tests.commands.program import NEVER, Running, fetch, fetch_when, run, run_beside, running
from tests.support.exposition import value, values
from tests.support.protection import Authority, hashed


async def all_collected(program: Running) -> str:
    """Wait until every collector of both sources has succeeded; return the address."""
    address = await program.address()
    for source, collector in (
        ("com-demo", "alerts"),
        ("com-demo", "energy"),
        ("ome-demo", "alerts"),
        ("ome-demo", "health"),
        ("ome-demo", "power"),
    ):
        await program.event("poll succeeded", source=source, collector=collector)
    return address


async def test_run_serves_the_servers_of_every_source(fleet: Fleet, tmp_path: Path) -> None:
    async with running(tmp_path, "run", "--config", fleet.config()) as program:
        address = await all_collected(program)
        page = await fetch(f"{address}/metrics")
        ready = await fetch(f"{address}/-/ready")

    assert ready == "ready\n"
    assert values(page.encode(), "serverfleet_source_up") == [1.0, 1.0]
    servers = values(page.encode(), "serverfleet_source_servers")
    assert sum(servers) == 12
    assert len(values(page.encode(), "serverfleet_server_info")) == 12


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_0_and_every_session_logged_out(
    fleet: Fleet, tmp_path: Path, number: signal.Signals
) -> None:
    async with running(tmp_path, "run", "--config", fleet.config()) as program:
        await all_collected(program)
        open_before = fleet.simulation.open_sessions
        code = await program.stop(number)

    assert open_before == 1
    assert fleet.simulation.open_sessions == 0
    assert code == 0
    assert program.out == ""
    assert "Traceback" not in program.err


async def test_a_signal_during_a_call_ends_it_without_waiting_for_the_answer_and_logs_out(
    fleet: Fleet, tmp_path: Path
) -> None:
    hanging = fleet.simulation.faults.add(kind="delay", path="DeviceService", seconds=NEVER)
    config = fleet.config(http={"timeout": "1d"})
    async with running(tmp_path, "run", "--config", config) as program:
        await program.until(lambda: True if hanging.hits else None)
        assert fleet.simulation.open_sessions == 1
        code = await program.stop()

    assert (code, fleet.simulation.open_sessions) == (0, 0)
    assert "Traceback" not in program.err


async def test_a_source_that_refuses_the_login_does_not_keep_the_other_from_being_served(
    fleet: Fleet, tmp_path: Path
) -> None:
    config = fleet.config()
    fleet.simulation.rotate_ome_password("another")
    async with running(tmp_path, "run", "--config", config) as program:
        address = await program.address()
        await program.event("poll failed", source="ome-demo", reason="auth")
        page = await fetch_when(
            f"{address}/metrics",
            lambda page: bool(values(page.encode(), "serverfleet_server_info")),
        )

    assert value(page.encode(), "serverfleet_source_up", source="com-demo") == 1
    assert value(page.encode(), "serverfleet_source_up", source="ome-demo") == 0


async def test_a_source_that_cannot_be_reached_is_a_metric_and_no_reason_to_end(
    tmp_path: Path, fleet: Fleet
) -> None:
    config = fleet.config(url="http://127.0.0.1:9")
    async with running(tmp_path, "run", "--config", config) as program:
        address = await program.address()
        await program.event("poll failed", source="ome-demo", reason="connect")
        page = await fetch(f"{address}/metrics")
        healthy = await fetch(f"{address}/-/healthy")

    assert value(page.encode(), "serverfleet_source_up", source="ome-demo") == 0
    assert healthy == "healthy\n"


async def test_no_secret_shows_in_logs_or_pages_even_when_the_login_fails(
    fleet: Fleet, tmp_path: Path
) -> None:
    secrets = fleet.secrets
    config = fleet.config(http={"proxy": f"{fleet.base_url}/proxy-hunter2"})
    fleet.simulation.rotate_ome_password("another")
    fleet.simulation.rotate_com_secret("another")
    async with running(tmp_path, "run", "--config", config, "--log.level", "debug") as program:
        address = await program.address()
        await program.event("poll failed", source="ome-demo")
        await program.event("poll failed", source="com-demo")
        pages = [await fetch(f"{address}{path}") for path in ("/", "/metrics")]
        await program.stop()

    said = program.out + program.err + "".join(pages)
    assert [secret for secret in [*secrets, "proxy-hunter2"] if secret in said] == []


async def test_the_longest_interval_leaves_every_page_in_order(
    fleet: Fleet, tmp_path: Path
) -> None:
    config = fleet.config(collectors={"alerts": {"interval": "366d"}}, http={"timeout": "366d"})
    async with running(tmp_path, "run", "--config", config) as program:
        address = await program.address()
        for source in ("com-demo", "ome-demo"):
            await program.event("poll succeeded", source=source, collector="alerts")
        for path in ("/", "/status.json", "/metrics", "/-/healthy"):
            await fetch(f"{address}{path}")
        code = await program.stop()

    assert code == 0
    assert "Traceback" not in program.err


async def test_neither_command_line_nor_environment_nor_core_file_shows_a_secret(
    fleet: Fleet, tmp_path: Path
) -> None:
    com, ome = fleet.secrets
    config = fleet.config()
    text = config.read_text().replace(com, "${PLANTED_COM}").replace(ome, "${PLANTED_OME}")
    config.write_text(text)
    assert com not in text
    secrets = {"PLANTED_COM": com, "PLANTED_OME": ome}
    async with running(tmp_path, "run", "--config", config, **secrets) as program:
        await program.event("poll succeeded", source="ome-demo")
        process = Path(f"/proc/{program.pid}")
        line = (process / "cmdline").read_text()
        limits = (process / "limits").read_text()
        owner = (process / "environ").stat().st_uid
        metrics = await fetch(f"{await program.address()}/metrics")

    assert "serverfleet" in line or "exporter" in line
    assert not [secret for secret in fleet.secrets if secret in line]
    assert re.search(r"Max core file size +0 ", limits)
    # The kernel gives what belongs to a process that may not be dumped to root.
    assert owner == 0
    assert "process_open_fds " in metrics


async def test_a_bad_web_configuration_ends_it_with_2_before_anything_is_called(
    fleet: Fleet, tmp_path: Path
) -> None:
    web = tmp_path / "web.yml"
    web.write_text("basic_auth_users: {alice: hunter2}\nnonsense: 1\n")

    done = await run_beside("run", "--config", fleet.config(), "--web.config.file", web)

    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0] == f"{web}: 2 problems in the web configuration:"
    assert "hunter2" not in done.err
    assert fleet.simulation.open_sessions == 0


@pytest.mark.tool(curl="curl")
async def test_the_metrics_are_served_with_tls_and_a_password(fleet: Fleet, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    users = {"prometheus": hashed("hunter2")}
    web = authority.config(tls_server_config=authority.pair(), basic_auth_users=users)
    curl = ["curl", "--silent", "--cacert", str(authority.ca_file), "--output", "/dev/null"]
    curl += ["--write-out", "%{http_code} %{http_version}"]
    async with running(
        tmp_path, "run", "--config", fleet.config(), "--web.config.file", web
    ) as program:
        address = await program.address()
        assert address.startswith("https://")
        asked = [*curl, f"{address}/metrics"]
        right = [*asked, "--user", "prometheus:hunter2", "--http2"]
        said = [
            await asyncio.to_thread(subprocess.run, each, check=True, stdout=-1, text=True)
            for each in (asked, right)
        ]
        code = await program.stop()

    assert [each.stdout for each in said] == ["401 1.1", "200 1.1"]
    assert (code, fleet.simulation.open_sessions) == (0, 0)
    assert users["prometheus"] not in program.err


async def test_the_address_on_the_command_line_is_taken_in_place_of_the_configured_one(
    fleet: Fleet, tmp_path: Path
) -> None:
    config = fleet.config()
    config.write_text(config.read_text().replace("127.0.0.1:0", "192.0.2.1:1"))
    async with running(tmp_path, "run", "--config", config, "--listen", "localhost:0") as program:
        address = await program.address()

        assert address.startswith("http://localhost:")
        assert await fetch(f"{address}/-/healthy") == "healthy\n"


OPEN = "listening on all addresses without a password"


@pytest.mark.parametrize(
    ("listen", "users", "warned"),
    [(":0", {}, 1), ("0.0.0.0:0", {}, 1), (":0", {"a": hashed("a")}, 0), ("127.0.0.1:0", {}, 0)],
)
async def test_the_log_has_every_address_and_a_warning_where_everybody_may_read(
    fleet: Fleet, tmp_path: Path, listen: str, users: dict[str, str], warned: int
) -> None:
    web = Authority(tmp_path).config(basic_auth_users=users)
    arguments = ("--config", fleet.config(), "--listen", listen, "--web.config.file", web)
    async with running(tmp_path, "run", *arguments) as program:
        serving = await program.event("serving metrics")
        # It is written right after that line.
        await program.event("poll succeeded")
        lines = program.err.count(OPEN)

    port = serving["address"].removesuffix("/metrics").rpartition(":")[2]
    hosts = {each.removesuffix(f":{port}") for each in serving["listening"]}
    assert hosts
    everywhere = {"0.0.0.0", "[::]"}  # noqa: S104 - as it is asked for
    assert hosts <= ({"127.0.0.1"} if listen.startswith("127") else everywhere)
    assert lines == warned


async def test_an_ipv6_address_is_shown_in_brackets(fleet: Fleet, tmp_path: Path) -> None:
    async with running(
        tmp_path, "run", "--config", fleet.config(), "--listen", "[::1]:0"
    ) as program:
        assert (await program.address()).startswith("http://[::1]:")


async def test_settings_that_are_rarely_wise_are_logged_at_start(
    fleet: Fleet, tmp_path: Path
) -> None:
    config = fleet.config(collectors={"alerts": {"interval": "5s"}})
    async with running(tmp_path, "run", "--config", config) as program:
        event = await program.event("com-demo: alerts every 5 s asks a lot of the API")

    assert event["level"] == "warning"


async def test_a_port_that_is_taken_ends_it_with_1_and_a_clear_message(fleet: Fleet) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        done = await run_beside("run", "--config", fleet.config(), "--listen", where)

    assert (done.code, done.out) == (1, "")
    assert f"cannot listen on {where}: " in done.err
    assert "Address already in use" in done.err
    assert "Traceback" not in done.err
    assert fleet.simulation.open_sessions == 0


def test_an_address_of_another_machine_ends_it_with_1(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "listen: 192.0.2.1:1\n"
        "sources: [{name: a, type: ome, url: http://127.0.0.1:9, username: u, password: p}]"
    )

    done = run("run", "--config", path)

    assert done.code == 1
    assert "cannot listen on 192.0.2.1:1: " in done.err
    assert "Traceback" not in done.err
