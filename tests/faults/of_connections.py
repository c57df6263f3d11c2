"""What if the API cannot be reached, shows a bad certificate, or takes too long?"""

from typing import Final

from exporter.errors import Reason
from tests.faults.fault import SERVES, Answers, Fault, Port, fails
from tests.support.certificates import HOST, ODD

_CONNECT, _TLS, _TIMEOUT = map(fails, (Reason.CONNECT, Reason.TLS, Reason.TIMEOUT))

CONNECTIONS: Final = tuple(
    Fault(name=name, cause=cause, outcome=_CONNECT, repeated=True, says=says)
    for name, cause, says in (
        ("connection refused", Port("refused"), "cannot connect"),
        ("connection reset at once", Port("reset"), ""),
        ("connection reset instead of an answer", Answers("reset"), ""),
        (
            "connection closed in the middle of a body",
            Answers("close_midway"),
            "in the middle of the answer",
        ),
        ("name that cannot be resolved", Port("no name"), "its name cannot be resolved"),
    )
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
TIME_LIMITS: Final = tuple(
    Fault(
        name=name,
        cause=cause,
        outcome=_TIMEOUT,
        repeated=True,
        says="no complete answer within",
    )
    for name, cause in (
        ("connection that is never accepted", Port("full")),
        ("no headers", Port("silent")),
        ("no headers from one service of the API", Answers("delay", {"seconds": 3600.0})),
        ("body that stops", Answers("stall_body")),
        ("body that drips", Answers("slow_drip", {"chunk": 1, "seconds": 0.05})),
    )
)
