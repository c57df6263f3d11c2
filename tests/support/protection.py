"""Web configurations for tests: certificates of an authority of our own, and cheap hashes."""

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bcrypt
import trustme
import yaml


def hashed(password: str, cost: int = 4) -> str:
    """Return a bcrypt hash, as cheap as it can be."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


def basic(user: str, password: str) -> str:
    """Return the header with which a client gives its password."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


@dataclass
class Authority:
    """Issues certificates into a folder."""

    folder: Path
    ca: trustme.CA = field(default_factory=trustme.CA)

    @property
    def ca_file(self) -> Path:
        """The authority's own certificate."""
        path = self.folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(path))
        return path

    def pair(self, name: str = "server", *hosts: str) -> dict[str, str]:
        """Write a certificate and its key; the names of both within the folder."""
        issued = self.ca.issue_cert(*(hosts or ("localhost", "127.0.0.1")))
        issued.cert_chain_pems[0].write_to_path(str(self.folder / f"{name}.crt"))
        issued.private_key_pem.write_to_path(str(self.folder / f"{name}.key"))
        return {"cert_file": f"{name}.crt", "key_file": f"{name}.key"}

    def client(self, *names: str, **changes: Any) -> ssl.SSLContext:
        """Return the TLS of a client, with a certificate if it has names."""
        context = ssl.create_default_context()
        self.ca.configure_trust(context)
        if names:
            self.ca.issue_cert(*names).configure_cert(context)
        for key, value in changes.items():
            setattr(context, key, value)
        return context

    def config(self, tree: Mapping[str, Any] | None = None, **sections: Any) -> Path:
        """Write a web configuration."""
        path = self.folder / "web.yml"
        path.write_text(yaml.safe_dump(dict(tree or sections)))
        return path
