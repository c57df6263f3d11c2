import json
from pathlib import Path

import pytest

from grafana.__main__ import DASHBOARDS, main
from grafana.pages import PAGES


def test_the_files_are_those_of_the_pages(capsys: pytest.CaptureFixture[str]) -> None:
    differs = main(["--check"])

    assert not differs, f"run `make dashboards`:\n{capsys.readouterr().out[:3000]}"


def test_check_shows_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--folder", str(tmp_path)]) == 0
    (tmp_path / "fleet.json").write_text("{}\n")
    (tmp_path / "left_over.json").write_text("{}\n")

    assert main(["--check", "--folder", str(tmp_path)]) == 1

    shown = capsys.readouterr().out
    assert "+++ pages/fleet.json" in shown
    assert "--- dashboards/left_over.json" in shown


def test_writing_removes_what_is_no_page_any_more(tmp_path: Path) -> None:
    (tmp_path / "left_over.json").write_text("{}\n")

    main(["--folder", str(tmp_path)])

    assert {file.stem for file in tmp_path.iterdir()} == PAGES.keys()


def test_files_give_clean_differences() -> None:
    for file in DASHBOARDS.glob("*.json"):
        text = file.read_text()
        again = json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False)
        assert text == f"{again}\n", file.name
