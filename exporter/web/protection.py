"""The web configuration in force, and the watch of its files."""

import asyncio
import ssl
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from exporter.config.load import ConfigError, described
from exporter.config.web import RateLimit, load_web_config
from exporter.telemetry.process import WebTelemetry
from exporter.threads import outcome, started
from exporter.web.tls import TlsError, context_of

LOOK_EVERY = 1.0
"""Seconds between two looks at the files."""
LOOK_WITHIN = 30.0
"""Seconds after which a look counts as failed, because a file system does not answer."""

_log = structlog.get_logger("exporter.web")


@dataclass(frozen=True, slots=True)
class Protection:
    """A web configuration, ready for use. Without one nothing is asked of anybody."""

    tls: ssl.SSLContext | None = None
    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    """bcrypt hashes by user; empty: no password is asked for."""
    headers: Mapping[str, str] = field(default_factory=dict)
    rate_limit: RateLimit = field(default_factory=RateLimit)
    files: tuple[Path, ...] = ()
    """Whatever it was read from."""

    @property
    def asks_who(self) -> bool:
        """Whether clients need a password or a certificate."""
        by_certificate = self.tls is not None and self.tls.verify_mode is ssl.CERT_REQUIRED
        return bool(self.users) or by_certificate


def load_protection(path: Path) -> Protection:
    """Read a web configuration with its certificates; blocks while files are read.

    Raises:
        ConfigError: It cannot be used.
    """
    config = load_web_config(path)
    settings = config.tls_server_config
    try:
        tls = context_of(settings) if settings.enabled else None
    except TlsError as error:
        raise ConfigError(str(path), [str(error)]) from None
    except (OSError, ValueError) as error:
        raise ConfigError(str(path), [f"tls_server_config: {described(error)}"]) from None
    users = {name: hashed.get_secret_value() for name, hashed in config.basic_auth_users.items()}
    headers = config.http_server_config.headers.by_name
    return Protection(tls, users, headers, config.rate_limit, (path, *settings.files))


class Protected:
    """The protection in force. It follows its files; a bad change leaves it as it is."""

    def __init__(self, path: Path | None = None) -> None:
        """Read the file, if there is one.

        Raises:
            ConfigError: It cannot be used.
        """
        self._path = path
        self.now = load_protection(path) if path else Protection()
        self._applied = self._seen = _marks(self.now.files)
        self._problems: list[str] = []
        self._looking: Future[None] | None = None
        self.followed = True
        """Whether a change would be noticed; False after `follow` has ended."""

    async def follow(self, telemetry: WebTelemetry) -> None:
        """Look at the files again and again, in a thread, until cancelled."""
        if self._path is None:
            return
        try:
            while True:
                telemetry.web_config_read(ok=not self._problems)
                await asyncio.sleep(LOOK_EVERY)
                await self._look_in_thread(self._path)
        finally:
            self.followed = False

    async def _look_in_thread(self, path: Path) -> None:
        try:
            # One that has not ended is waited for again: others would wait for the same file.
            self._looking = self._looking or started(self.look)
            async with asyncio.timeout(LOOK_WITHIN):
                await outcome(self._looking)
        except Exception as error:  # noqa: BLE001 - otherwise nobody would follow the files any more
            self._complain(path, [described(error)])
        if self._looking is not None and self._looking.done():
            self._looking = None

    def look(self) -> None:
        """Take over what has changed, as soon as it has stayed the same for two looks.

        A file that is being written, or a certificate whose key comes a moment later, is thus not
        taken for a mistake. After a mistake every look tries again: what it lacked may be a file
        that is none of those in force.
        """
        marks, former = _marks(self.now.files), self._seen
        self._seen = marks
        unchanged = marks == self._applied and not self._problems
        if self._path is None or marks != former or unchanged:
            return
        self._applied = marks
        try:
            self.now = self._changed(self._path)
        except ConfigError as error:
            self._complain(self._path, error.problems)
            return
        self._applied = self._seen = _marks(self.now.files)
        self._problems = []
        _log.info("web configuration re-read", file=str(self._path))

    def _complain(self, path: Path, problems: list[str]) -> None:
        if problems != self._problems:
            _log.error(
                "web config reload failed, the previous one stays in force",
                file=str(path),
                problems=problems,
            )
        self._problems = problems

    def _changed(self, path: Path) -> Protection:
        found = load_protection(path)
        if (found.tls is None) != (self.now.tls is None):
            raise ConfigError(
                str(path), ["tls_server_config: switching TLS on or off needs a restart"]
            )
        if _mark(path)[-1:] == (0,):
            raise ConfigError(str(path), ["the file is empty; to serve without it, restart"])
        return found


def _marks(files: tuple[Path, ...]) -> tuple[tuple[int, ...], ...]:
    """Note what changes when a file is written or another takes its place."""
    return tuple(map(_mark, files))


def _mark(path: Path) -> tuple[int, ...]:
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return ()
    return facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino, facts.st_size
