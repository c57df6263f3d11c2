"""Is a refused path a failure, or is it simply not to be had here?"""

from collections.abc import Iterator
from contextlib import contextmanager

from exporter.errors import LoginError, NotAvailableError, SourceError
from exporter.sources.com.client import HINTS


@contextmanager
def available(endpoint: str) -> Iterator[None]:
    """Turn the refusal of a path into "not available".

    Collectors run after the inventory has succeeded: so the credential is good, and a path that is
    forbidden lacks a permission or a licence. A beta path may be missing in a region.

    Raises:
        NotAvailableError: 403, or 404 of a beta path; without the API's own words, which differ
            with every call.
        SourceError: Everything else.
    """
    try:
        yield
    except SourceError as error:
        missing = absence(endpoint, error)
        if missing:
            raise NotAvailableError(missing) from error
        raise


def absence(endpoint: str, error: SourceError) -> str:
    """Say in a sentence what is missing; the empty string where nothing is."""
    if isinstance(error, LoginError):
        return ""
    if error.status == 403:
        return f"{endpoint}: HTTP 403; {HINTS[403]}, or check the subscription that this needs"
    if error.status == 404 and "beta" in endpoint:
        return f"{endpoint}: HTTP 404; this path of the API is not offered here"
    return ""
