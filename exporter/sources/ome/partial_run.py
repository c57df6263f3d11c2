"""Runs of several parts, of which one that fails does not cost the others."""

from collections.abc import Awaitable, Collection, Container, Mapping
from typing import Any

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.sources.ome.device_poller import DevicePoller
from exporter.sources.sampling import is_fatal

LONGEST_WARNING = 280
"""Characters: the API's own text is quoted."""


class PartialRun:
    """Runs parts one after the other; fails if all of them do."""

    def __init__(self) -> None:
        """Start without parts."""
        self.warnings: tuple[str, ...] = ()
        """One sentence for each part that failed."""
        self._succeeded = 0
        self._errors: list[SourceError] = []

    async def attempt(self, part: str, work: Awaitable[None]) -> bool:
        """Run a part; return whether it succeeded.

        Args:
            part: Its name, for the warning.
            work: What is awaited.

        Raises:
            SourceError: The failure concerns every request to the appliance.
        """
        try:
            await work
        except SourceError as error:
            if is_fatal(error):
                raise
            self._errors.append(error)
            self.warnings += (f"{part}: {error.message}"[:LONGEST_WARNING],)
            return False
        self._succeeded += 1
        return True

    def finish(self) -> None:
        """End the run.

        Raises:
            SourceError: Parts failed, and none succeeded.
        """
        if not self._succeeded:
            self.raise_first_error()

    def raise_first_error(self) -> None:
        """Raise the error of the first part that failed; return if there is none."""
        if self._errors:
            raise self._errors[0]


async def poll_parts(
    parts: Mapping[str, DevicePoller[Any]],
    present: Collection[str],
    needed: str,
    urgent: Container[str] = (),
) -> tuple[str, ...]:
    """Run pollers of the same devices, each for one part of what is read of them.

    Args:
        parts: By name.
        present: The devices.
        needed: What it takes to have any of the parts.
        urgent: Devices that are asked in each run.

    Returns:
        A warning for each part that failed.

    Raises:
        SourceError: No part succeeded, other than those that no device supports.
        NotAvailableError: No device supports any part; all are asked again in the next run.
    """
    run, refusals = PartialRun(), list[str]()
    for name, poller in parts.items():
        succeeded = await run.attempt(name, poller.run(present, urgent))
        if succeeded and (refusal := poller.refusal_of_all()):
            refusals.append(refusal)
    if len(refusals) + len(run.warnings) < len(parts):
        return run.warnings
    run.raise_first_error()
    for poller in parts.values():
        poller.ask_all_again()
    raise NotAvailableError(f"{refusals[0]}; {needed}")


async def poll_all(poller: DevicePoller[Any], present: Collection[str], what: str) -> None:
    """Run a poller whose devices are known to support its endpoint.

    Args:
        poller: What is run.
        present: The devices, groups or baselines.
        what: Said of a refusal, such as "no group lists its members".

    Raises:
        SourceError: The appliance is in trouble, or all refuse; then all are asked again in the
            next run.
    """
    await poller.run(present)
    if refusal := poller.refusal_of_all():
        poller.ask_all_again()
        raise SourceError(Reason.HTTP_4XX, f"{what}: {refusal}")
