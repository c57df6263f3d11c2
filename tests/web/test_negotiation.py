import pytest

from exporter.exposition.text import Format
from exporter.web.headers import wanted_format, wants_gzip

PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_2_5 = (
    "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMETHEUS_3_TEXT = (
    "text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.2"
)
WITH_PROTOBUF = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
    "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (PROMETHEUS_2, Format.OPENMETRICS),
        (PROMETHEUS_2_5, Format.OPENMETRICS),
        (PROMETHEUS_3, Format.OPENMETRICS),
        (PROMETHEUS_3_TEXT, Format.TEXT),
        (WITH_PROTOBUF, Format.OPENMETRICS),
        (BROWSER, Format.TEXT),
        ("*/*", Format.TEXT),
        ("", Format.TEXT),
        ("text/plain", Format.TEXT),
        ("application/json", Format.TEXT),
        ("application/openmetrics-text", Format.OPENMETRICS),
        ('Application/OpenMetrics-Text; Version="1.0.0"', Format.OPENMETRICS),
        ("application/openmetrics-text;version=2.0.0", Format.TEXT),
        ("application/openmetrics-text;q=0", Format.TEXT),
        ("application/openmetrics-text;q=high", Format.TEXT),
        ("application/openmetrics-text;q=nan", Format.TEXT),
        (";;,,;q=,=;", Format.TEXT),
    ],
)
def test_the_format_is_the_one_that_the_client_prefers(accept: str, wanted: Format) -> None:
    assert wanted_format(accept) is wanted


@pytest.mark.parametrize(
    ("accept_encoding", "wanted"),
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("deflate, GZIP ;q=1.0", True),
        ("x-gzip", True),
        ("*", True),
        ("*;q=0.1", True),
        ("", False),
        ("identity", False),
        ("br, zstd", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *", False),
        ("*;q=0", False),
        ("gzip;q=nonsense", False),
        ("gzip;q=0.001", True),
    ],
)
def test_gzip_is_sent_only_to_those_who_take_it(accept_encoding: str, wanted: bool) -> None:
    assert wants_gzip(accept_encoding) is wanted
