"""Requests that an API refuses for their form, and paths that it no longer has."""

from typing import Final

from exporter.errors import Reason
from tests.faults.fault import ABSENT, SERVES, STANDS_IN, Answers, Fault, fails
from tests.faults.polled import Vendor

_GONE: Final = {
    "httpStatusCode": 400,
    "errorCode": "HPE_GL_ERROR_BAD_REQUEST",
    "message": "Bad request",
    "debugId": "5f0e6a4e-71a2-4a0c-9e0a-6f8f2b1f9d11",
}
"""What the gateway before COM answers for a path that was removed."""
_PARAMETERS: Final[tuple[tuple[str, Vendor], ...]] = (
    ("select", "com"),
    ("sort", "com"),
    ("$orderby", "ome"),
)

REQUESTS: Final = (
    Fault(
        name="page of more than 50 items refused, HTTP 400",
        cause=Answers("limit_above", {"size": 50}),
        outcome=SERVES,
        remark="asks for 500, then 100, then 50 items, and remembers what worked for six hours",
    ),
    *(
        Fault(
            name=f"`{parameter}` refused, HTTP 400",
            cause=Answers("refuse_parameter", {"name": parameter}),
            outcome=SERVES,
            only=vendor,
            remark="leaves the parameter out, and remembers that for six hours",
        )
        for parameter, vendor in _PARAMETERS
    ),
    Fault(
        name="path that was removed, HTTP 400 with HPE_GL_ERROR_BAD_REQUEST",
        cause=Answers("status", {"code": 400, "body": _GONE}),
        outcome=fails(Reason.HTTP_4XX),
        but={
            "com.alerts": STANDS_IN,
            **dict.fromkeys(
                ("com.energy", "com.utilization", "com.appliances", "com.warranty"), ABSENT
            ),
        },
        only="com",
        remark="COM's alerts are read server by server",
    ),
)
