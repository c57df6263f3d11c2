"""What if the API refuses calls, or the login?"""

from email.utils import formatdate
from typing import Final

from exporter.errors import Reason
from tests.faults.clock import BEFORE, NOW
from tests.faults.fault import (
    ABSENT,
    SERVES,
    SKIPS,
    STANDS_IN,
    Answers,
    Change,
    Fault,
    Logins,
    fails,
)
from tests.faults.polled import SWEEPS, of

_4XX, _5XX = fails(Reason.HTTP_4XX), fails(Reason.HTTP_5XX)
_AUTH, _FORBIDDEN = fails(Reason.AUTH), fails(Reason.FORBIDDEN)
_LIMITED = fails(Reason.RATE_LIMITED)
_SERVER_BY_SERVER: Final = (
    "COM's alerts are read server by server, and their list is tried again after six hours"
)
_OME_SERVICES: Final = (
    "ome.alerts", "ome.power_manager", "ome.groups", "ome.compliance", "ome.warranty",
    "ome.jobs", "ome.appliance",
)  # fmt: skip
"""The collectors for which 404 and 501 mean that the appliance lacks the service."""

STATUSES: Final = (
    Fault(
        name="HTTP 400",
        cause=Answers("status", {"code": 400}),
        outcome=_4XX,
        but={"com.alerts": STANDS_IN},
        remark=_SERVER_BY_SERVER,
    ),
    Fault(name="HTTP 401 once", cause=Answers("status", {"code": 401}, times=1), outcome=SERVES),
    Fault(name="HTTP 401 for ever", cause=Answers("status", {"code": 401}), outcome=_AUTH),
    Fault(
        name="HTTP 403",
        cause=Answers("status", {"code": 403}),
        outcome=_FORBIDDEN,
        but=dict.fromkeys(
            (
                "com.energy",
                "com.utilization",
                "com.groups",
                "com.jobs",
                "com.appliances",
                "com.firmware",
                "com.warranty",
                "ome.power_manager",
                "ome.groups",
                "ome.compliance",
                "ome.warranty",
                "ome.jobs",
                "ome.hardware",
            ),
            ABSENT,
        )
        | {"ome.power": _FORBIDDEN},
    ),
    Fault(
        name="HTTP 404",
        cause=Answers("status", {"code": 404}),
        outcome=_4XX,
        but=dict.fromkeys(
            (
                "com.energy",
                "com.utilization",
                "com.appliances",
                "com.warranty",
                *_OME_SERVICES,
            ),
            ABSENT,
        )
        | {"com.alerts": STANDS_IN},
        remark=_SERVER_BY_SERVER,
    ),
    Fault(
        name="HTTP 404 with a web page (services that restart)",
        cause=Answers("status", {"code": 404, "body": "<html><h1>Not Found</h1></html>"}),
        outcome=_4XX,
        only="ome",
        says="are its services restarting?",
    ),
    Fault(
        name="HTTP 404 with an empty body",
        cause=Answers("status", {"code": 404, "body": ""}),
        outcome=_4XX,
        only="ome",
        says="are its services restarting?",
    ),
    Fault(name="HTTP 409", cause=Answers("status", {"code": 409}), outcome=_4XX),
    Fault(
        name="HTTP 429",
        cause=Answers("status", {"code": 429, "headers": {"ratelimit-remaining": "1"}}),
        outcome=_LIMITED,
        repeated=True,
    ),
    Fault(
        name="HTTP 429, Retry-After: 300",
        cause=Answers("status", {"code": 429, "retry_after": 300}),
        outcome=_LIMITED,
        waits=300,
    ),
    Fault(
        name="HTTP 429, Retry-After: a date",
        cause=Answers(
            "status",
            {"code": 429, "headers": {"Retry-After": formatdate(NOW + BEFORE + 300, usegmt=True)}},
        ),
        outcome=_LIMITED,
        waits=300,
    ),
    Fault(
        name="HTTP 429 once, Retry-After: 2",
        cause=Answers("status", {"code": 429, "retry_after": 2}, times=1),
        outcome=SERVES,
        repeated=True,
    ),
    Fault(name="HTTP 500", cause=Answers("status", {"code": 500}), outcome=_5XX, repeated=True),
    Fault(
        name="HTTP 501",
        cause=Answers("status", {"code": 501}),
        outcome=_5XX,
        but=dict.fromkeys(
            _OME_SERVICES,
            ABSENT,
        )
        | {"com.alerts": STANDS_IN},
        remark=_SERVER_BY_SERVER,
    ),
    Fault(name="HTTP 502", cause=Answers("status", {"code": 502}), outcome=_5XX, repeated=True),
    Fault(name="HTTP 503", cause=Answers("status", {"code": 503}), outcome=_5XX, repeated=True),
    Fault(
        name="HTTP 503, Retry-After: 300",
        cause=Answers("status", {"code": 503, "retry_after": 300}),
        outcome=_5XX,
        waits=300,
    ),
    Fault(name="HTTP 504", cause=Answers("status", {"code": 504}), outcome=_5XX, repeated=True),
    Fault(
        name="one HTTP 500 among good answers",
        cause=Answers("status", {"code": 500}, times=1),
        outcome=SERVES,
        repeated=True,
    ),
    Fault(
        name="the first 5 of 8 devices fail, HTTP 500",
        cause=Answers("status", {"code": 500}, devices=5),
        outcome=SERVES,
        but=dict.fromkeys(SWEEPS, SKIPS),
        repeated=True,
        only="ome",
        remark="serves the last readings of devices that fail until they are too old",
    ),
    Fault(
        name="every device refuses, HTTP 400",
        cause=Answers("status", {"code": 400}, devices=8),
        outcome=SERVES,
        but=dict.fromkeys(SWEEPS, _4XX),
        only="ome",
        says="refuse what they gave before",
        remark="what is read device by device fails",
    ),
    Fault(
        name="redirect to another host",
        cause=Answers("redirect"),
        outcome=fails(Reason.REDIRECT),
        says="which is not followed",
    ),
    Fault(
        name="link to another host",
        cause=Answers("foreign_link"),
        outcome=SERVES,
    ),
)
ACCOUNTS: Final = (
    Fault(name="token or session that ends", cause=Logins(), outcome=SERVES),
    Fault(name="secret that was changed", cause=Change("secret"), outcome=_AUTH),
    Fault(
        name="no session left for this user",
        cause=Change("sessions"),
        outcome=_AUTH,
        only="ome",
        says="give the exporter a user of its own",
    ),
    Fault(
        name="login refused, HTTP 403",
        cause=Logins("status", {"code": 403}),
        outcome=_FORBIDDEN,
    ),
    Fault(
        name="login refused, HTTP 429, Retry-After: 300",
        cause=Logins("status", {"code": 429, "retry_after": 300}),
        outcome=_LIMITED,
        waits=300,
    ),
    Fault(
        name="login fails, HTTP 503",
        cause=Logins("status", {"code": 503}),
        outcome=_5XX,
        # A login to an appliance makes a session: it is not sent twice.
        repeated="com",
    ),
    Fault(
        name="login that gives no token",
        cause=Logins("status", {"code": 200, "body": {}}),
        outcome=fails(Reason.EMPTY),
    ),
    Fault(
        name="login service that gives a web page",
        cause=Logins("html"),
        outcome=fails(Reason.DECODE),
        # OME's token is a header, and is missed before the body is looked at.
        but=dict.fromkeys((each.id for each in of("ome")), fails(Reason.EMPTY)),
    ),
    Fault(
        name="login service that cannot be reached",
        cause=Logins("reset"),
        outcome=fails(Reason.CONNECT),
        repeated="com",
    ),
)
