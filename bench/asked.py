"""How does a measurement ask a program that it started?"""

import urllib.request
from collections.abc import Mapping

_TIMEOUT = 120.0
_HERE = ("http://127.0.0.1:", "http://localhost:")


def answered(
    url: str,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    method: str | None = None,
) -> bytes:
    """Return the body of an answer, as it came.

    Args:
        url: On this machine.
        data: What is sent; a POST unless `method` says otherwise.
        headers: Of the request.
        method: GET without data.

    Raises:
        OSError: There is no answer, or its status is an error.
        ValueError: It is another machine's address.
    """
    if not url.startswith(_HERE):
        raise ValueError(f"not a program of this machine: {url}")
    # The scheme was looked at.
    request = urllib.request.Request(url, data, dict(headers or {}), method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
        body: bytes = answer.read()
    return body
