import re

import pytest

from exporter.catalogue import (
    FAMILIES,
    SERVER_FAMILIES,
    SOURCE_FAMILIES,
    Family,
    Scope,
)
from exporter.exposition.text import UNITS, unit_of

ROWS = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
DATA_ROWS = pytest.mark.parametrize(
    "family", [*SERVER_FAMILIES, *SOURCE_FAMILIES], ids=lambda family: family.name
)

SERVER = ("source", "vendor", "serial", "server")
SOURCE = ("source", "vendor")
PROMISED = {
    "serverfleet_server_info": (
        *SERVER,
        "id",
        "model",
        "generation",
        "processor",
        "hostname",
        "os",
        "bmc_address",
        "bmc_model",
        "bmc_version",
        "chassis",
        "device_type",
    ),
    "serverfleet_server_health": (*SERVER, "state"),
    "serverfleet_server_component_health_severity": (*SERVER, "component"),
    "serverfleet_server_redundancy": (*SERVER, "component", "state"),
    "serverfleet_server_power_state": (*SERVER, "state"),
    "serverfleet_server_connected": SERVER,
    "serverfleet_server_managed": SERVER,
    "serverfleet_server_maintenance": SERVER,
    "serverfleet_server_memory_bytes": SERVER,
    "serverfleet_server_inventory_timestamp_seconds": SERVER,
    "serverfleet_server_subscription": (*SERVER, "state"),
    "serverfleet_server_subscription_end_timestamp_seconds": (*SERVER, "tier"),
    "serverfleet_server_firmware_update": (*SERVER, "state"),
    "serverfleet_server_alerts": (*SERVER, "severity"),
    "serverfleet_server_power_watts": SERVER,
    "serverfleet_server_power_last_hour_average_watts": SERVER,
    "serverfleet_server_power_last_day_average_watts": SERVER,
    "serverfleet_server_power_peak_watts": SERVER,
    "serverfleet_server_power_minimum_watts": SERVER,
    "serverfleet_server_power_headroom_watts": SERVER,
    "serverfleet_server_energy_joules_total": SERVER,
    "serverfleet_server_energy_last_hour_joules": SERVER,
    "serverfleet_server_energy_last_day_joules": SERVER,
    "serverfleet_server_co2e_last_hour_grams": SERVER,
    "serverfleet_server_co2e_last_day_grams": SERVER,
    "serverfleet_server_energy_cost_last_hour": (*SERVER, "currency"),
    "serverfleet_server_energy_cost_last_day": (*SERVER, "currency"),
    "serverfleet_server_temperature_celsius": (*SERVER, "sensor"),
    "serverfleet_server_location_info": (*SERVER, "location", "room", "aisle", "rack", "slot"),
    "serverfleet_server_utilization_ratio": (*SERVER, "resource"),
    "serverfleet_server_group_info": (*SERVER, "group"),
    "serverfleet_server_firmware_info": (*SERVER, "component", "version"),
    "serverfleet_server_firmware_compliance": (*SERVER, "state"),
    "serverfleet_server_firmware_compliance_score_ratio": SERVER,
    "serverfleet_server_firmware_noncompliant_components": (*SERVER, "criticality"),
    "serverfleet_server_config_compliance": (*SERVER, "state"),
    "serverfleet_server_warranty_end_timestamp_seconds": SERVER,
    "serverfleet_source_jobs": (*SOURCE, "state"),
    "serverfleet_source_appliances": (*SOURCE, "kind", "state"),
    "serverfleet_group_servers": (*SOURCE, "group"),
    "serverfleet_group_health": (*SOURCE, "group", "state"),
    "serverfleet_group_compliance": (*SOURCE, "group", "state"),
    "serverfleet_source_info": (*SOURCE, "type", "version", "url"),
    "serverfleet_source_up": SOURCE,
    "serverfleet_source_servers": SOURCE,
    "serverfleet_source_servers_reported": SOURCE,
    "serverfleet_source_alerts": (*SOURCE, "severity"),
    "serverfleet_source_alerts_unassigned": (*SOURCE, "severity"),
    "serverfleet_source_energy_last_hour_end_timestamp_seconds": SOURCE,
    "serverfleet_source_energy_last_day_end_timestamp_seconds": SOURCE,
    "serverfleet_source_tls_verification_enabled": SOURCE,
    "serverfleet_source_certificate_not_after_timestamp_seconds": SOURCE,
    **{
        f"serverfleet_collector_{name}": ("source", "collector", *more)
        for name, *more in (
            ("success",),
            ("last_run_timestamp_seconds",),
            ("last_success_timestamp_seconds",),
            ("interval_seconds",),
            ("duration_seconds",),
            ("consecutive_failures",),
            ("last_run_requests",),
            ("last_run_records",),
            ("last_run_skipped_records",),
            ("data_served",),
            ("runs_total",),
            ("failures_total", "reason"),
        )
    },
    **{
        f"serverfleet_api_{name}": ("source", *more)
        for name, *more in (
            ("requests_total", "endpoint", "code"),
            ("request_duration_seconds", "endpoint"),
            ("retries_total", "reason"),
            ("needed_requests_per_second",),
            ("limit_requests_per_second",),
            ("logins_total",),
            ("login_failures_total",),
            ("token_expiry_timestamp_seconds",),
            ("response_bytes_total",),
        )
    },
    "serverfleet_build_info": ("version", "python"),
    "serverfleet_config_last_reload_successful": (),
    "serverfleet_config_last_reload_success_timestamp_seconds": (),
    "serverfleet_exposition_series": (),
    "serverfleet_exposition_bytes": ("encoding",),
    "serverfleet_series_dropped_total": ("reason",),
    "serverfleet_event_loop_lag_seconds": (),
}
STATES = {
    "serverfleet_server_health": ("ok", "warning", "critical", "unknown"),
    "serverfleet_server_redundancy": ("redundant", "non_redundant", "failed"),
    "serverfleet_server_power_state": ("on", "off", "powering_on", "powering_off", "unknown"),
    "serverfleet_server_subscription": ("subscribed", "required", "expired"),
    "serverfleet_server_firmware_update": ("ok", "failed", "skipped", "not_updated"),
}


