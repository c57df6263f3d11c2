"""What do the exporter's own families say of a collector while a fault lasts?"""

import re
from collections.abc import Mapping

from tests.faults.fault import Outcome, Verdict
from tests.faults.polled import INVENTORY, SOURCE, Polled
from tests.faults.reading import LABEL

Series = tuple[str, frozenset[tuple[str, str]]]
"""A name and labels."""
Told = Mapping[Series, float]
_VENDOR = {"com": "hpe", "ome": "dell"}
_SAMPLE = re.compile(r"(\w+)\{(.*)\} (\S+)")


def own(polled: Polled) -> Mapping[str, str]:
    """Return the labels of a collector."""
    return {"source": SOURCE[polled.vendor], "collector": polled.name}


def of_source(polled: Polled) -> Mapping[str, str]:
    """Return the labels of its source."""
    return {"source": SOURCE[polled.vendor], "vendor": _VENDOR[polled.vendor]}


def named(name: str, labels: Mapping[str, str], **more: str) -> Series:
    """Return a series of the exporter's own."""
    return f"serverfleet_{name}", frozenset({**labels, **more}.items())


def told_of(polled: Polled, outcome: Outcome, failures: int) -> Told:
    """Return what is said of a collector after so many runs that failed, if its runs fail."""
    labels, fails = own(polled), outcome.verdict is Verdict.FAILS
    found = {
        named("collector_success", labels): float(not fails),
        named("collector_available", labels): float(outcome.verdict is not Verdict.ABSENT),
        named("collector_consecutive_failures", labels): failures * float(fails),
    }
    if outcome.reason:
        counter = named("collector_failures_total", labels, reason=outcome.reason)
        found[counter] = float(failures)
    if polled.id in INVENTORY:
        found[named("source_up", of_source(polled))] = float(not fails)
    return found


def told_by(page: str) -> Told:
    """Read the series that have labels."""
    return {
        (found[1], frozenset(LABEL.findall(found[2]))): float(found[3])
        for found in map(_SAMPLE.fullmatch, page.splitlines())
        if found
    }
