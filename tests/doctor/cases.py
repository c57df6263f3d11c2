"""What is said of everything that can be wrong on the way to an API."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.doctor.ways import (
    ALERT,
    PASSWORD,
    TLS_1_1,
    Way,
    behind,
    behind_tls,
    dead_proxy,
    full,
    presenting,
    refusal,
    refused,
    saying,
    without_name,
)
from tests.support.certificates import HOST, bare_self_signed, for_clients, issued, weak

OLD, FUTURE = datetime(2024, 5, 6, tzinfo=UTC), datetime.now(UTC) + timedelta(days=90)
ME = f"me:{PASSWORD}@"
APACHE = b"You're speaking plain HTTP to an SSL-enabled server port."


@dataclass(frozen=True)
class Case:
    """What is arranged, and what is said of it."""

    arranged: Callable[[Path], Way]
    step: str
    """Of the probe."""
    cause: str
    todo: str
    reason: str = "tls"


CASES = {
    "expired": Case(
        presenting(lambda: issued(ends=OLD)),
        "tls",
        f"certificate expired on 2024-05-06 (subject CN={HOST})",
        "renew the certificate",
    ),
    "expired CA": Case(
        presenting(lambda: issued(ca_ends=OLD)),
        "tls",
        "the certificate of the CA has expired: CN=odd CA",
        "renew the certificate of that CA, in http.ca_file too",
    ),
    "not yet valid": Case(
        presenting(lambda: issued(begins=FUTURE)),
        "tls",
        f"certificate not valid before {FUTURE:%Y-%m-%d} (subject CN={HOST})",
        "correct the clocks",
    ),
    "wrong name": Case(
        presenting(issued, name="ome.fra.example.net"),
        "tls",
        f"the certificate is for {HOST}, not for ome.fra.example.net",
        "or http.server_name to that name",
    ),
    "self-signed": Case(
        presenting(bare_self_signed, trusted=False),
        "tls",
        f"self-signed certificate (subject CN={HOST})",
        "and set http.ca_file to it",
    ),
    "self-signed, another in ca_file": Case(
        presenting(bare_self_signed, trusted=issued),
        "tls",
        "that http.ca_file does not hold",
        "add the certificate itself to http.ca_file",
    ),
    "unknown authority": Case(
        presenting(issued, trusted=False),
        "tls",
        "issued by a CA that this machine does not trust: CN=odd CA",
        "and set http.ca_file to it",
    ),
    "ca_file that lacks it": Case(
        presenting(issued, trusted=bare_self_signed),
        "tls",
        "http.ca_file does not hold the CA that issued the certificate: CN=odd CA",
        "add the certificate of that CA to http.ca_file",
    ),
    "key too short": Case(
        presenting(weak),
        "tls",
        "certificate refused: EE certificate key too weak",
        "replace the certificate",
    ),
    "for clients only": Case(
        presenting(for_clients),
        "tls",
        "certificate refused: un",  # "unsupported" or "unsuitable certificate purpose"
        "replace the certificate",
    ),
    "old TLS, refused by the server": Case(
        saying(ALERT), "tls", "no common TLS version", "enable TLS 1.2"
    ),
    "old TLS, offered by the server": Case(
        saying(TLS_1_1), "tls", "speaks TLS 1.2 and 1.3", "enable TLS 1.2"
    ),
    "plain HTTP port": Case(
        saying(refusal(400)), "tls", "does not speak TLS: it is an HTTP port", "to the HTTPS port"
    ),
    "silent handshake": Case(
        saying(b"", hangs=True),
        "tls",
        "no complete answer within 1 s: the TLS handshake does not end",
        "firewall",
        "timeout",
    ),
    "closed in the handshake": Case(
        saying(b""), "tls", "ended during the TLS handshake", "firewall", "connect"
    ),
    "http:// to a TLS port that sends an alert": Case(
        saying(ALERT, "http"), "login", "speaks TLS, and the address begins", "write https://"
    ),
    "http:// to Apache's TLS port": Case(
        saying(refusal(400, "text/html", APACHE), "http"),
        "login",
        "speaks TLS, and the address begins with http://",
        "write https:// in url",
    ),
    "http:// to a TLS port that hangs up": Case(
        saying(b"", "http"), "login", "closed before an answer", "write https:// in url", "connect"
    ),
    "slow answer": Case(
        saying(b"", "http", hangs=True),
        "login",
        "no complete answer within 1 s",
        "if the API is slow, raise http.timeout",
        "timeout",
    ),
    "refused": Case(refused, "tcp", "connection refused", "check the port in url", "connect"),
    "not accepted": Case(full, "tcp", "the connection is not accepted", "a firewall", "timeout"),
    "no name": Case(
        without_name, "dns", "its name cannot be resolved", "the spelling in url", "connect"
    ),
    "dead proxy": Case(
        dead_proxy, "tcp", "connection refused", "check the port in http.proxy", "connect"
    ),
    "proxy that asks for a password": Case(
        behind(refusal(407)),
        "proxy",
        "the proxy asks for credentials (HTTP 407)",
        "put user and password into http.proxy",
        "connect",
    ),
    "proxy that refuses the password": Case(
        behind(refusal(407), user=ME),
        "proxy",
        "the proxy refuses the credentials in http.proxy (HTTP 407)",
        "correct user and password",
        "connect",
    ),
    "proxy that forbids": Case(
        behind(refusal(403), user=ME),
        "proxy",
        "the proxy refuses to connect to ome.example.net:443 (HTTP 403)",
        "allow connections to ome.example.net:443",
        "connect",
    ),
    "proxy that cannot": Case(
        behind(refusal(502)), "proxy", "(HTTP 502)", "look into the proxy's log", "connect"
    ),
    "proxy that is silent": Case(
        behind(b""), "proxy", "the proxy is silent", "address of an HTTP proxy", "timeout"
    ),
    "proxy that is none": Case(
        behind(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"),
        "proxy",
        "the proxy did not answer as an HTTP proxy",
        "allows CONNECT",
        "connect",
    ),
    "proxy with a certificate of its own": Case(
        behind_tls,
        "proxy",
        f"self-signed certificate (subject CN={HOST})",
        "and set http.ca_file to it",
    ),
    "plain HTTP, proxy that asks for a password": Case(
        behind(refusal(407, "text/html"), "http"),
        "login",
        "the proxy asks for credentials (HTTP 407)",
        "put user and password into http.proxy",
        "connect",
    ),
    "plain HTTP, page of a proxy": Case(
        behind(refusal(503, "text/html", b"<html>"), "http", ME),
        "login",
        "a web page came in place of the API's answer (HTTP 503)",
        "look into the proxy's log",
        "connect",
    ),
}
