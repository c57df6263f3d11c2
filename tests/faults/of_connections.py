"""What if the API cannot be reached, shows a bad certificate, or takes too long?"""

from typing import Final

from exporter.errors import Reason
from tests.faults.fault import SERVES, Answers, Fault, Port, fails
from tests.support.certificates import HOST, ODD

_CONNECT, _TLS, _TIMEOUT = map(fails, (Reason.CONNECT, Reason.TLS, Reason.TIMEOUT))

CONNECTIONS: Final = (
    Fault(
        name="connection refused",
        cause=Port("refused"),
        outcome=_CONNECT,
        repeated=True,
        says="cannot connect",
    ),
    Fault(
        name="connection reset at once",
        cause=Port("reset"),
        outcome=_CONNECT,
        repeated=True,
    ),
    Fault(
        name="connection reset instead of an answer",
        cause=Answers("reset"),
        outcome=_CONNECT,
        repeated=True,
    ),
    Fault(
        name="connection closed in the middle of a body",
        cause=Answers("close_midway"),
        outcome=_CONNECT,
        repeated=True,
        says="in the middle of the answer",
    ),
    Fault(
        name="name that cannot be resolved",
        cause=Port("no name"),
        outcome=_CONNECT,
        repeated=True,
        says="its name cannot be resolved",
    ),
)
TLS: Final = (
    *(
        Fault(name=name, cause=Port(end), outcome=_TLS, says=says)
        for name, end, says in (
            ("certificate that has expired", "expired", "certificate expired on 2021-01-01"),
            ("certificate of another host", "wrong host", f"not for {HOST}"),
            ("certificate that is self-signed", "self-signed", "self-signed certificate"),
            ("certificate of an unknown authority", "unknown authority", "does not hold the CA"),
            ("plain HTTP where TLS is expected", "plain", "does not speak TLS"),
        )
    ),
    *(
        Fault(name=f"odd form of a trusted certificate: {end}", cause=Port(end), outcome=SERVES)
        for end in ODD
    ),
)
_AFTER = "no complete answer within"
TIME_LIMITS: Final = (
    Fault(
        name="connection that is never accepted",
        cause=Port("full"),
        outcome=_TIMEOUT,
        repeated=True,
        says=_AFTER,
    ),
    Fault(
        name="no headers",
        cause=Port("silent"),
        outcome=_TIMEOUT,
        repeated=True,
        says=_AFTER,
    ),
    Fault(
        name="no headers from one service of the API",
        cause=Answers("delay", {"seconds": 3600.0}),
        outcome=_TIMEOUT,
        repeated=True,
        says=_AFTER,
    ),
    Fault(
        name="body that stops",
        cause=Answers("stall_body"),
        outcome=_TIMEOUT,
        repeated=True,
        says=_AFTER,
    ),
    Fault(
        name="body that drips",
        cause=Answers("slow_drip", {"chunk": 1, "seconds": 0.05}),
        outcome=_TIMEOUT,
        repeated=True,
        says=_AFTER,
    ),
)
