"""The compose stack holds together: what it mounts is there, and what it runs can be run."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.cli import main

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy" / "compose.yaml"
STACK: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
SERVICES: dict[str, dict[str, Any]] = STACK["services"]


def mounts(service: str) -> list[tuple[str, str, bool]]:
    """Return source, target and whether it is read-only, of each mount of a service."""
    found = []
    for mount in SERVICES[service].get("volumes", ()):
        source, target, *mode = mount.split(":")
        found.append((source, target, mode == ["ro"]))
    return found


def test_the_four_programs_are_there() -> None:
    assert set(SERVICES) == {"exporter", "prometheus", "alertmanager", "grafana"}


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mounted_is_there_and_cannot_be_changed(service: str) -> None:
    for source, _, read_only in mounts(service):
        if source.startswith("."):
            assert (COMPOSE.parent / source).resolve().is_dir(), source
            assert read_only, source
        else:
            assert source in STACK["volumes"]


@pytest.mark.parametrize("service", SERVICES)
def test_images_of_others_are_pinned_to_a_version(service: str) -> None:
    image = SERVICES[service]["image"]
    assert "build" in SERVICES[service] or image.rpartition(":")[2][-1].isdigit()


def test_nothing_listens_beyond_this_machine() -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["exporter"]["ports"])
    for name, service in SERVICES.items():
        assert name == "exporter" or service["network_mode"] == "service:exporter"


def test_files_named_in_commands_and_environment_are_mounted() -> None:
    for name, service in SERVICES.items():
        words = [*service["command"]] if "command" in service else []
        words += service.get("environment", {}).values()
        for word in words:
            path = word.rpartition("=")[2]
            if path.endswith((".yml", ".json")):
                [source] = [
                    COMPOSE.parent / mounted / path.removeprefix(target).lstrip("/")
                    for mounted, target, _ in mounts(name)
                    if path.startswith(target + "/") and mounted.startswith(".")
                ]
                assert source.is_file(), path


def test_the_dashboards_are_where_the_provisioning_looks_for_them() -> None:
    provider = yaml.safe_load(
        next((ROOT / "grafana/provisioning/dashboards").glob("*.yml")).read_text()
    )
    [folder] = [entry["options"]["path"] for entry in provider["providers"]]
    assert ("../grafana/dashboards", folder, True) in mounts("grafana")


def test_the_exporters_command_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*SERVICES["exporter"]["command"], "--help"])
    assert end.value.code == 0
    assert "--servers" in capsys.readouterr().out


def test_the_image_prepares_the_directory_of_the_state_file_for_its_user() -> None:
    # A new volume takes its owner from the directory that it is mounted over.
    text = (ROOT / "Dockerfile").read_text()
    [directory] = [
        mount.split(":")[1]
        for mount in with_your_own_sources()["services"]["exporter"]["volumes"]
        if mount.startswith("exporter:")
    ]
    assert f"RUN install -d -o 65534 -g 65534 -m 0700 {directory}\n" in text
    assert "\nUSER 65534:65534\n" in text


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_has_rights_that_it_does_not_need(service: str) -> None:
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"exporter"}))
def test_each_service_is_asked_for_its_health_at_a_port_of_this_machine(service: str) -> None:
    address = SERVICES[service]["healthcheck"]["test"][-1]
    ports = {port.rpartition(":")[2] for port in SERVICES["exporter"]["ports"]}
    assert address.partition("http://localhost:")[2].partition("/")[0] in ports


def with_your_own_sources() -> dict[str, Any]:
    """Return the stack as the comments in it say."""
    text = COMPOSE.read_text().replace("    command: [demo", "    # command: [demo")
    for key in (
        "command: [run",
        "volumes: [",
        "secrets: [",
        "secrets:",
        "  com:",
        "  ome:",
        "exporter:",
    ):
        text = text.replace(f"# {key}", key)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_the_lines_for_your_own_sources_hold_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = with_your_own_sources()
    exporter = stack["services"]["exporter"]
    assert set(exporter["secrets"]) == set(stack["secrets"]) == {"com", "ome"}
    command, option, config, *state = exporter["command"]
    assert state[0] == "--state.file"
    (_, mounted, mode), (volume, directory) = (each.split(":") for each in exporter["volumes"])
    assert (mounted, mode) == (config, "ro")
    assert volume in stack["volumes"]
    assert directory == str(Path(state[1]).parent)
    assert main([command, option, str(tmp_path / "none.yaml"), *state]) == 2
    assert "none.yaml" in capsys.readouterr().err
