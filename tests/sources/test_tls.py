"""Whom does a source trust?"""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from exporter.config.source import HttpSettings
from exporter.sources.tls import context_for


@pytest.fixture
def trusts_the_system(monkeypatch: pytest.MonkeyPatch) -> Callable[[HttpSettings], bool]:
    """Tell whether a source would trust the authorities of the system."""
    loaded: list[ssl.Purpose] = []

    def load(context: ssl.SSLContext, purpose: ssl.Purpose) -> None:
        loaded.append(purpose)

    def asked(settings: HttpSettings) -> bool:
        context = context_for(settings, lambda _: None)
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        return loaded == [ssl.Purpose.SERVER_AUTH]

    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", load)
    return asked


def test_the_authorities_of_the_system_are_trusted(
    trusts_the_system: Callable[[HttpSettings], bool],
) -> None:
    assert trusts_the_system(HttpSettings())


def test_with_a_file_of_authorities_those_alone_are_trusted(
    trusts_the_system: Callable[[HttpSettings], bool], tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(file))

    assert not trusts_the_system(HttpSettings.model_validate({"ca_file": file}))
