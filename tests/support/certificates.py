"""Certificates that are odd in one way each, as appliances and corporate CAs issue them."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = "ome.example.net"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_CA_USAGE = ("key_cert_sign", "crl_sign")
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, and what has to be trusted for it."""

    pem: bytes
    key: bytes
    trusted: bytes

    def server(self, folder: Path) -> ssl.SSLContext:
        """Return the TLS of a server that shows it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with suppress(ssl.SSLError):
            # A key that is too short is refused here already.
            context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(self.pair(folder))
        return context

    def pair(self, folder: Path) -> Path:
        """Write certificate and key to one file."""
        path = folder / "pair.pem"
        path.write_bytes(self.key + self.pem)
        return path

    def ca_file(self, folder: Path) -> str:
        """Write what has to be trusted."""
        path = folder / "trusted.pem"
        path.write_bytes(self.trusted)
        return str(path)


def issued(
    *,
    usage: bool = True,
    critical: bool = True,
    key_identifiers: bool = True,
    key: Key | None = None,
    purpose: x509.ObjectIdentifier | None = None,
    begins: datetime | None = None,
    ends: datetime | None = None,
    ca_ends: datetime | None = None,
) -> Issued:
    """Issue a certificate for `HOST` by a CA of its own.

    Args:
        usage: Whether the CA has a key usage.
        critical: Whether the basic constraints of the CA are marked critical.
        key_identifiers: Whether the certificates have key identifiers.
        key: Of the certificate; an elliptic one by default.
        purpose: The only one that the certificate is for.
        begins: When it becomes valid.
        ends: When it expires.
        ca_ends: When its CA expires.
    """
    ca_key, key = _new_key(), key or _new_key()
    subject, name = _name("odd CA"), _name(HOST)
    ca = _builder(subject, subject, ca_key, ends=ca_ends).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=critical
    )
    leaf = _builder(name, subject, key, begins=begins, ends=ends).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False
    )
    if usage:
        ca = ca.add_extension(_usage(*_CA_USAGE), critical=True)
    if purpose:
        leaf = leaf.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if key_identifiers:
        identifier = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
        ca = ca.add_extension(identifier, critical=False)
        authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        leaf = leaf.add_extension(authority, critical=False)
    pem = _pem(leaf.sign(ca_key, hashes.SHA256()))
    return Issued(pem, _key_pem(key), _pem(ca.sign(ca_key, hashes.SHA256())))


def self_signed_v1() -> Issued:
    """Issue a certificate of version 1, which has no extensions: its name is in the subject."""
    key, name = _new_key(), _name(HOST)
    modern = _builder(name, name, key).sign(key, hashes.SHA256())
    kept = [part for part in _parts(modern.tbs_certificate_bytes) if part[0] not in (0xA0, 0xA3)]
    algorithm = kept[1]  # After the serial number.
    tbs = _der(0x30, b"".join(kept))
    signature = _der(0x03, b"\0" + key.sign(tbs, ec.ECDSA(hashes.SHA256())))
    certificate = x509.load_der_x509_certificate(_der(0x30, tbs + algorithm + signature))
    assert certificate.version is x509.Version.v1
    return Issued(_pem(certificate), _key_pem(key), _pem(certificate))


def bare_self_signed() -> Issued:
    """Issue what an appliance generates at first: self-signed, with nothing but names."""
    key, name = _new_key(), _name(HOST)
    names = x509.SubjectAlternativeName([x509.DNSName(HOST)])
    made = _builder(name, name, key).add_extension(names, critical=False)
    pem = _pem(made.sign(key, hashes.SHA256()))
    return Issued(pem, _key_pem(key), pem)


def trusted_itself() -> Issued:
    """Issue a certificate by a CA that nobody has: the certificate itself is what is trusted."""
    made = issued()
    return Issued(made.pem, made.key, made.pem)


ODD: dict[str, Callable[[], Issued]] = {
    "basic constraints not critical": lambda: issued(critical=False),
    "no authority key identifier": lambda: issued(key_identifiers=False),
    "CA without key usage": lambda: issued(usage=False),
    "version 1, self-signed": self_signed_v1,
}
"""What Python 3.11 accepts, and 3.13 refuses by its default (`VERIFY_X509_STRICT`)."""


def weak() -> Issued:
    """Issue a certificate whose key is too short for today's OpenSSL."""
    return issued(key=rsa.generate_private_key(65537, 1024))  # noqa: S505 - that is the point


def for_clients() -> Issued:
    """Issue a certificate that is for clients alone."""
    return issued(purpose=ExtendedKeyUsageOID.CLIENT_AUTH)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: Key,
    *,
    begins: datetime | None = None,
    ends: datetime | None = None,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(ends or now + timedelta(days=365))
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*names: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in names for usage in _USAGES})


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _der(tag: int, content: bytes) -> bytes:
    """Write one DER value."""
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _parts(sequence: bytes) -> Iterator[bytes]:
    """Yield the values in a DER sequence, each whole."""
    start, end = _content(sequence, 0)
    while start < end:
        after = _content(sequence, start)[1]
        yield sequence[start:after]
        start = after


def _content(data: bytes, start: int) -> tuple[int, int]:
    """Return where the content of the value at a place begins and ends."""
    size, first = data[start + 1], start + 2
    if size & 0x80:
        count = size & 0x7F
        size, first = int.from_bytes(data[first : first + count], "big"), first + count
    return first, first + size
