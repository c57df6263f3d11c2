"""How does COM say no? Its `errorResponse`: httpStatusCode, errorCode, message, debugId."""

from collections.abc import Mapping
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.hashing import uuid_text

_CODES: Final = {
    400: "HPE-GL-COMPUTE_OPS-0500001",
    401: "HPE_GL_ERROR_UNAUTHORIZED",
    403: "HPE_GL_WORKSPACES_USER_NOT_GRANTED_ACCESS_FORBIDDEN",
    404: "HPE_GL_ERROR_NOT_FOUND",
    405: "HPE_GL_ERROR_METHOD_NOT_ALLOWED",
    406: "HPE_GL_ERROR_NOT_ACCEPTABLE",
    429: "HPE_GL_ERROR_TOO_MANY_REQUESTS",
}


class ProblemError(Exception):
    """A request that COM refuses."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        parameter: str | None = None,
        header: str | None = None,
    ) -> None:
        """Keep the status, the sentence and the query parameter or header that is wrong."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.parameter = parameter
        self.header = header


def bad_request(parameter: str, description: str) -> Answer:
    """Return a 400 with a generic message: only the issue names the query parameter."""
    answer = problem(400, description, parameter=parameter)
    answer.rewrite(
        {**answer.document, "errorCode": "HPE_GL_ERROR_BAD_REQUEST", "message": "Bad request"}
    )
    return answer


def problem(
    status: int,
    message: str,
    *,
    parameter: str | None = None,
    header: str | None = None,
    retry_after: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return an error answer.

    Args:
        status: The HTTP status; the body repeats it.
        message: One sentence.
        parameter: The query parameter to blame; it becomes an issue of `errorDetails`.
        header: The request header to blame, likewise.
        retry_after: Seconds for `retryAfterSeconds`, which COM gives when it throttles.
        headers: Further headers.
    """
    details: list[dict[str, Any]] = []
    issues = [
        {"source": source, "subject": subject, "description": message}
        for source, subject in (("query.parameter", parameter), ("header", header))
        if subject is not None
    ]
    if issues:
        details.append({"type": "hpe.greenlake.bad_request", "issues": issues})
    if retry_after is not None:
        details.append({"type": "hpe.greenlake.retry_info", "retryAfterSeconds": retry_after})
    document: dict[str, Any] = {
        "httpStatusCode": status,
        "errorCode": _CODES.get(status, "HPE_GL_ERROR_INTERNAL_SERVER_ERROR"),
        "message": message,
        "debugId": uuid_text(status, len(message)),
    }
    if details:
        document["errorDetails"] = details
    return Answer(document, status=status, headers=headers)
