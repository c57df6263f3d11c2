"""Is a refused path a failure, or is it simply not to be had here?"""

from collections.abc import Iterator
from contextlib import contextmanager

from exporter.errors import LoginError, NotAvailableError, SourceError
from exporter.sources.com.client import HINTS
from exporter.sources.com.refusals import REMOVED


@contextmanager
def available(endpoint: str) -> Iterator[None]:
    """Turn the refusal of a path into "not available".

    Collectors run after the inventory has succeeded: so the credential is good, and a path that is
    forbidden lacks a permission or a licence. A beta path may be missing in a region.

    Raises:
        NotAvailableError: 403, or 404 of a beta path, or 400 with `HPE_GL_ERROR_BAD_REQUEST` of a
            beta path, which is how the gateway answers for a path that was removed; without the
            API's own words, which differ with every call.
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
    if "beta" in endpoint and (error.status == 404 or _is_removed(error)):
        return f"{endpoint}: HTTP {error.status}; this path of the API is not offered here"
    return ""


def _is_removed(error: SourceError) -> bool:
    """Whether the gateway does not know a path; a list was asked for in every form by then."""
    return error.status == 400 and error.code == REMOVED
