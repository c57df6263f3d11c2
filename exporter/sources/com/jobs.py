"""The collector `jobs`: what COM is doing, and what has failed within the last day.

Jobs are kept for long. So only those that are not over, and the failed ones of the last day, are
asked for.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from operator import attrgetter

from exporter.config.source import CollectorSettings
from exporter.errors import LoginError, Reason, SourceError, refusal_text
from exporter.model import Collected, Inventory, Jobs
from exporter.sources.calls import selected
from exporter.sources.com import calls
from exporter.sources.com.lists import PAGE_SIZE, ListPath
from exporter.sources.com.records import JobRecord, job_decoder
from exporter.sources.com.refusals import available
from exporter.sources.com.source import ComParts
from exporter.sources.com.vocabulary import (
    JOB_RESULTS,
    JOB_STATES,
    UNFINISHED,
    instant,
    is_unreadable,
    meaning,
    normal,
)
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import Unseen, drifted
from exporter.sources.listing import Listing
from exporter.sources.values import latest, past

PATH = ListPath(
    calls.JOBS, job_decoder, attrgetter("id"), PAGE_SIZE, of_many=True, may_be_empty=True
)
SELECT = selected(JobRecord)
DAY = 86400.0


class JobCounts:
    """Counts jobs by state, once a run."""

    def __init__(self, parts: ComParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._lists, self._clock = parts.lists, parts.clock

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - jobs of them all
        """Read the jobs that count.

        Raises:
            SourceError: A call failed.
            NotAvailableError: Jobs may not be read.
        """
        since = self._clock.wall() - DAY
        unseen = Unseen()
        with available(PATH.endpoint):
            unfinished = await self._read(f"state in {one_of(UNFINISHED)}")
            failed, refused = await self._failed(since)
        states = [state_of(record, unseen) for record in unfinished.items]
        note_results(failed.items if failed else (), unseen)
        counts = [(word, states.count(word)) for word in ("pending", "running", "stalled")]
        if failed is not None:
            until = latest(self._clock)
            recent = sum(has_failed(each, since, until, unseen) for each in failed.items)
            counts.append(("failed", recent))
        listings = [unfinished, failed] if failed else [unfinished]
        return Collected(
            source_facets=(Jobs(tuple(counts)),),
            items=sum(len(listing.items) for listing in listings),
            problems=states.count(None)
            + sum(is_unreadable(each.updated_at) for each in (failed.items if failed else ()))
            + sum(listing.problems for listing in listings),
            drift=drifted(*(listing.drift for listing in listings), unseen.drift),
            warnings=(*refused, *(each for listing in listings for each in listing.warnings)),
        )

    async def _failed(self, since: float) -> tuple[Listing[JobRecord] | None, tuple[str, ...]]:
        """Read the failures; which fields jobs can be filtered by is not wholly documented."""
        text = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        over = f"state in {one_of(['ERROR'])} or resultCode in {one_of(['FAILURE'])}"
        try:
            return await self._read(f"updatedAt ge {text} and ({over})"), ()
        except LoginError:
            raise
        except SourceError as error:
            if error.reason is not Reason.HTTP_4XX:
                raise
            return None, (
                f"{PATH.endpoint}: failed jobs cannot be asked for: {refusal_text(error)}",
            )

    async def _read(self, condition: str) -> Listing[JobRecord]:
        return await self._lists.read(PATH, {"filter": condition, "select": SELECT})


def one_of(words: Iterable[str]) -> str:
    """Write a list for a filter; both spellings are about, and may be told apart."""
    spelt = [*words]
    return "(" + ",".join(f"'{word}'" for word in (*spelt, *map(str.lower, spelt))) + ")"


def state_of(record: JobRecord, unseen: Unseen) -> str | None:
    """Name the state of a job; empty if it is over, None if we do not know the word."""
    return meaning(record.state, JOB_STATES, "state", unseen, None)


def note_results(records: Iterable[JobRecord], unseen: Unseen) -> None:
    """Take down the results of jobs that we do not know."""
    for record in records:
        meaning(record.result_code, JOB_RESULTS, "resultCode", unseen, None)


def has_failed(record: JobRecord, since: float, until: float, unseen: Unseen) -> bool:
    """Report whether a job has failed between two times; without a time that is not known."""
    state = normal(record.state)
    if state != "ERROR" and (state != "COMPLETE" or normal(record.result_code) != "FAILURE"):
        return False
    updated = past(instant(record.updated_at), until, "updatedAt", unseen)
    return updated is not None and updated >= since
