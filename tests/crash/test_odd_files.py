"""The files of the configuration are no files, at the start or while the program runs."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Fleet
from tests.commands.program import fetch, fetch_when, run_beside, running
from tests.support.exposition import value
from tests.support.protection import Authority, hashed
from tests.web.test_following import become_a_directory, become_a_fifo, become_endless, name_no_file

ODD = [become_a_fifo, become_a_directory, become_endless]
RELOADED = "serverfleet_config_last_reload_successful"
WEB_RELOADED = "serverfleet_web_config_last_reload_successful"


def a_client_ca_that_is_a_fifo(path: Path) -> None:
    authority = Authority(path.parent)
    os.mkfifo(path.parent / "ca.pem")
    clients = {"client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": "ca.pem"}
    authority.config(tls_server_config={**authority.pair(), **clients})


@pytest.mark.parametrize("change", [*ODD, name_no_file, a_client_ca_that_is_a_fifo])
@pytest.mark.parametrize("command", ["run", "check"])
async def test_an_odd_web_configuration_at_the_start_is_2_and_a_sentence(
    fleet: Fleet, tmp_path: Path, command: str, change: Callable[[Path], None]
) -> None:
    web = Authority(tmp_path).config(basic_auth_users={"alice": hashed("a")})
    change(web)

    done = await run_beside(command, "--config", fleet.config(), "--web.config.file", web)

    assert done.code == 2
    assert done.err.splitlines()[0] == f"{web}: 1 problem in the web configuration:"
    assert len(done.err.splitlines()) == 2


@pytest.mark.parametrize("change", ODD)
@pytest.mark.parametrize("command", ["run", "check", "once"])
async def test_an_odd_configuration_at_the_start_is_2_and_a_sentence(
    fleet: Fleet, command: str, change: Callable[[Path], None]
) -> None:
    config = fleet.config()
    change(config)

    done = await run_beside(command, "--config", config)

    assert done.code == 2
    assert done.err.splitlines()[0] == f"{config}: 1 problem in the configuration:"
    assert len(done.err.splitlines()) == 2


@pytest.mark.parametrize("change", ODD)
async def test_files_that_become_odd_stop_nothing_and_a_signal_ends_it(
    fleet: Fleet, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    web = Authority(tmp_path).config(rate_limit={"interval": "1ms", "burst": 100})
    config = fleet.config()
    arguments = ("run", "--config", config, "--web.config.file", web)
    async with running(tmp_path, *arguments) as program:
        address = await program.address()
        change(web)
        change(config)
        program.send(signal.SIGHUP)
        await fetch_when(
            f"{address}/metrics",
            lambda page: (
                value(page.encode(), RELOADED) == 0 and value(page.encode(), WEB_RELOADED) == 0
            ),
        )
        assert await fetch(f"{address}/-/healthy") == "healthy\n"
        assert await program.stop() == 0

    assert fleet.simulation.open_sessions == 0
    assert "Traceback" not in program.err
