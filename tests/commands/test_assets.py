"""`assets`: the files of this version, and never over those that somebody has changed."""

from pathlib import Path

import pytest

from exporter.cli import main
from exporter.commands import assets as command

ROOT = Path(__file__).parents[2]
RULES = "prometheus/rules/thresholds.yml"
PANEL = "grafana/dashboards/fleet.json"


def written(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_every_file_is_that_of_the_repository(tmp_path: Path) -> None:
    assert main(["assets", "--output", str(tmp_path / "new" / "folder")]) == 0

    found = written(tmp_path / "new" / "folder")
    assert {name: (ROOT / name).read_bytes() for name in found} == found
    for folder, pattern in (
        ("grafana/dashboards", "*.json"),
        ("grafana/provisioning", "*/*.yml"),
        ("prometheus", "**/*.yml"),
        ("deploy/systemd", "*"),
        ("deploy/helm/serverfleet-exporter/templates", "*"),
    ):
        wanted = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob(pattern)}
        assert wanted
        assert wanted <= set(found)
    assert {"config.example.yaml", "deploy/compose.yaml", "deploy/web-config.example.yml"} <= set(
        found
    )


def test_nothing_else_of_the_folders_is_given_away(tmp_path: Path) -> None:
    main(["assets", "--output", str(tmp_path)])

    assert {path.name for path in tmp_path.iterdir()} == {
        *("config.example.yaml", "deploy", "grafana", "prometheus")
    }
    assert not [name for name in written(tmp_path) if name.endswith(".py")]


def test_it_names_each_file_that_it_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["assets", "--output", str(tmp_path)])

    said = capsys.readouterr()
    named = {Path(line) for line in said.out.splitlines()}
    assert named == {tmp_path / name for name in written(tmp_path)}
    assert said.err == f"{tmp_path}: {len(named)} written, 0 there already\n"


def test_what_is_there_and_equal_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["assets", "--output", str(tmp_path)])
    (tmp_path / PANEL).unlink()
    capsys.readouterr()

    assert main(["assets", "--output", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{tmp_path / PANEL}\n"


def test_one_changed_file_keeps_all_from_being_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / RULES
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")

    assert main(["assets", "--output", str(tmp_path)]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert str(mine) in said.err
    assert "--force" in said.err
    assert written(tmp_path) == {RULES: b"mine"}


def test_force_writes_over_changed_files(tmp_path: Path) -> None:
    main(["assets", "--output", str(tmp_path)])
    (tmp_path / RULES).write_text("mine")

    assert main(["assets", "--output", str(tmp_path), "--force"]) == 0
    assert (tmp_path / RULES).read_bytes() == (ROOT / RULES).read_bytes()


@pytest.mark.parametrize("place", ["", "grafana", "grafana/dashboards/fleet.json/x"])
def test_what_cannot_be_written_is_named(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out"
    blocking = target / place if not place.endswith("x") else target / place / "y"
    blocking.parent.mkdir(parents=True, exist_ok=True)
    blocking.write_text("in the way")

    assert main(["assets", "--output", str(target)]) == 1

    said = capsys.readouterr()
    assert said.err.startswith(f"cannot write {target}")
    assert "irectory" in said.err


def test_a_package_without_its_files_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_SHIPPED", tmp_path / "nowhere")
    monkeypatch.setattr(command, "_CHECKOUT", tmp_path)

    assert main(["assets", "--output", str(tmp_path / "out")]) == 1
    assert "install the package again" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
