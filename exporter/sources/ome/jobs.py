"""The collector `jobs`: what the appliance is doing, and what has failed."""

from collections import Counter

from msgspec import Struct

from exporter.config.source import CollectorSettings
from exporter.model import Collected, Inventory, Jobs
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import drifted, unknown_values
from exporter.sources.ome import calls, records
from exporter.sources.ome.lists import ListReader
from exporter.sources.ome.records import JobRecord
from exporter.sources.ome.refusals import needed
from exporter.sources.ome.source import OmeParts

PAGE_SIZE = 200
NEEDED = "jobs need a user who may see them"

SCHEDULED = 2020
NOW = {SCHEDULED: "", 2030: "pending", 2040: "pending", 2050: "running"}
"""The contract's state by `JobStatus`; none for a job that waits for its next run."""
FAILED = frozenset({2070, 2090, 2100, 2101, 2102, 2103})
"""Values of `LastRunStatus`."""
KNOWN_CODES = frozenset({*NOW, *FAILED, 2060, 2080, 2200})
STATES = ("pending", "running", "failed")


class ListedJob(Struct, frozen=True, gc=False):
    """What is kept of a listed job."""

    id: int
    now: int | None
    last: int | None


class JobsCollector:
    """Counts the jobs of the appliance by state."""

    def __init__(self, parts: OmeParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._jobs = ListReader(
            parts.client,
            calls.JOBS,
            records.JOB,
            page_size=PAGE_SIZE,
            at_once=parts.at_once,
        )

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - of the source
        """Read all jobs.

        Raises:
            SourceError: The listing failed or is incomplete.
            NotAvailableError: The appliance does not give its jobs to this user.
        """
        with needed(NEEDED):
            listing = await self._jobs.read("", _mapped)
        states = Counter(state_of(job.now, job.last) for job in listing.items)
        return Collected(
            source_facets=(Jobs(tuple((state, states[state]) for state in STATES)),),
            items=len(listing.items),
            problems=listing.problems,
            warnings=listing.warnings,
            drift=drifted(
                listing.drift,
                unknown_values("JobStatus.Id", (job.now for job in listing.items), KNOWN_CODES),
                unknown_values(
                    "LastRunStatus.Id", (job.last for job in listing.items), KNOWN_CODES
                ),
            ),
        )


def state_of(now: int | None, last: int | None) -> str:
    """Say in which of the contract's states a job is; the empty string for none of them.

    A job that is scheduled, waits or runs again is not failed now, however its last run ended: the
    appliance keeps the codes of the present and of the last run apart.
    """
    if now in NOW:
        return NOW[now]
    return "failed" if last in FAILED else ""


def _mapped(record: JobRecord) -> ListedJob:
    now, last = record.job_status, record.last_run_status
    return ListedJob(record.id, now.id if now else None, last.id if last else None)
