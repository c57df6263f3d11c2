"""Refusals that are no failure: a licence, a plugin or a permission is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from exporter.errors import LoginError, NotAvailableError, SourceError

FORBIDDEN = 403
NO_SUCH_SERVICE = frozenset({404, 405, 501})
NO_SUCH_RESOURCE = NO_SUCH_SERVICE | {FORBIDDEN}
NOT_IMPLEMENTED = "CGEN1006"
"""`MessageId` for a service that an edition or a version lacks; some builds send it with 400."""


class ForeignNotFoundError(SourceError):
    """A 404 that is not the appliance's own, such as that of its web server during a restart.

    It does not mean that something is missing.
    """


@contextmanager
def needed(what: str, statuses: frozenset[int] = NO_SUCH_RESOURCE) -> Iterator[None]:
    """Turn a refusal of the calls in the block into the news that something is missing.

    Args:
        what: What is needed, and how to get it.
        statuses: The answers that mean it.

    Raises:
        NotAvailableError: The appliance refused.
        SourceError: A call failed in another way.
    """
    try:
        yield
    except SourceError as error:
        refuses = error.status in statuses or _lacks_service(error, statuses)
        if not refuses or isinstance(error, LoginError | ForeignNotFoundError):
            raise
        raise NotAvailableError(f"{error.message}; {what}") from error


def _lacks_service(error: SourceError, statuses: frozenset[int]) -> bool:
    return 404 in statuses and error.status == 400 and error.code == NOT_IMPLEMENTED
