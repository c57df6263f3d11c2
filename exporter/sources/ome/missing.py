"""When is a refusal no failure? Where a licence, a plugin or a permission is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from exporter.errors import LoginError, NotAvailableError, SourceError

FORBIDDEN = 403
NO_SUCH_SERVICE = frozenset({404, 405, 501})
NO_SUCH_RESOURCE = NO_SUCH_SERVICE | {FORBIDDEN}


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
        if error.status not in statuses or isinstance(error, LoginError):
            raise
        raise NotAvailableError(f"{error.message}; {what}") from error
