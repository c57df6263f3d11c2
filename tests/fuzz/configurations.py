"""What do we make of configuration files that nobody would write?"""

import os
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from exporter.config.load import Config, ConfigError, load, warnings
from exporter.config.web import WebConfig, load_web_config
from exporter.sources.vendors import SOURCES
from tests.fuzz.choices import Choices

ROOT = Path(__file__).parents[2]
TYPES = {name: kind.settings for name, kind in SOURCES.items()}
DEFAULTS = {name: kind.intervals for name, kind in SOURCES.items()}
SECRET = "hunter2-must-not-show"
ENVIRONMENT = {
    "COM_CLIENT_ID": "id",
    "COM_WORKSPACE_ID": "0123456789abcdef0123456789abcdef",
    "COM_CLIENT_SECRET": SECRET,
    "OME_USERNAME": "reader",
    "OME_PASSWORD": SECRET,
}
LONGEST_TIME = 60.0
"""Seconds, on a busy machine; the largest file that is drawn takes a fraction of one."""
GOOD = 4
"""How many of the seeds, from the first on, are right as they are, or nearly."""
LONGEST_PROBLEM = 1500
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SECRETS = re.compile(r"(?m)^(\s*)#?((?:client_secret|password): ).*$")

VALUES = (
    "null", "~", "", "true", "yes", "0", "-1", "1e400", ".inf", ".nan", "1" + "0" * 400, "9" * 5000,
    "0o17", "0x1f", "1_000", "1:30", "190:20:30", "2026-05-01", "[]", "{}", "[[]]", "- a", "''", "' '",
    '"\\0"', '"\\ud800"', '"\\x07"', "!!python/object:os.system x", "!x", "*a", "&a x", "&a [*a]",
    "<<: {}", "|", ">", "|\n  text", "${HOME", "${UNSET}", "$${X}", "${}", "${OME_PASSWORD}", "%x", "@x",
    "`x`", "? x", "1h30m", "500ms", "0s", "99999999d", "٣s", "64MiB", "0B", ":10450", "host:99999", "[::1]:1",
    "https://a.example.net", "http://127.0.0.1", "http://a.example.net", "https://u:p@h/", "https://[::1",
    "https://h:99999/", "https://h/?q#f", "https://\u00ff.example.net", "/etc/passwd", "/", "Europe/Berlin",
    "Europe", "../UTC", "[critical, critical]", "[1000, 1000]", "[1" + ",1" * 2000 + "]", "[" * 200,
    "{a: " * 200, "x" * 100_000, "\u2028", "\ufeff", "é", "a b", "'", '"',
)  # fmt: skip
"""What may stand after the colon of a setting."""
LINES = (
    "\tx: 1", "x: 1", "  x: 1", "- x", "sources: []", "listen: 1", "<<: *a", "---", "...", "%YAML 9.9",
    "? [a]\n: b", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "\x00", "\x1b[31m", "#", "'", "{", "}",
    "a: &a {b: *a}", "1: 2", "true: false", "null: null", "? \n: ",
)  # fmt: skip
"""What may stand on a line of its own."""
_BOMB = (
    "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    + "sources: *a11\n"
)
_WEB = f"""\
tls_server_config: {{cert_file: a.pem, key_file: b.pem, min_version: TLS12}}
http_server_config:
  http2: false
  headers: {{X-Frame-Options: deny, Strict-Transport-Security: max-age=1}}
basic_auth_users:
  alice: {SECRET}
  bob: $2y$10$abcdefghijklmnopqrstuuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123
rate_limit: {{interval: 1s, burst: 20}}
"""

Reading = Callable[[Path], Config | WebConfig]


@lru_cache(maxsize=1)
def seeds() -> tuple[bytes, ...]:
    """Give every configuration that stands in the repository, secrets told apart."""
    example = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    plain = re.sub(r"(?m)^\s*#.*\n", "", example)
    whole = _SECRETS.sub(rf"\1\2{SECRET}", example)
    bad = sorted((ROOT / "tests" / "config" / "bad").glob("*.yaml"))
    web = (ROOT / "deploy" / "web-config.example.yml").read_bytes()
    texts = [plain.encode(), whole.encode(), _WEB.encode(), web, _BOMB.encode()]
    return (*texts, *(each.read_bytes() for each in bad))


def file_of(choices: Choices) -> bytes:
    """Draw the bytes of a file: one that is known, with a few lines changed."""
    known = seeds() if choices.below(4) == 3 else seeds()[:GOOD]
    lines = choices.of(known).decode("utf-8", "surrogateescape").split("\n")
    while choices.more and lines:
        place = choices.below(len(lines))
        lines[place : place + 1] = _changed(lines, place, choices)
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _changed(lines: Sequence[str], place: int, choices: Choices) -> list[str]:
    line = lines[place]
    head = line.partition(":")[0] + ": "
    other = lines[choices.below(len(lines))]
    indent = choices.of((" ", "  ", "\t", ""))
    return choices.of(
        (
            [head + choices.of(VALUES)],
            [line, choices.of(LINES)],
            [line, line],
            [indent + line],
            [indent + line.lstrip()],
            [line, other],
            [line.replace("#", "", 1)],
            [line[: len(line) // 2]],
            [],
            [line + choices.text()],
        )
    )


def read(data: bytes, *, web: bool) -> list[str]:
    """Read a file, and check what comes of it; give the problems that are named.

    Raises:
        AssertionError: It takes too long, or the problems cannot be read or show a secret.
        Exception: Whatever else the reading let through.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_bytes(data)
        started = time.process_time()
        problems = _problems(path, _web if web else _config)
    assert time.process_time() - started < LONGEST_TIME
    for problem in problems:
        _check_problem(problem)
    return problems


def _config(path: Path) -> Config:
    config = load(path, TYPES, ENVIRONMENT)
    said = [*warnings(config, DEFAULTS), repr(config)]
    assert config.sources
    assert SECRET not in "".join(said)
    names = [source.name for source in config.sources]
    assert len(set(names)) == len(names)
    return config


def _web(path: Path) -> WebConfig:
    config = load_web_config(path)
    assert SECRET not in repr(config)
    return config


def _problems(path: Path, reading: Reading) -> list[str]:
    try:
        reading(path)
    except ConfigError as error:
        refusal = error
    else:
        return []
    assert refusal.problems
    assert refusal.__cause__ is None
    assert refusal.origin == os.fspath(path)
    return refusal.problems


def _check_problem(problem: str) -> None:
    assert 0 < len(problem) <= LONGEST_PROBLEM, len(problem)
    assert not _CONTROL.search(problem), problem
    assert SECRET not in problem
    problem.encode()
