"""What can be typed, and what is said to whom typed it wrongly."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter import __version__
from exporter.cli import main
from tests.commands.program import run, run_unread
from tests.support.protection import Authority

COMMANDS = ("run", "once", "check", "backfill", "demo", "simulate", "metrics")
TWO_MISTAKES = """
sources:
  - {name: a, type: ome, url: https://ome.example.net, username: u, pass_word: hunter2}
"""
BOTH = [
    "sources[0].pass_word: unknown setting; did you mean password?",
    "sources[0].password: is missing: set password or password_file",
]
GOOD = """
sources:
  - {name: a, type: ome, url: https://ome.example.net, username: u, password: hunter2}
"""

WriteConfig = Callable[[str], Path]
ODD_SECRET = """
sources:
  - {{name: a, type: ome, url: https://ome.example.net, username: u, password_file: "{}"}}
"""


def typed(*arguments: str) -> int:
    """Return the exit code of arguments that are answered before any command runs."""
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    return int(str(exit_.value.code))


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--version") == 0
    assert capsys.readouterr().out == f"serverfleet-exporter {__version__}\n"


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--help") == 0

    out = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n    {name} " not in out] == []
    assert "exit codes: 0 done" in out


@pytest.mark.parametrize("command", [["run", "--config", "x"], ["demo"]])
def test_an_address_of_grafana_that_cannot_be_linked_is_a_usage_error(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(*command, "--web.grafana-url", "javascript:alert(1)") == 2

    assert "--web.grafana-url: write the base address of Grafana" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(command, "--help") == 0

    out = capsys.readouterr().out
    assert out.startswith(f"usage: serverfleet-exporter {command} ")
    assert "--log.format {console,json}" in out
    assert "--log.level {debug,info,warning,error}" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "the following arguments are required: COMMAND"),
        ("fly", "invalid choice: 'fly'"),
        ("run", "the following arguments are required: --config"),
        ("once", "the following arguments are required: --config"),
        ("check --probe", "the following arguments are required: --config"),
        ("run --config a.yaml --listen here", "argument --listen: write an address as host:port"),
        (
            "run --config a.yaml --listen :65536",
            "argument --listen: write an address with a port of 0 to 65535",
        ),
        ("run --config a.yaml --probe", "unrecognized arguments: --probe"),
        (
            "run --config a --web.max-requests -1",
            "argument --web.max-requests: write a number from 0",
        ),
        ("demo --web.read-timeout 5", "argument --web.read-timeout: write a duration with its"),
        ("once --config a --web.config.file b", "unrecognized arguments: --web.config.file b"),
        (
            "run --config a.yaml --shard.index 3 --shard.total 3",
            "--shard.index 3 --shard.total 3: 3 shards are counted from 0 to 2, 3 is none",
        ),
        ("run --config a.yaml --shard.index 0", "given without --shard.total: give both"),
        ("once --config a.yaml --shard.total 2", "given without --shard.index: give both"),
        ("check --config a.yaml --shard.index 0 --shard.total 0", "at least one shard, not 0"),
        ("demo --shard.index $(POD_INDEX)", "--shard.index: write a number such as 0, not '$(POD"),
        ("demo --shard.index -1 --shard.total 2", "--shard.index: "),
        ("demo --shard.index 0 --shard.total 1_0", "--shard.total: write a number such as 0"),
        ("capture --config a.yaml --shard.index 0", "the following arguments are required"),
        ("demo --servers 0", "argument --servers: write a number from 1 to 100000"),
        ("demo --servers 100001", "argument --servers: write a number from 1 to 100000"),
        ("simulate --servers many", "argument --servers: write a number from 1 to 100000"),
        ("simulate --seed x", "argument --seed: invalid int value: 'x'"),
        ("metrics --format html", "argument --format: invalid choice: 'html'"),
        ("metrics --log.level loud", "argument --log.level: invalid choice: 'loud'"),
        ("metrics --log.format xml", "argument --log.format: invalid choice: 'xml'"),
    ],
)
def test_bad_usage_is_explained_and_ends_with_2(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(*arguments.split()) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err


@pytest.mark.parametrize("command", ["run", "once", "check"])
def test_a_bad_file_ends_with_2_and_every_mistake_on_stderr(
    command: str, write_config: WriteConfig
) -> None:
    path = write_config(TWO_MISTAKES)

    done = run(command, "--config", path)

    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        f"{path}: 2 problems in the configuration:",
        *(f"  - {problem}" for problem in BOTH),
    ]


def test_a_missing_file_ends_with_2(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.yaml"

    done = run("check", "--config", path)

    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        f"{path}: 1 problem in the configuration:",
        "  - cannot read the file: No such file or directory",
    ]


@pytest.mark.parametrize(
    "bad", ["sources: [", "sources: [&a [*a]]", "- a", "a: 2024-99-99", "\x01"]
)
def test_a_file_that_is_no_configuration_ends_with_2_and_no_traceback(
    bad: str, write_config: WriteConfig
) -> None:
    done = run("check", "--config", write_config(bad))

    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err


def test_a_variable_comes_from_the_environment_of_the_process(write_config: WriteConfig) -> None:
    path = write_config(GOOD.replace("hunter2", '"${PASSWORD_OF_OME}"'))

    without, with_it = (
        run("check", "--config", path),
        run("check", "--config", path, PASSWORD_OF_OME="hunter2"),
    )

    assert (without.code, with_it.code) == (2, 0)
    assert "the environment variable PASSWORD_OF_OME is not set" in without.err
    assert "hunter2" not in with_it.said


def test_check_is_offline_and_says_that_all_is_well(write_config: WriteConfig) -> None:
    path = write_config(GOOD)

    done = run("check", "--config", path)

    assert (done.code, done.err) == (0, "")
    assert done.out == f"{path}: the configuration is valid, 1 source(s)\n"


def test_check_looks_at_the_web_configuration_too(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    path = write_config(GOOD)
    authority = Authority(tmp_path)
    web = authority.config(tls_server_config=authority.pair())

    good = run("check", "--config", path, "--web.config.file", web)
    authority.pair("other")
    (tmp_path / "other.key").rename(tmp_path / "server.key")
    bad = run("check", "--config", path, "--web.config.file", web)

    assert good.code == 0
    sentence = f"{web}: the web configuration is valid, HTTPS, no password asked for"
    assert good.out.splitlines()[1] == sentence
    assert (bad.code, bad.out) == (2, "")
    assert bad.err.splitlines() == [
        f"{web}: 1 problem in the web configuration:",
        "  - tls_server_config.key_file: is not the key of the certificate",
    ]


def test_check_writes_a_path_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "[red]config[0].yaml"
    path.write_text(GOOD)

    assert run("check", "--config", path).out.startswith(f"{path}: the configuration is valid")


def test_check_names_what_is_allowed_but_rarely_wise(write_config: WriteConfig) -> None:
    path = write_config(
        GOOD.replace(
            "hunter2",
            "hunter2, http: {insecure_skip_verify: true}, collectors: {power: {interval: 5s}}",
        )
    )

    done = run("check", "--config", path)

    assert done.code == 0
    assert done.out.splitlines()[1:] == [
        "  warning: a: its certificate is not verified; ca_file is better",
        "  warning: a: power every 5 s asks a lot of the API",
    ]


@pytest.mark.parametrize("command", ["metrics", "check"])
def test_a_reader_that_goes_away_is_no_reason_to_complain(
    command: str, write_config: WriteConfig
) -> None:
    arguments = ["--config", str(write_config(GOOD))] if command == "check" else []
    done = run_unread(command, *arguments)

    assert done.err == ""
    assert done.code in (0, 1)


def test_no_file_that_never_ends_keeps_check_from_ending(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    good = write_config(GOOD)
    odd = tmp_path / "odd.yaml"
    for path in (fifo, Path("/dev/zero")):
        odd.write_text(ODD_SECRET.format(path))
        for arguments in (
            ("--config", path),
            ("--config", odd),
            ("--config", good, "--web.config.file", path),
        ):
            done = run("check", *arguments)

            assert done.code == 2
            assert "it is not a regular file" in done.err
            assert "Traceback" not in done.err
