"""Settings of an HPE Compute Ops Management source."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, SecretStr

from exporter.config.files import Secret, secret_mistakes
from exporter.config.source import (
    CollectorSettings,
    SourceSettings,
    Url,
    path_mistakes,
)

REGIONS = {
    region: f"https://{region}.api.greenlake.hpe.com"
    for region in ("us-west", "eu-central", "ap-northeast")
}
LEGACY_TOKEN_URL = "https://sso.common.cloud.hpe.com/as/token.oauth2"  # noqa: S105 - an address
WORKSPACE_TOKEN_URL = "https://global.api.greenlake.hpe.com/authorization/v2/oauth2/{}/token"  # noqa: S105


def plain_workspace_id(text: str) -> str:
    """Bring a workspace id into the form of the token endpoint: hexadecimal without hyphens.

    Raises:
        ValueError: It is not 32 hexadecimal digits.
    """
    plain = text.replace("-", "").lower()
    if not re.fullmatch(r"[0-9a-f]{32}", plain):
        raise ValueError(
            "a workspace id has 32 hexadecimal digits; copy it from the workspace's details"
        )
    return plain


def tenant_id(text: str) -> str:
    """Check the id of a tenant, and leave it as it is written.

    Raises:
        ValueError: It is not 32 hexadecimal digits, with or without hyphens.
    """
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}", text):
        raise ValueError("the id of a tenant has 32 hexadecimal digits, with or without hyphens")
    return text


def named_components(value: object) -> object:
    """Read the choice of firmware: `all` becomes None.

    Raises:
        ValueError: It is neither that nor a list with something in it.
    """
    if value == "all":
        return None
    if not value or not isinstance(value, list | tuple):
        raise ValueError("write all, or a list of bios and bmc")
    return value


def written_components(chosen: tuple[str, ...] | None) -> object:
    """Write the choice of firmware as `named_components` reads it."""
    return "all" if chosen is None else list(chosen)


class ComFirmware(CollectorSettings):
    """Settings of the collector `firmware`."""

    components: Annotated[
        tuple[Literal["bios", "bmc"], ...] | None,
        BeforeValidator(named_components),
        PlainSerializer(written_components),
    ] = ("bios", "bmc")
    """Components that are served; None: all of them."""


class ComSettings(SourceSettings):
    """One entry of `sources` of type `com`."""

    type: Literal["com"]
    region: Literal["us-west", "eu-central", "ap-northeast"] | None = None
    url: Url | None = None
    workspace_id: Annotated[str, AfterValidator(plain_workspace_id)] | None = None
    token_url: Url | None = None
    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    tenant_acid: Annotated[str, AfterValidator(tenant_id)] | None = None

    @property
    def api(self) -> str:
        """The regional base address, or the one that is set."""
        return self.url or (REGIONS[self.region] if self.region else "")

    @property
    def identity(self) -> tuple[str, ...]:
        """Region, workspace and tenant; without a workspace the API client stands for its own."""
        workspace = self.workspace_id or f"of {self.client_id}"
        return (self.type, self.api, workspace, self.tenant_acid or "")

    @property
    def token_address(self) -> str:
        """Where tokens are obtained."""
        if self.token_url:
            return self.token_url
        return (
            WORKSPACE_TOKEN_URL.format(self.workspace_id) if self.workspace_id else LEGACY_TOKEN_URL
        )

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where tokens are obtained, and the regional API."""
        return (self.token_address, self.api)

    @property
    def credential(self) -> tuple[str, ...]:
        """The names of the settings with which the source logs in."""
        secret = "client_secret_file" if self.client_secret_file else "client_secret"
        return ("client_id", secret)

    @property
    def needed_role(self) -> str:
        """The least that the API user has to be allowed."""
        return "the role Compute Ops Management Viewer"

    @property
    def secret(self) -> Secret:
        """The client secret."""
        return Secret(text=self.client_secret, file=self.client_secret_file)

    @classmethod
    def mistakes(cls, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Check what concerns several settings; see `SourceSettings.mistakes`."""
        yield from super().mistakes(raw)
        if (raw.get("region") is None) == (raw.get("url") is None):
            yield "region", f"set either region ({', '.join(REGIONS)}) or url"
        yield from secret_mistakes(raw, "client_secret")
        yield from path_mistakes(raw, "/compute-ops-mgmt(?=/|$)")
