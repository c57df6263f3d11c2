"""How does COM answer the lists of warranties, jobs and appliances?"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.com.estate import Contract, Estate, Job, gateway_record, oneview_record
from exporter.simulators.com.listing import (
    Page,
    arranged,
    check_known,
    filtered,
    offset_time,
    page_of,
    selected,
    selection,
    wrapped,
)
from exporter.simulators.hashing import uuid_text
from exporter.simulators.machines import ComServer
from exporter.simulators.odata import Dialect
from exporter.simulators.query import plain
from exporter.simulators.world import World

WARRANTY_LIMIT: Final = 100
MAX_LIMIT: Final = 1000

_WARRANTIES: Final = Dialect(
    fields={
        **dict.fromkeys(("deviceId", "supportState", "supportLevel", "contractLevel"), "text"),
        **dict.fromkeys(("supportStartDate", "supportEndDate"), "time"),
    }
)
_JOBS: Final = Dialect(
    fields={
        **dict.fromkeys(("id", "name"), "text"),
        **dict.fromkeys(("state", "resultCode"), "nocase"),
        **dict.fromkeys(("createdAt", "updatedAt"), "time"),
    }
)
_APPLIANCES: Final = Dialect(
    fields=dict.fromkeys(("id", "name", "hostname", "state", "version", "applianceType"), "text")
)
_JOB_KEYS: Final = (
    "id", "type", "name", "state", "resultCode", "resource", "createdAt", "updatedAt", "generation",
)  # fmt: skip


class Lists:
    """The lists that tell of contracts, jobs and appliances."""

    def __init__(self, world: World, estate: Estate) -> None:
        """Show an estate."""
        self._world = world
        self._estate = estate
        # A client reads the list of thousands page by page, and filter by filter.
        self._jobs = lru_cache(maxsize=1)(self._all_jobs)

    def warranty(self, query: Mapping[str, str]) -> Answer:
        """Answer the contracts of all servers."""
        check_known(query, "offset", "limit", "filter")
        page = page_of(query, WARRANTY_LIMIT)
        now = self._world.clock()
        contracts = [
            (server, contract)
            for server in self._estate.servers(now)
            for contract in self._estate.contracts(server)
        ]
        if "filter" in query:
            found = [_warranty(*each, now) for each in contracts]
            return _paged(filtered(found, query, _WARRANTIES), page)
        part = contracts[page.offset : page.offset + page.limit]
        return Answer(wrapped([_warranty(*each, now) for each in part], page, len(contracts)))

    def jobs(self, query: Mapping[str, str]) -> Answer:
        """Answer the jobs of the last month."""
        check_known(query, "offset", "limit", "filter", "sort", "select")
        page = page_of(query, MAX_LIMIT)
        tree = selection(plain(query["select"]), _JOB_KEYS) if "select" in query else None
        kept = arranged(self._jobs(int(self._world.clock())), query, _JOBS)
        if tree is not None:
            kept = [selected(_JOB_KEYS, job.__getitem__, tree) for job in kept]
        return _paged(kept, page)

    def gateways(self, query: Mapping[str, str]) -> Answer:
        """Answer the secure gateways, of which there is one page only."""
        return _single([gateway_record(*each) for each in self._estate.gateways()], query)

    def oneviews(self, query: Mapping[str, str]) -> Answer:
        """Answer the OneView appliances, of which there is one page only."""
        return _single([oneview_record(*each) for each in self._estate.oneviews()], query)

    def _all_jobs(self, t: int) -> list[dict[str, Any]]:
        return [_job(job) for job in self._estate.jobs(t)]


def _paged(items: list[Any], page: Page) -> Answer:
    return Answer(wrapped(items[page.offset : page.offset + page.limit], page, len(items)))


def _single(items: list[dict[str, Any]], query: Mapping[str, str]) -> Answer:
    check_known(query, "limit", "filter", "sort")
    return _paged(arranged(items, query, _APPLIANCES), page_of(query, MAX_LIMIT))


def _warranty(server: ComServer, contract: Contract, now: float) -> dict[str, Any]:
    record = {
        "id": uuid_text(server.slot, server.generation, contract.number, 12),
        "deviceId": server.id,
        "type": "compute-ops-mgmt/server/warranty",
    }
    if contract.starts is None or contract.ends is None:
        return {**record, "supportState": "UNKNOWN"}
    return {
        **record,
        "supportState": "ACTIVE" if contract.ends > now else "EXPIRED",
        "supportLevel": ("Basic", "Essential")[contract.number],
        "contractLevel": "HPE Tech Care",
        "supportStartDate": offset_time(contract.starts),
        "supportEndDate": offset_time(contract.ends),
    }


def _job(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "type": "compute-ops-mgmt/job",
        "name": ("Update firmware", "Collect logs", "Power on")[job.number % 3],
        "state": job.state,
        "resultCode": job.result,
        "resource": {"type": "compute-ops-mgmt/server"},
        "createdAt": offset_time(job.created_at),
        "updatedAt": offset_time(job.updated_at),
        "generation": 1,
    }
