"""How does OME say no? A Redfish-like envelope around one message of its catalogue."""

from collections.abc import Mapping
from typing import Final

from exporter.simulators.answer import Answer

_CATALOGUE: Final[Mapping[str, tuple[str, str, str]]] = {
    "CGEN1001": (
        "Unable to complete the operation because the user is not authenticated.",
        "Critical",
        "Log in with valid credentials and retry the operation.",
    ),
    "CGEN1002": (
        "Unable to complete the operation because the value provided for the request is invalid.",
        "Critical",
        "Enter a valid value and retry the operation.",
    ),
    "CGEN1006": (
        "Unable to complete the operation because the resource URI does not exist or is not"
        " implemented.",
        "Critical",
        "Check the request resource URI. Refer to the OpenManage Enterprise User's Guide.",
    ),
    "CGEN1007": (
        "Unable to complete the operation because the device does not support the request.",
        "Warning",
        "Retry the operation on a device that supports it.",
    ),
    "CURS1209": (
        "Unable to create a new session because the maximum number of sessions for this user has"
        " been reached.",
        "Critical",
        "Logout of one of this user's sessions and retry creating a new session for this user.",
    ),
}

HEADERS: Final = {"Server": "Apache", "OData-Version": "4.0"}
CONTENT_TYPE: Final = "application/json; odata.metadata=minimal"


class RefusalError(Exception):
    """A request that OME refuses."""

    def __init__(self, status: int, message_id: str, *arguments: str) -> None:
        """Keep the HTTP status, the message's id and its arguments."""
        super().__init__(message_id)
        self.status = status
        self.message_id = message_id
        self.arguments = arguments

    def answer(self) -> Answer:
        """Return the answer that says so."""
        return refusal(self.status, self.message_id, *self.arguments)


def refusal(status: int, message_id: str, *arguments: str) -> Answer:
    """Return an error answer with a message of the catalogue."""
    message, severity, resolution = _CATALOGUE[message_id]
    document = {
        "error": {
            "code": "Base.1.0.GeneralError",
            "message": "A general error has occurred. See ExtendedInfo for more information.",
            "@Message.ExtendedInfo": [
                {
                    "MessageId": message_id,
                    "RelatedProperties": [],
                    "Message": message,
                    "MessageArgs": list(arguments),
                    "Severity": severity,
                    "Resolution": resolution,
                }
            ],
        }
    }
    return Answer(document, status=status, content_type=CONTENT_TYPE, headers=HEADERS)


def reply(document: object, *, status: int = 200, **headers: str) -> Answer:
    """Return an answer with the headers of the appliance."""
    return Answer(
        document, status=status, content_type=CONTENT_TYPE, headers={**HEADERS, **headers}
    )
