"""Which version does the appliance run?"""

import asyncio

import structlog

from exporter.errors import SourceError
from exporter.sources.drift import Drift, joined
from exporter.sources.observer import ApiObserver
from exporter.sources.ome import calls, records
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.missing import ForeignNotFoundError
from exporter.sources.records import decode_document
from exporter.sources.text import clean

RESOURCE = calls.INFO.endpoint
PATIENCE = 5.0
"""Seconds: the version must not hold up an inventory."""

log = structlog.get_logger(__name__)


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
        body = await self._client.get(RESOURCE, RESOURCE)
        info, misfits = decode_document(body, records.INFO, RESOURCE)
        version = clean(info.version)
        self._settled = True
        if version:
            self._observer.version(version)
        return joined((misfits, calls.missing_in([info])))

    async def tell_once(self) -> None:
        """Tell the observer the version, unless that is done or cannot be done; never raises."""
        if self._settled:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self.tell()
        except (SourceError, TimeoutError) as error:
            log.debug("version not read", problem=str(error))
            # Only what may be better at the next inventory is tried again.
            status = error.status if isinstance(error, SourceError) else None
            is_answer = not isinstance(error, ForeignNotFoundError)
            self._settled = is_answer and status is not None and 400 <= status < 500
