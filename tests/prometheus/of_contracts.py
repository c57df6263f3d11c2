"""How do the alerts about warranties and subscriptions behave?"""

from tests.prometheus.of_servers import COM, COM_UP, WEB, of_com
from tests.prometheus.scenario import Scenario, Series, numbered, one_hot, outage, series

DAY = 86400.0
_STATES = "subscribed required expired"


def _ends(name: str, *days: float, **labels: str) -> Series:
    """Return when something of each of several servers ends."""
    return {
        series(name, numbered(COM, number), **labels): end * DAY for number, end in enumerate(days)
    }


def _subscriptions(*days: float) -> Series:
    name = "serverfleet_server_subscription_end_timestamp_seconds"
    return _ends(name, *days, tier="enhanced")


def _warranties(*days: float) -> Series:
    return _ends("serverfleet_server_warranty_end_timestamp_seconds", *days)


_EXPIRED = one_hot("serverfleet_server_subscription", WEB, _STATES, "expired")
_ENDING = _subscriptions(30, 40, 400)
_ENDING_SOON = _subscriptions(7, 40, 400)
_WARRANTIES = _warranties(20, 10, 300, 15, 25)
_ENDED = _warranties(-1, 300, -400, -20, -30)

SCENARIOS = [
    Scenario(
        alert="ServerfleetSubscriptionEnded",
        context={COM_UP: 1},
        bad=_EXPIRED,
        good=one_hot("serverfleet_server_subscription", WEB, _STATES, "subscribed"),
        after=60,
        step=20,
        quiet=outage(COM_UP, _EXPIRED),
        outage=outage(COM_UP, _EXPIRED),
        labels=of_com("warning", state="expired"),
        summary="emea: servers have no subscription",
        description=(
            "Servers of emea whose subscription is expired: 1. HPE reports hardly anything of "
            "them: they are not watched."
        ),
    ),
    Scenario(
        alert="ServerfleetSubscriptionEnding",
        context={COM_UP: 1},
        bad=_ENDING,
        good=_subscriptions(7, 300, 400),
        after=60,
        step=20,
        quiet=outage(COM_UP, _ENDING),
        outage=outage(COM_UP, _ENDING),
        labels=of_com("info", tier="enhanced"),
        summary="emea: subscriptions end before long",
        description="Servers of emea whose enhanced subscription ends within 60d 0h 0m 0s: 2.",
    ),
    Scenario(
        alert="ServerfleetSubscriptionEndingSoon",
        context={COM_UP: 1},
        bad=_ENDING_SOON,
        good=_subscriptions(30, 300, -1),
        after=60,
        step=20,
        quiet=outage(COM_UP, _ENDING_SOON),
        outage=outage(COM_UP, _ENDING_SOON),
        labels=of_com("warning", tier="enhanced"),
        summary="emea: subscriptions end soon",
        description=(
            "Servers of emea whose enhanced subscription ends within 14d 0h 0m 0s: 1. After that "
            "HPE reports hardly anything of them."
        ),
    ),
    Scenario(
        alert="ServerfleetWarrantyEnding",
        context={COM_UP: 1},
        bad=_WARRANTIES,
        good=_warranties(31, -1, 300, 45, 60),
        after=60,
        step=20,
        quiet=outage(COM_UP, _WARRANTIES),
        outage=outage(COM_UP, _WARRANTIES),
        labels=of_com("info"),
        summary="emea: warranties end soon",
        description=(
            "Servers of emea (hpe) whose warranty ends within 30d 0h 0m 0s: 4. The next to end: "
            "s0, s1, s3."
        ),
        says_then=(
            "emea: warranties end soon",
            "Servers of emea (hpe) whose warranty ends within 30d 0h 0m 0s: 4.",
        ),
    ),
    Scenario(
        alert="ServerfleetWarrantyEnded",
        context={COM_UP: 1},
        bad=_ENDED,
        good=_warranties(10, 300, 400, 20, 30),
        after=60,
        step=20,
        quiet=outage(COM_UP, _ENDED),
        outage=outage(COM_UP, _ENDED),
        labels=of_com("info"),
        summary="emea: servers without warranty",
        description=(
            "Servers of emea (hpe) whose warranty has ended: 4. The last to end: s0, s3, s4."
        ),
        says_then=(
            "emea: servers without warranty",
            "Servers of emea (hpe) whose warranty has ended: 4.",
        ),
    ),
]
