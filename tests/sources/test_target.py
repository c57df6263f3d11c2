"""Which proxy of the environment would be used, if any were."""

import pytest
from yarl import URL

from exporter.config.source import HttpSettings
from exporter.sources.target import Target

PROXY = "http://me:planted-word@proxy.example.net:3128"


def target(environ: dict[str, str], url: str = "https://ome.example.net") -> Target:
    return Target(URL(url), HttpSettings(), environ)


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": PROXY}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": ""}, ""),
        ({"HTTPS_PROXY": PROXY, "https_proxy": PROXY}, "https_proxy"),
        ({"ALL_PROXY": PROXY}, "ALL_PROXY"),
        ({"HTTP_PROXY": PROXY}, ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "ome.example.net"}, ""),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "10.0.0.0, .example.net"}, ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "example.com,ample.net,"}, "HTTPS_PROXY"),
    ],
)
def test_the_variable_of_a_proxy_is_named_where_it_would_count(
    environ: dict[str, str], name: str
) -> None:
    assert target(environ).unused_proxy == name


def test_a_plain_address_has_a_variable_of_its_own() -> None:
    assert target({"HTTP_PROXY": PROXY}, "http://127.0.0.1").unused_proxy == "HTTP_PROXY"


def test_nothing_of_the_environment_shows() -> None:
    assert "planted-word" not in repr(target({"HTTPS_PROXY": PROXY}))