@pytest.mark.parametrize(("name", "labels"), PROMISED.items(), ids=PROMISED)
def test_a_promised_family_exists_with_its_labels(name: str, labels: tuple[str, ...]) -> None:
    (family,) = [family for family in FAMILIES if family.name == name]

    assert family.all_labels == labels


@pytest.mark.parametrize(("name", "states"), STATES.items(), ids=STATES)
def test_a_one_hot_family_has_the_promised_states(name: str, states: tuple[str, ...]) -> None:
    (family,) = [family for family in FAMILIES if family.name == name]

    assert family.states == states


def test_names_are_unique() -> None:
    names = [family.name for family in FAMILIES]

    assert len(names) == len(set(names))


@ROWS
def test_a_name_has_the_prefix_and_only_lower_case_words(family: Family) -> None:
    assert re.fullmatch(r"serverfleet(_[a-z0-9]+)+", family.name)


@ROWS
def test_a_help_is_a_sentence_on_one_line(family: Family) -> None:
    assert family.help[0].isupper()
    assert family.help.endswith(".")
    assert family.help == " ".join(family.help.split())


@ROWS
def test_only_a_counter_ends_in_total(family: Family) -> None:
    assert (family.kind == "counter") == family.name.endswith("_total")


@ROWS
def test_a_unit_is_the_last_word_of_the_name_and_stands_nowhere_else(family: Family) -> None:
    words = family.name.removesuffix("_total").split("_")

    unit = unit_of(family)

    assert not set(words[:-1]) & set(UNITS)
    assert unit == (words[-1] if words[-1] in UNITS else "")


@ROWS
def test_a_point_in_time_says_so(family: Family) -> None:
    assert ("Unix time" in family.help) == family.name.endswith("_timestamp_seconds")


@ROWS
def test_label_keys_are_unique_and_none_is_a_target_label_of_prometheus(family: Family) -> None:
    labels = family.all_labels

    assert len(labels) == len(set(labels))
    assert not {"job", "instance", "le", "quantile"} & set(labels)
    assert all(re.fullmatch(r"[a-z][a-z_]*", label) for label in labels)


@ROWS
def test_the_label_state_stands_for_a_closed_set_of_states(family: Family) -> None:
    # The counts of jobs and appliances have a state too, but are not one-hot.
    counted = family.name in ("serverfleet_source_jobs", "serverfleet_source_appliances")
    assert ("state" in family.labels) == (bool(family.states) or counted)
    assert len(family.states) == len(set(family.states))


@DATA_ROWS
def test_a_row_of_data_names_its_facet_and_how_to_read_it(family: Family) -> None:
    assert family.facet is not None
    assert family.read is not None
    assert family.scope in (Scope.SERVER, Scope.SOURCE)


@DATA_ROWS
def test_a_row_of_data_says_that_it_is_cached(family: Family) -> None:
    assert "Cached at the interval of" in family.help


@pytest.mark.parametrize(
    "family",
    [family for family in FAMILIES if family not in (*SERVER_FAMILIES, *SOURCE_FAMILIES)],
    ids=lambda family: family.name,
)
def test_a_row_that_is_kept_live_reads_no_facet(family: Family) -> None:
    assert family.facet is None
    assert family.read is None


@ROWS
def test_only_a_histogram_has_buckets_and_they_rise(family: Family) -> None:
    assert (family.kind == "histogram") == bool(family.buckets)
    assert list(family.buckets) == sorted(set(family.buckets))


@ROWS
def test_an_info_family_is_a_gauge_that_says_it_is_always_one(family: Family) -> None:
    assert family.name.endswith("_info") == ("always 1" in family.help)
    assert not family.name.endswith("_info") or family.kind == "gauge"


def test_every_scope_begins_with_its_source_except_the_exporter_itself() -> None:
    scopes = [scope for scope in Scope if scope.labels[:1] != ("source",)]

    assert scopes == [Scope.EXPORTER]
