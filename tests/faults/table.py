"""Which faults does the matrix have? By section of the page that operators read."""

from collections.abc import Mapping
from typing import Final

from tests.faults.fault import Fault
from tests.faults.of_answers import BODIES, LISTS, RECORDS
from tests.faults.of_connections import CONNECTIONS, TIME_LIMITS, TLS
from tests.faults.of_requests import REQUESTS
from tests.faults.of_statuses import ACCOUNTS, STATUSES

SECTIONS: Final[Mapping[str, tuple[Fault, ...]]] = {
    "The network": CONNECTIONS,
    "TLS": TLS,
    "Time": TIME_LIMITS,
    "Statuses": STATUSES,
    "Requests that are refused for their form": REQUESTS,
    "Logins": ACCOUNTS,
    "Bodies": BODIES,
    "Lists": LISTS,
    "Records": RECORDS,
}
FAULTS: Final = tuple(fault for section in SECTIONS.values() for fault in section)
