"""What every test gets: an HTTP mock that works with the installed aiohttp, and no waiting."""

import importlib.util
import logging
import os
import shutil
import signal
import ssl
from collections.abc import Callable, Iterator, Mapping
from types import FrameType, SimpleNamespace
from typing import Any, NoReturn

import aiohttp
import aioresponses.core
import pytest
import stamina
import structlog
from aiohttp.client_proto import ResponseHandler
from aiohttp.streams import StreamReader
from aioresponses import aioresponses as mock_of_http
from hypothesis import HealthCheck, settings

import tests.support.patient.sitecustomize  # noqa: F401 - raises limits at import

# How long an example takes says more about the machine than about us.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

DEFAULTS: Mapping[signal.Signals, Callable[[int, FrameType | None], Any] | signal.Handlers] = {
    signal.SIGHUP: signal.SIG_DFL,
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}
"""What signals do in a program that was started from a terminal."""


collect_ignore: list[str] = []
"""What cannot be imported here: the tests in a browser need its driver, which is large."""
if importlib.util.find_spec("playwright") is None and os.environ.get("REQUIRE_TOOLS") != "1":
    collect_ignore += ["browser", "grafana/test_gallery.py"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that lacks a program or a package, or fail it where they are required."""
    for marker in item.iter_markers("tool"):
        for program, package in marker.kwargs.items():
            if shutil.which(program) is None:
                _do_without(f"{program} is missing: install the package {package}")
    for marker in item.iter_markers("module"):
        for module, package in marker.kwargs.items():
            if importlib.util.find_spec(module) is None:
                _do_without(f"{module} is missing: pip install {package}, or make chart")


def _do_without(text: str) -> NoReturn:
    if os.environ.get("REQUIRE_TOOLS") == "1":
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


class _Response(aiohttp.ClientResponse):
    """Fills in what aiohttp 3.14 demands and aioresponses 0.7.9 does not give."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", SimpleNamespace(output_size=0))
        super().__init__(*args, **kwargs)


def _unlimited_stream(loop: Any = None) -> StreamReader:
    return StreamReader(ResponseHandler(loop=loop), limit=2**30, loop=loop)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[mock_of_http]:
    """A mock of every HTTP call; servers on this machine stay reachable."""
    monkeypatch.setattr(aioresponses.core, "ClientResponse", _Response)
    monkeypatch.setattr(
        aioresponses.core, "stream_reader_factory", lambda loop=None: _unlimited_stream(loop)
    )
    with mock_of_http(passthrough=["http://127.0.0.1"]) as mock:
        yield mock


@pytest.fixture(autouse=True, scope="session")
def _no_certificates_of_the_system() -> Iterator[None]:
    """Reading them for each source takes longer than most tests, and none of them is met here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl.SSLContext, "load_default_certs", lambda *_: None)
        yield


@pytest.fixture(autouse=True)
def _no_pause_between_retries() -> Iterator[None]:
    stamina.set_testing(True, attempts=3, cap=True)
    yield
    stamina.set_testing(False)


@pytest.fixture(autouse=True)
def _signals_as_they_are_by_default() -> Iterator[None]:
    """Let no test inherit that a signal is ignored: its programs would inherit that as well.

    A shell ignores SIGINT for what runs in the background, nohup ignores SIGHUP, and a command that
    an earlier test has run leaves its own settings behind.
    """
    before = {number: signal.getsignal(number) for number in DEFAULTS}
    for number, handler in DEFAULTS.items():
        signal.signal(number, handler)
    yield
    for number, former in before.items():
        signal.signal(number, former)


@pytest.fixture(autouse=True)
def _logging_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what a command has set up; a logger that was cached would escape later captures."""
    root, configure = logging.getLogger(), structlog.configure
    handlers, level = root.handlers[:], root.level

    def without_cache(**given: Any) -> None:
        configure(**given | {"cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", without_cache)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
