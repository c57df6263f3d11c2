"""What a good file means."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.config.load import Config, load, parse, warnings
from exporter.config.source import SourceSettings
from exporter.model import AlertSeverity
from exporter.sources.alerts import AlertSettings
from exporter.sources.com.settings import ComSettings
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.vendors import SOURCES
from tests.config.conftest import TYPES, Parse

DEFAULTS = {name: kind.intervals for name, kind in SOURCES.items()}
WORKSPACE = "0123456789abcdef0123456789abcdef"


def severities_of(source: SourceSettings) -> tuple[AlertSeverity, ...]:
    alerts = source.by_collector["alerts"]
    assert isinstance(alerts, AlertSettings)
    return alerts.severities


def com_of(config: Config) -> ComSettings:
    (source,) = config.sources
    assert isinstance(source, ComSettings)
    return source


def ome_of(config: Config) -> OmeSettings:
    (source,) = config.sources
    assert isinstance(source, OmeSettings)
    return source


def test_a_variable_is_taken_from_the_environment(com: Parse) -> None:
    source = com_of(com(client_id="${SECRET}", client_secret="a-${SECRET}-b"))

    assert source.client_id == "from-the-environment"
    assert source.secret.read() == "a-from-the-environment-b"


def test_two_dollars_are_one_and_make_no_variable(com: Parse) -> None:
    source = com_of(com(client_secret="$$ $${SECRET} $$$${SECRET}"))

    assert source.secret.read() == "$ ${SECRET} $${SECRET}"


def test_a_dollar_before_anything_but_a_brace_is_a_dollar(com: Parse) -> None:
    assert com_of(com(client_secret="pa$SECRET$")).secret.read() == "pa$SECRET$"


def test_a_variable_within_the_value_of_a_variable_stays_as_it_is(parse_text: Parse) -> None:
    text = (
        'sources: [{name: a, type: com, region: us-west, client_id: a, client_secret: "${OUTER}"}]'
    )

    config = parse_text(text, OUTER="${SECRET} $$")

    assert com_of(config).secret.read() == "${SECRET} $$"


def test_a_variable_can_hold_a_number_a_switch_and_a_duration(com: Parse) -> None:
    config = parse(
        "sources: [{name: a, type: com, region: us-west, client_id: a, client_secret: a, http: "
        '{concurrency: "${N}", insecure_skip_verify: "${YES}", timeout: "${T}"}}]',
        TYPES,
        {"N": "7", "YES": "true", "T": "5s"},
        origin="test",
    )

    http = com_of(config).http
    assert (http.concurrency, http.insecure_skip_verify, http.timeout) == (7, True, 5.0)


def test_a_key_is_never_expanded(parse_text: Parse) -> None:
    with pytest.raises(Exception, match=r"\$\{SECRET\}: unknown setting"):
        parse_text('"${SECRET}": 1\nsources: [{name: a}]')


@settings(deadline=None)
@given(secret=st.text(st.characters(codec="utf-8"), min_size=1))
def test_every_secret_of_the_environment_arrives_unchanged(secret: str) -> None:
    text = 'sources: [{name: a, type: com, region: us-west, client_id: a, client_secret: "${ANY}"}]'

    config = parse(text, TYPES, {"ANY": secret}, origin="test")

    assert com_of(config).secret.read() == secret


def test_settings_that_are_shared_by_an_alias_or_a_merge_arrive_in_both_sources(
    parse_text: Parse,
) -> None:
    config = parse_text(
        """
        sources:
          - name: a
            type: ome
            url: https://a.example.net
            username: reader
            password: ${SECRET}
            http: &http {timeout: 5s, concurrency: 2}
          - name: b
            type: ome
            url: https://b.example.net
            username: reader
            password: ${SECRET}
            http: {<<: *http, concurrency: 3}
        """
    )

    assert [source.http.timeout for source in config.sources] == [5.0, 5.0]
    assert [source.http.concurrency for source in config.sources] == [2, 3]


def test_a_date_is_a_string_like_any_other(parse_text: Parse) -> None:
    config = parse_text(
        "sources: [{name: a, type: com, region: us-west, client_id: 2024-99-99, "
        "client_secret: 2024-01-01}]"
    )

    assert com_of(config).client_id == "2024-99-99"
    assert com_of(config).secret.read() == "2024-01-01"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (":10450", ("", 10450)),
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("exporter.example.net:1", ("exporter.example.net", 1)),
        ("[::1]:65535", ("::1", 65535)),
        ("[::]:0", ("::", 0)),
    ],
)
def test_every_form_of_a_listen_address_is_understood(
    parse_text: Parse, written: str, address: tuple[str, int]
) -> None:
    config = parse_text(
        f'listen: "{written}"\nsources: [{{name: a, type: com, region: us-west, client_id: a, '
        "client_secret: a}]"
    )

    assert config.listen == address


def test_without_settings_the_documented_defaults_apply(com: Parse, ome: Parse) -> None:
    config = com()
    http = com_of(config).http

    assert config.listen == ("", 10450)
    assert (http.timeout, http.concurrency, http.requests_per_minute) == (30.0, 4, 0)
    assert http.max_response_bytes == 64 * 1024 * 1024
    assert ome_of(ome()).device_types == (1000,)
    assert ome_of(ome()).timezone is None
    assert severities_of(ome_of(ome())) == (AlertSeverity.CRITICAL, AlertSeverity.WARNING)


def test_a_region_gives_the_address(com: Parse) -> None:
    assert com_of(com(region="us-west")).api == "https://us-west.api.greenlake.hpe.com"


def test_an_address_loses_the_slash_at_its_end(ome: Parse) -> None:
    assert ome_of(ome(url="https://ome.example.net/proxy/")).api == "https://ome.example.net/proxy"


def test_the_token_endpoint_follows_the_workspace_unless_it_is_set(com: Parse) -> None:
    legacy = com_of(com()).token_address
    workspace = com_of(com(workspace_id=WORKSPACE)).token_address
    own = com_of(com(workspace_id=WORKSPACE, token_url="https://sso.example.net/t")).token_address

    assert legacy == "https://sso.common.cloud.hpe.com/as/token.oauth2"
    assert workspace.endswith(f"/{WORKSPACE}/token")
    assert own == "https://sso.example.net/t"


def test_a_workspace_id_may_have_hyphens_and_capitals(com: Parse) -> None:
    source = com_of(com(workspace_id="01234567-89AB-CDEF-0123-456789ABCDEF"))

    assert source.workspace_id == WORKSPACE


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "127.8.9.1", "localhost", "[::1]:8080"])
def test_plaintext_is_allowed_to_this_machine(com: Parse, ome: Parse, host: str) -> None:
    assert ome_of(ome(url=f"http://{host}")).url == f"http://{host}"
    assert com_of(com(token_url=f"http://{host}")).token_url == f"http://{host}"


@pytest.mark.parametrize("allowed", [True, "${YES}"])
def test_plaintext_is_allowed_where_the_configuration_says_so(
    environment: dict[str, str], ome: Parse, allowed: bool | str
) -> None:
    environment["YES"] = "true"

    source = ome_of(ome(url="http://ome.example.net", http={"allow_plaintext": allowed}))

    assert source.api == "http://ome.example.net"


def test_a_secret_file_is_read_anew_each_time(ome: Parse, secrets: Path) -> None:
    source = ome_of(ome(password=None, password_file=str(secrets / "good")))
    before = source.secret.read()
    (secrets / "good").write_text("rotated\r\n")

    assert (before, source.secret.read()) == ("from-a-file", "rotated")


def test_a_secret_file_keeps_its_spaces(ome: Parse, secrets: Path) -> None:
    (secrets / "good").write_text("  two words \n")

    source = ome_of(ome(password=None, password_file=str(secrets / "good")))

    assert source.secret.read() == "  two words "


def test_a_ca_file_with_certificates_is_accepted(ome: Parse, secrets: Path) -> None:
    source = ome_of(ome(http={"ca_file": str(secrets / "ca.pem")}))

    assert source.http.ca_file
    assert source.http.ca_file.path == secrets / "ca.pem"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "sources: [{name: a, type: com, region: us-west, client_id: ä, client_secret: a}]",
        encoding="utf-8-sig",
    )

    assert com_of(load(path, TYPES, {})).client_id == "ä"


def test_no_secret_shows_in_any_form_of_the_configuration(com: Parse, secrets: Path) -> None:
    planted = ["hunter2", "proxy-pw", "from-a-file", "from-the-environment"]
    configs = [
        com(client_secret="hunter2", http={"proxy": "http://u:proxy-pw@proxy:3128"}),
        com(client_secret="${SECRET}"),
        com(client_secret=None, client_secret_file=str(secrets / "good")),
    ]

    for config in configs:
        source = com_of(config)
        shown = " ".join(
            [
                repr(config),
                str(config),
                repr(source),
                str(source),
                repr(source.secret),
                str(source.secret),
                f"{source.http!r}{source.http}",
                source.model_dump_json(),
                str(source.model_dump()),
            ]
        )
        assert [secret for secret in planted if secret in shown] == []


def test_secrets_are_equal_when_they_come_from_the_same_place(com: Parse, secrets: Path) -> None:
    file = str(secrets / "good")
    text, same = com_of(com()).secret, com_of(com()).secret
    in_file = com_of(com(client_secret=None, client_secret_file=file)).secret

    assert text == same
    assert hash(text) == hash(same)
    assert text != in_file
    assert text != "from-the-environment"


def test_an_unchanged_file_gives_an_equal_configuration(com: Parse) -> None:
    assert com() == com()
    assert com() != com(client_id="other")


def test_a_short_interval_is_allowed_with_a_warning(com: Parse) -> None:
    config = com(collectors={"servers": {"interval": "14s"}, "alerts": {"interval": "15s"}})

    assert warnings(config, DEFAULTS) == ["emea: servers every 14 s asks a lot of the API"]


def test_a_collector_that_is_switched_off_is_not_warned_about(com: Parse) -> None:
    config = com(collectors={"alerts": {"enabled": False, "interval": "1s"}})

    assert warnings(config, DEFAULTS) == []


def test_a_certificate_that_is_not_verified_is_warned_about(ome: Parse) -> None:
    config = ome(http={"insecure_skip_verify": True})

    assert warnings(config, DEFAULTS) == ["fra: its certificate is not verified; ca_file is better"]


def test_the_defaults_call_for_no_warning(com: Parse, ome: Parse) -> None:
    assert warnings(com(), DEFAULTS) == []
    assert warnings(ome(), DEFAULTS) == []


def test_a_severity_that_is_named_twice_counts_once(ome: Parse) -> None:
    source = ome_of(ome(collectors={"alerts": {"severities": ["info", "critical", "info"]}}))

    assert severities_of(source) == (AlertSeverity.INFO, AlertSeverity.CRITICAL)
