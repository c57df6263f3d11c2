"""The unit is one that systemd takes, gives away no rights, and starts what there is to start."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from exporter.cli import main

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "systemd" / "serverfleet-exporter.service"
INSTALLED = "/opt/serverfleet/bin/serverfleet-exporter"
MOST_EXPOSED = 2.0
SYSTEMD = pytest.mark.tool(**{"systemd-analyze": "systemd"})

CONFIG = """
sources:
  - name: emea
    type: com
    region: eu-central
    client_id: monitoring
    client_secret_file: ${CREDENTIALS_DIRECTORY}/com
  - name: frankfurt
    type: ome
    url: https://ome.fra.example.net
    username: svc-prometheus
    password_file: ${CREDENTIALS_DIRECTORY}/ome
"""


def settings(name: str) -> list[str]:
    """Return every value of a setting, in order."""
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(f"{name}=") for line in lines if line.startswith(f"{name}=")]


def analysed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments], capture_output=True, text=True, check=False
    )


@SYSTEMD
def test_it_is_exposed_to_next_to_nothing() -> None:
    done = analysed("security", "--offline=true", str(UNIT))
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= MOST_EXPOSED, done.stdout


@SYSTEMD
def test_systemd_has_nothing_to_say_against_it(tmp_path: Path) -> None:
    there = Path(sys.executable).with_name("serverfleet-exporter")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text(encoding="utf-8").replace(INSTALLED, str(there)))
    done = analysed("verify", "--man=no", str(unit))
    said = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert not said
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("setting", ["ExecStartPre", "ExecStart"])
def test_what_it_starts_can_be_started(setting: str, capsys: pytest.CaptureFixture[str]) -> None:
    program, *arguments = shlex.split(settings(setting)[0])
    assert program == INSTALLED
    # The configuration is not there: that is told, and not that the command is unknown.
    assert main(arguments) == 2
    assert "/etc/serverfleet/config.yaml" in capsys.readouterr().err


def test_the_secrets_that_it_hands_over_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [value.partition(":")[0] for value in settings("LoadCredential")]
    assert names == ["com", "ome"]
    for name in names:
        (tmp_path / name).write_text("a secret\n")
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert main(["check", "--config", str(config)]) == 0


def test_the_state_file_of_the_pages_lies_in_the_one_directory_that_it_may_write() -> None:
    [directory] = settings("StateDirectory")
    assert settings("StateDirectoryMode") == ["0700"]
    assert settings("ProtectSystem") == ["strict"]
    assert not settings("ReadWritePaths")
    for page in (UNIT, ROOT / "docs" / "energy.md", ROOT / "docs" / "install.md"):
        named = re.findall(r"--state\.file[ =](\S+)", page.read_text(encoding="utf-8"))
        assert f"/var/lib/{directory}/state.db" in named, page
        assert {Path(name).parent for name in named} == {Path("/var/lib", directory)}, page


def test_the_drop_in_of_the_pages_starts_the_same_with_a_state_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    reset, started = re.findall(r"(?m)^ExecStart=(.*)$", page)
    assert reset == ""
    assert started.startswith(f"{settings('ExecStart')[0]} --state.file ")
    assert main(shlex.split(started)[1:]) == 2
    assert "/etc/serverfleet/config.yaml" in capsys.readouterr().err


def test_a_bad_configuration_is_not_tried_again() -> None:
    assert settings("Restart") == ["on-failure"]
    assert settings("RestartPreventExitStatus") == ["2"]
