"""What the appliance says of itself: the time zone of its times, and its version.

The setting `timezone` wins; without it the appliance is asked, which is no more than a convenience:
where it does not answer, its times are read in UTC.
"""

import asyncio
import math
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import structlog

from exporter.clock import Clock
from exporter.errors import LoginError, Reason, SourceError
from exporter.sources.contract import ZoneStatus
from exporter.sources.drift import Drift, joined
from exporter.sources.observer import ApiObserver
from exporter.sources.ome import calls, records
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.lists import whole_rows
from exporter.sources.ome.measurements import number_from
from exporter.sources.ome.refusals import ForeignNotFoundError
from exporter.sources.ome.times import offset_between, zone_named
from exporter.sources.records import decode_document
from exporter.sources.text import clean
from exporter.sources.values import latest

CONFIGURATION, ZONES = calls.TIME_CONFIGURATION.endpoint, calls.TIME_ZONES.endpoint
ZONE_PATIENCE = 10.0
"""Seconds: the zone must not hold up an inventory."""
FRESH = 3600.0
"""Seconds for which an answer holds; an offset changes twice a year."""
REFUSED_FOR = 6 * 3600.0
"""Seconds after which an appliance that does not state its zone is asked again."""
MOST_MINUTES = 14 * 60

_OF_THE_WHOLE = frozenset({Reason.CONNECT, Reason.TLS})
"""With these the inventory fails too."""
_PASSING = frozenset({Reason.TIMEOUT, Reason.RATE_LIMITED, Reason.HTTP_5XX})

log = structlog.get_logger(__name__)


class ApplianceZone:
    """The zone in which the times of one appliance are read."""

    def __init__(self, client: OmeClient, clock: Clock, configured: ZoneInfo | None) -> None:
        """Begin with the configured zone; None leaves it to the appliance."""
        self._client = client
        self._clock = clock
        self._configured = configured
        self._found: tzinfo | None = None
        self._asked = False
        self._due = -math.inf

    @property
    def current(self) -> tzinfo:
        """The zone to read times in: the configured one, else the appliance's, else UTC."""
        if self._configured is not None:
            return self._configured
        return UTC if self._found is None else self._found

    @property
    def latest(self) -> float:
        """The last Unix second that does not lie in the future."""
        return latest(self._clock)

    @property
    def status(self) -> ZoneStatus | None:
        """What is configured, and what the appliance states; None before it answered."""
        if not self._asked:
            return None
        return ZoneStatus(
            configured="" if self._configured is None else str(self._configured),
            found="" if self._found is None else str(self._found),
            differ=self._differ(),
        )

    @property
    def origin(self) -> str:
        """A clause for warnings that names both zones."""
        mine = "not set" if self._configured is None else str(self._configured)
        found = "not known" if self._found is None else str(self._found)
        return f"the setting timezone is {mine}, the appliance's time zone is {found}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for the log where both zones differ."""
        if not self._differ():
            return ()
        return (f"{self.origin}: the setting is used; correct or remove it",)

    async def refresh(self) -> None:
        """Ask the appliance for its zone, unless that was done a short while ago.

        Raises:
            SourceError: The appliance cannot be reached, or refuses the login.
        """
        now = self._clock.monotonic()
        if now < self._due:
            return
        try:
            async with asyncio.timeout(ZONE_PATIENCE):
                self._found = await self._read()
            self._due = now + FRESH
        except TimeoutError:
            log.debug("time zone not read", problem=f"no answer within {ZONE_PATIENCE:g} s")
        except SourceError as error:
            if isinstance(error, LoginError) or error.reason in _OF_THE_WHOLE:
                raise
            log.debug("time zone not read", problem=error.message)
            if not _is_passing(error):
                self._due = now + REFUSED_FOR
        self._asked = True

    async def _read(self) -> tzinfo | None:
        body = await self._client.get(CONFIGURATION, CONFIGURATION)
        found, _ = decode_document(body, records.TIME_CONFIGURATION, CONFIGURATION)
        return (
            zone_named(clean(found.time_zone_id_linux))
            or offset_between(found.system_time, found.utc_time)
            or await self._listed(clean(found.time_zone))
        )

    async def _listed(self, zone: str) -> tzinfo | None:
        """Return the listed offset of a zone such as `TZ_ID_38`."""
        if not zone:
            return None
        body = await self._client.get(ZONES, ZONES)
        listed = await whole_rows(body, records.TIME_ZONE, ZONES)
        for each in listed.records:
            minutes = number_from(each.utc_offset_minutes)
            if each.id == zone and minutes is not None and abs(minutes) <= MOST_MINUTES:
                return timezone(timedelta(minutes=minutes))
        return None

    def _differ(self) -> bool:
        if self._configured is None or self._found is None:
            return False
        now = datetime.fromtimestamp(self._clock.wall(), UTC)
        mine, found = (now.astimezone(zone) for zone in (self._configured, self._found))
        return mine.utcoffset() != found.utcoffset()


def _is_passing(error: SourceError) -> bool:
    """Return whether the appliance may state its zone a short while later."""
    if isinstance(error, ForeignNotFoundError):
        return True
    return error.reason in _PASSING and error.status != 501


INFO = calls.INFO.endpoint
VERSION_PATIENCE = 5.0
"""Seconds: the version must not hold up an inventory."""


class ApplianceVersion:
    """Reads the version; nothing depends on it."""

    def __init__(self, client: OmeClient, observer: ApiObserver) -> None:
        """Keep whom to ask and whom to tell."""
        self._client = client
        self._observer = observer
        self._settled = False

    async def tell(self) -> Drift:
        """Read the version, tell the observer, and return what did not fit.

        Raises:
            SourceError: It cannot be read.
        """
        body = await self._client.get(INFO, INFO)
        info, misfits = decode_document(body, records.INFO, INFO)
        version = clean(info.version)
        self._settled = True
        if version:
            self._observer.version(version)
        return joined((misfits, calls.INFO.missing_in([info])))

    async def tell_once(self) -> None:
        """Tell the observer the version, unless that is done or cannot be done; never raises."""
        if self._settled:
            return
        try:
            async with asyncio.timeout(VERSION_PATIENCE):
                await self.tell()
        except (SourceError, TimeoutError) as error:
            log.debug("version not read", problem=str(error))
            # Only what may be better at the next inventory is tried again.
            status = error.status if isinstance(error, SourceError) else None
            is_answer = not isinstance(error, ForeignNotFoundError)
            self._settled = is_answer and status is not None and 400 <= status < 500
