"""The web configuration: what is taken, and what is said about the rest."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.config.load import ConfigError
from exporter.config.web import load_web_config

EXAMPLE = Path(__file__).parents[2] / "deploy" / "web-config.example.yml"
HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"
PAIR = {"cert_file": "server.crt", "key_file": "server.key"}
EVERYTHING = {
    "tls_server_config": {
        **PAIR,
        "client_auth_type": "RequireAndVerifyClientCert",
        "client_ca_file": "ca.pem",
        "client_allowed_sans": ["prometheus.example.net"],
        "min_version": "TLS12",
        "max_version": "TLS13",
        "cipher_suites": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
        "prefer_server_cipher_suites": False,
        "curve_preferences": ["X25519"],
    },
    "http_server_config": {
        "http2": False,
        "headers": {
            "Content-Security-Policy": "default-src 'self'",
            "X-Frame-Options": "sameorigin",
            "X-Content-Type-Options": "nosniff",
            "X-XSS-Protection": "0",
            "Strict-Transport-Security": "max-age=31536000",
        },
    },
    "basic_auth_users": {"alice": HASH},
    "rate_limit": {"interval": "100ms", "burst": 20},
}


def written(folder: Path, text: str) -> Path:
    path = folder / "web.yml"
    path.write_text(text)
    return path


def test_every_key_of_the_toolkit_is_known(tmp_path: Path) -> None:
    config = load_web_config(written(tmp_path, yaml.safe_dump(EVERYTHING)))

    assert config.tls_server_config.cert_file == tmp_path / "server.crt"
    assert config.tls_server_config.client_allowed_sans == ("prometheus.example.net",)
    assert len(config.http_server_config.headers.by_name) == 5
    assert config.basic_auth_users["alice"].get_secret_value() == HASH
    assert config.rate_limit.interval == pytest.approx(0.1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "tls_server_config:\nbasic_auth_users:\n",
        "tls_server_config: {cert_file: '', key_file: '', min_version: TLS12}",
        "http_server_config: {http2: true, headers: {Content-Security-Policy: ''}}",
        "rate_limit: {interval: 0}",
    ],
)
def test_blank_settings_ask_for_nothing(tmp_path: Path, text: str) -> None:
    config = load_web_config(written(tmp_path, text))

    assert not config.tls_server_config.enabled
    assert config.http_server_config.headers.by_name == {}
    assert not config.basic_auth_users


def test_the_example_asks_for_tls_and_a_password() -> None:
    config = load_web_config(EXAMPLE)

    assert config.tls_server_config.enabled
    assert config.basic_auth_users


def test_neither_hash_nor_key_shows_in_a_repr(tmp_path: Path) -> None:
    tls = {"cert": "a certificate", "key": "planted-key"}
    tree = {"tls_server_config": tls, "basic_auth_users": {"alice": HASH}}

    config = load_web_config(written(tmp_path, yaml.safe_dump(tree)))

    shown = repr(config) + str(config) + str(config.model_dump())
    assert "planted-key" not in shown
    assert HASH not in shown


def tls(**changes: Any) -> dict[str, Any]:
    return {"tls_server_config": {**PAIR, **changes}}


@pytest.mark.parametrize(
    ("tree", "problem"),
    [
        ({"tls_server": {}}, "tls_server: unknown setting; did you mean tls_server_config?"),
        (tls(cert_fil="x"), "tls_server_config.cert_fil: unknown setting; did you mean cert_file?"),
        (tls(nonsense=None), "tls_server_config.nonsense: unknown setting; known here: "),
        (tls(cert="x"), "tls_server_config.cert: is given twice: set only one of cert and cert_"),
        (
            {"tls_server_config": {"cert_file": "a"}},
            "tls_server_config.key_file: is missing: set key_file or key",
        ),
        (
            {"tls_server_config": {"key_file": "a", "min_version": "TLS13"}},
            "tls_server_config.cert_file: is missing: set cert_file or cert",
        ),
        (tls(min_version="TLS10"), "tls_server_config.min_version: TLS 1.0 and 1.1 are broken"),
        (tls(min_version="1.2"), "tls_server_config.min_version: input should be 'TLS10', "),
        (
            tls(min_version="TLS13", max_version="TLS12"),
            "tls_server_config.max_version: is below min_version, TLS13",
        ),
        (
            tls(client_auth_type="RequireAnyClientCert"),
            "tls_server_config.client_auth_type: a certificate that nobody verifies keeps nobody",
        ),
        (
            tls(client_auth_type="RequireAndVerifyClientCert"),
            "tls_server_config.client_ca_file: is missing: RequireAndVerifyClientCert needs the CA",
        ),
        (tls(client_ca_file="ca"), "tls_server_config.client_auth_type: is missing: with a client"),
        (
            tls(client_allowed_sans=[]),
            "tls_server_config.client_allowed_sans: needs client_auth_type: RequireAndVerifyClient",
        ),
        (
            {"basic_auth_users": {"alice": "hunter2"}},
            "basic_auth_users.alice: is not a bcrypt hash",
        ),
        (
            {"basic_auth_users": {"alice": HASH.replace("$10$", "$31$")}},
            "basic_auth_users.alice: has a cost that is not within 4 and 20",
        ),
        ({"basic_auth_users": {"a:b": HASH}}, "basic_auth_users: a user needs a name, and one wi"),
        (
            {"http_server_config": {"headers": {"X-Frame-Options": "allow"}}},
            "http_server_config.headers.X-Frame-Options: must be deny or sameorigin",
        ),
        (
            {"http_server_config": {"headers": {"Content-Security-Policy": "a\r\nB: c"}}},
            "http_server_config.headers.Content-Security-Policy: must be one line of plain",
        ),
        (
            {"http_server_config": {"headers": {"Server": "x"}}},
            "http_server_config.headers.Server: unknown setting",
        ),
        ({"rate_limit": {"interval": "1"}}, "rate_limit.interval: write a duration with its unit"),
        ({"rate_limit": {"interval": "1s"}}, "rate_limit.burst: is missing: without it every"),
        (
            {"rate_limit": {"interval": "61m", "burst": 1}},
            "rate_limit.interval: must be at most 1h: a longer interval would refuse nearly every",
        ),
        (
            {"rate_limit": {"interval": "999999999h999999999h", "burst": 1}},
            "rate_limit.interval: must be at most 1h",
        ),
        (
            {"rate_limit": {"interval": "1s", "burst": 1_000_001}},
            "rate_limit.burst: input should be less than or equal to 1000000",
        ),
        (
            {"rate_limit": {"interval": "1s", "burst": 10**400}},
            "rate_limit.burst: input should be less than or equal to 1000000",
        ),
        (
            {"rate_limit": {"interval": "1s", "burst": -1}},
            "rate_limit.burst: input should be greater than or equal to 0",
        ),
        ([], "the file: must be a mapping of settings"),
    ],
)
def test_a_mistake_is_named_with_its_path_and_what_to_do(
    tmp_path: Path, tree: Any, problem: str
) -> None:
    path = written(tmp_path, yaml.safe_dump(tree))

    with pytest.raises(ConfigError) as caught:
        load_web_config(path)

    assert caught.value.origin == str(path)
    (found,) = caught.value.problems
    assert found.startswith(problem)
    assert "hunter2" not in found


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    tree = tls(min_version="TLS10", client_auth_type="RequireClientCert")

    with pytest.raises(ConfigError) as caught:
        load_web_config(written(tmp_path, yaml.safe_dump(tree)))

    assert len(caught.value.problems) == 2


def test_broken_yaml_is_named_by_line_and_never_quoted(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_web_config(written(tmp_path, "basic_auth_users:\n  alice: !hunter2 [\n"))

    (problem,) = caught.value.problems
    assert problem.startswith("line 2, column")
    assert "hunter2" not in problem


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_web_config(tmp_path / "nowhere.yml")

    assert caught.value.problems == ["cannot read the file: No such file or directory"]
