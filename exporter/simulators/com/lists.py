"""How does COM answer the lists of warranties, jobs and appliances?"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.com.estate import Contract, Estate, Job
from exporter.simulators.com.paging import Page, check_known, page_of, wrapped
from exporter.simulators.com.selection import selected, selection
from exporter.simulators.com.sorting import arranged, filtered
from exporter.simulators.com.times import offset_time
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
        found = [
            {
                **_appliance(id, state),
                "type": "compute-ops-mgmt/appliance",
                "applianceType": "GATEWAY",
                "applianceMode": "NORMAL",
                "lastDisconnectedAt": None,
            }
            for id, state in self._estate.gateways()
        ]
        return _single(found, query)

    def oneviews(self, query: Mapping[str, str]) -> Answer:
        """Answer the OneView appliances, of which there is one page only."""
        found = [
            {
                **_appliance(id, state),
                "type": "compute-ops-mgmt/oneview-appliance",
                "applianceType": "VM",
                "complianceState": ("Compliant", "Not_compliant", "Unknown")[number % 3],
            }
            for number, (id, state) in enumerate(self._estate.oneviews())
        ]
        return _single(found, query)

    def _all_jobs(self, t: int) -> list[dict[str, Any]]:
        return [_job(job) for job in self._estate.jobs(t)]


def _paged(items: list[Any], page: Page) -> Answer:
    return Answer(wrapped(items[page.offset : page.offset + page.limit], page, len(items)))


def _single(items: list[dict[str, Any]], query: Mapping[str, str]) -> Answer:
    check_known(query, "limit", "filter", "sort")
    return _paged(arranged(items, query, _APPLIANCES), page_of(query, MAX_LIMIT))


def _appliance(id: str, state: str) -> dict[str, Any]:
    return {
        "id": id,
        "name": id.partition("-")[0],
        "hostname": None,
        "ipAddress": "192.0.2.7",
        "version": "1.6.0",
        "modelNumber": None,
        "state": state,
    }


def _warranty(server: ComServer, contract: Contract, now: float) -> dict[str, Any]:
    ends = contract.ends
    state = "UNKNOWN" if ends is None else "ACTIVE" if ends > now else "EXPIRED"
    return {
        "deviceId": server.id,
        "type": "compute-ops-mgmt/server-warranty",
        "supportState": state,
        "supportLevel": None if ends is None else ("Basic", "Essential")[contract.number],
        "contractLevel": None if ends is None else "HPE Tech Care",
        "supportStartDate": None if contract.starts is None else offset_time(contract.starts),
        "supportEndDate": None if ends is None else offset_time(ends),
    }


def _job(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "type": "compute-ops-mgmt/job",
        "name": ("Update firmware", "Collect logs", "Power on")[job.number % 3],
        "state": job.state,
        "resultCode": job.result,
        "resource": {"id": None, "type": "compute-ops-mgmt/server"},
        "createdAt": offset_time(job.created_at),
        "updatedAt": offset_time(job.updated_at),
        "generation": 1,
    }
