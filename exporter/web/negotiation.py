"""Which format and encoding does a client want? Pure reading of two request headers."""

from collections.abc import Iterator

from exporter.exposition.text import Format

_OPENMETRICS_VERSIONS = ("", "1.0.0", "0.0.1")


def wanted_format(accept: str) -> Format:
    """Choose OpenMetrics where the client prefers it to plain text, as Prometheus does."""
    openmetrics = text = 0.0
    for media, parameters in _ranges(accept):
        weight = _weight(parameters)
        if media == "application/openmetrics-text":
            if parameters.get("version", "").strip('"') in _OPENMETRICS_VERSIONS:
                openmetrics = max(openmetrics, weight)
        elif media in ("text/plain", "text/*", "*/*"):
            text = max(text, weight)
    return Format.OPENMETRICS if openmetrics > 0 and openmetrics >= text else Format.TEXT


def wants_gzip(accept_encoding: str) -> bool:
    """Tell whether the client takes gzip; `gzip;q=0` refuses it."""
    weights = {coding: _weight(parameters) for coding, parameters in _ranges(accept_encoding)}
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _ranges(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    for item in header.split(","):
        name, *parameters = item.split(";")
        pairs = (parameter.partition("=") for parameter in parameters)
        yield name.strip().lower(), {key.strip().lower(): value.strip() for key, _, value in pairs}


def _weight(parameters: dict[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 0.0
