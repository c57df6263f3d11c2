"""The promises of SECURITY.md, each with the tests that prove it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.capture.conftest import VENDORS, simulation
from tests.capture.test_nothing_remains import heard

ROOT = Path(__file__).parents[1]
PROMISES = {
    "Credentials": (
        "e2e/test_secrets.py::test_nothing_that_is_repeated_shows",
        "commands/test_run.py::"
        "test_neither_command_line_nor_environment_nor_core_file_shows_a_secret",
        "sources/test_transport.py::test_a_secret_does_not_show_in_a_request_or_an_answer",
        "config/test_plan.py::test_a_plan_shows_no_secret",
        "test_log.py::test_a_traceback_is_one_field_and_shows_no_values_of_variables",
    ),
    "Captures": (
        "capture/test_nothing_remains.py::"
        "test_nothing_of_a_fleet_and_its_configuration_is_in_its_capture",
        "capture/test_nothing_remains.py::test_what_is_planted_in_every_string_field_is_gone",
        "capture/test_odd_identities.py::"
        "test_no_address_or_telephone_number_stays_in_a_declared_field",
    ),
    "Calls": (
        "sources/test_transport.py::test_a_redirect_is_not_followed_and_carries_no_credential_away",
        "sources/com/test_login.py::test_a_login_follows_no_redirect",
        "sources/ome/test_login.py::test_a_login_that_is_redirected_is_not_followed",
    ),
    "Reading only": (
        "test_security.py::test_no_call_of_a_collector_changes_anything",
        "sources/ome/test_login.py::test_closing_logs_out",
    ),
    "Answers": (
        "e2e/test_bad_answers.py::"
        "test_a_bad_inventory_is_a_failure_with_its_reason_and_harms_no_other_source",
        "sources/test_transport.py::test_a_body_that_grows_when_it_is_decompressed_is_stopped",
        "polling/test_runner.py::"
        "test_an_exception_after_collecting_is_one_failed_run_with_a_traceback",
        "polling/test_alert_log.py::"
        "test_a_flood_is_a_bounded_number_of_lines_and_one_that_counts_the_rest",
        "energy/test_exporter.py::test_a_reading_that_no_account_can_hold_costs_itself_alone",
    ),
    "Texts": (
        "web/test_status_page.py::test_hostile_words_stay_words",
        "web/test_status_page.py::test_a_console_that_is_no_plain_address_is_not_linked",
        "web/test_links.py::test_only_a_plain_address_or_host_name_of_a_bmc_is_linked",
        "web/test_links.py::test_the_link_to_grafana_selects_the_server_and_escapes_its_names",
        "exposition/test_render.py::test_a_hostile_name_stays_within_its_label",
        "sources/com/test_servers.py::test_hostile_text_becomes_a_bounded_line",
        "status/test_documents.py::test_hostile_words_are_written_as_json",
    ),
    "Passwords": (
        "web/test_passwords.py::test_only_the_right_password_of_a_known_user_is_right",
        "web/test_passwords.py::test_what_is_remembered_is_bounded_and_no_password",
        "web/test_passwords.py::test_a_changed_hash_or_a_removed_user_counts_at_once",
        "web/test_secured.py::test_every_path_asks_for_the_password",
        "web/test_secured.py::test_a_probe_without_a_password_learns_no_name_of_a_source",
    ),
    "Certificates": (
        "web/test_secured.py::test_clients_are_let_in_by_their_certificate",
        "web/test_secured.py::test_a_client_of_another_authority_is_not_let_in",
    ),
    "Clients": (
        "web/test_limits.py::test_200_slow_scrapers_cost_no_more_memory_than_are_answered",
        "web/test_limits.py::test_wrong_passwords_in_plenty_do_not_stop_a_good_scrape",
        "web/test_crowds.py::test_clients_that_hold_connections_keep_nobody_out",
        "web/test_crowds.py::"
        "test_where_all_connections_are_answered_probes_and_known_users_still_are",
    ),
    "Files": (
        "config/test_files.py::"
        "test_a_file_that_hangs_holds_neither_the_loop_nor_more_than_one_thread",
        "commands/test_usage.py::test_no_file_that_never_ends_keeps_check_from_ending",
        "crash/test_odd_files.py::test_files_that_become_odd_stop_nothing_and_a_signal_ends_it",
        "energy/test_exporter.py::"
        "test_a_text_file_in_place_of_a_state_file_ends_it_with_2_and_stays",
    ),
    "Programs": ("test_security.py::test_no_module_can_run_a_program",),
    "Packages": (
        "test_supply.py::test_every_line_is_an_exact_version_with_hashes_and_no_address",
        "test_supply.py::test_the_image_installs_nothing_else",
    ),
}
READING = {"MetricService/Metrics"}
"""Endpoints of OME whose questions are sent with POST."""
STARTING = {"subprocess", "multiprocessing", "pty", "pexpect", "sh"}
STARTS = re.compile(
    r"\b(?:os\.(?:system|popen|exec\w+|spawn\w+|posix_spawn\w*|fork\w*))\b|create_subprocess"
)


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


def test_every_promise_has_tests_and_every_test_a_promise() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    section = text.partition("## What is promised")[2].partition("\n## ")[0]

    assert re.findall(r"^- \*\*([^*]+)\*\*: ", section, re.MULTILINE) == list(PROMISES)


@pytest.mark.parametrize("promise", PROMISES)
def test_the_tests_of_a_promise_exist(promise: str) -> None:
    for name in PROMISES[promise]:
        file, _, test = name.partition("::")
        assert test in names_in(file), name


@pytest.mark.parametrize("vendor", VENDORS)
async def test_no_call_of_a_collector_changes_anything(vendor: str) -> None:
    calls = {(each.method, each.endpoint) for each in await heard(simulation(servers=6), vendor)}

    assert len(calls) > 5
    assert {endpoint for method, endpoint in calls if method != "GET"} <= READING


def test_no_module_can_run_a_program() -> None:
    for file in sorted((ROOT / "exporter").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        assert not STARTS.search(text), file
        for node in ast.walk(ast.parse(text)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not STARTING & {name.partition(".")[0] for name in names}, file
