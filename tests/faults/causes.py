"""How does a fault begin, and how does it end?"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.faults.bench import PATIENCE, Bench
from tests.faults.fault import Answers, Change, Fault, Logins, Port
from tests.faults.polled import LOGIN, SWEEPS, Polled, of

IMPATIENCE: Final = 0.15
"""Seconds of a call that has to time out."""
NEW_SECRET: Final = "a-new-secret-51d2"

Undo = Callable[[], None]


@asynccontextmanager
async def suffering(made: Bench, fault: Fault) -> AsyncIterator[None]:
    """Let a fault happen as long as the block lasts."""
    if fault.is_slow:
        made.impatient(IMPATIENCE)
    undo = await _begin(made, fault)
    try:
        yield
    finally:
        made.simulation.faults.clear()
        undo()
        if isinstance(fault.cause, Port):
            await made.ends.become("api")
        made.impatient(PATIENCE)


async def _begin(made: Bench, fault: Fault) -> Undo:
    match fault.cause:
        case Answers() as cause:
            for each in of(made.vendor):
                _order(made, each, cause)
        case Port(end):
            made.forget_names()
            await made.ends.become(end)
        case Logins(kind, options):
            end_logins(made)
            if kind:
                _add(made, kind, LOGIN[made.vendor], "", None, options)
        case Change(name):
            return CHANGES[name](made)
    return _nothing


def _nothing() -> None:
    """Undo nothing."""


def _order(made: Bench, each: Polled, cause: Answers) -> None:
    if cause.devices is not None and each.id not in SWEEPS:
        return
    path = each.path if cause.devices is None else _first(made, cause.devices) + each.path
    for kind, options in (*cause.first, (cause.kind, cause.options)):
        _add(made, kind, path, each.query, cause.times, options)


def _first(made: Bench, devices: int) -> str:
    """Return an expression for the paths of the first devices of the inventory."""
    servers = made.polled(made.vendor).inventory.servers[:devices]
    return rf"Devices\(({'|'.join(server.id for server in servers)})\).*"


def _add(made: Bench, kind: str, path: str, query: str, times: int | None, options: Any) -> None:
    made.simulation.faults.add(
        vendor=made.vendor, kind=kind, path=path, query=query, times=times, **options
    )


def end_logins(made: Bench) -> None:
    """Make every token or session of the vendor worthless."""
    if made.vendor == "com":
        made.simulation.expire_com_tokens()
    else:
        made.simulation.expire_ome_sessions()


def secret_of(made: Bench) -> str:
    """Return what the API accepts now."""
    if made.vendor == "com":
        return made.simulation.com_credentials.client_secret
    return made.simulation.ome_credentials.password


def rotate_secret(made: Bench) -> Undo:
    """Change the secret that the API accepts, and end what was logged in."""
    former = secret_of(made)
    _rotate(made, NEW_SECRET)
    end_logins(made)
    return lambda: _rotate(made, former)


def _rotate(made: Bench, secret: str) -> None:
    if made.vendor == "com":
        made.simulation.rotate_com_secret(secret)
    else:
        made.simulation.rotate_ome_password(secret)


def fill_sessions(made: Bench) -> Undo:
    """End the session, and let others take every one that the user may have."""
    sessions = made.simulation.sessions
    former, sessions.max_sessions = sessions.max_sessions, 0
    end_logins(made)
    return lambda: setattr(sessions, "max_sessions", former)


def change_zone(made: Bench) -> Undo:
    """Let the times of the API be those of another zone, and an appliance say so."""
    if made.vendor == "com":
        made.simulation.faults.add(vendor="com", kind="other_zone")
        return _nothing
    former, made.simulation.appliance.zone = (
        made.simulation.appliance.zone,
        ZoneInfo("Asia/Kolkata"),
    )
    made.forget_zone()

    def undo() -> None:
        made.simulation.appliance.zone = former
        made.forget_zone()

    return undo


CHANGES: Final[Mapping[str, Callable[[Bench], Undo]]] = {
    "secret": rotate_secret,
    "sessions": fill_sessions,
    "zone": change_zone,
}
"""By the name that a row has."""
