"""Every mistake has a file of its own in `bad/`, which begins with what must be said about it."""

import os
from pathlib import Path

import pytest

from exporter.config.load import load
from tests.config.conftest import TYPES, Problems

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
EXPECT = "# expect: "
HANGS = 60
"""Seconds after which a file is never refused; each takes a fraction of one."""


@pytest.mark.timeout(HANGS)
@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_mistake_in_a_bad_file_is_named_and_no_other(
    path: Path, problems: Problems, secrets: Path
) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix(EXPECT) for line in lines if line.startswith(EXPECT)]

    found = problems(path)

    assert expected
    assert found == [line.replace("${SECRETS}", str(secrets)) for line in expected]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_no_message_quotes_a_secret(path: Path, problems: Problems) -> None:
    text = "\n".join(problems(path))

    assert "hunter" not in text
    assert "from-the-environment" not in text
    assert "from-a-file" not in text


def test_a_missing_file_is_named(problems: Problems, tmp_path: Path) -> None:
    assert problems(tmp_path / "nowhere.yaml") == [
        "cannot read the file: No such file or directory"
    ]


def test_a_directory_in_place_of_a_file_is_named(problems: Problems, tmp_path: Path) -> None:
    assert problems(tmp_path) == ["cannot read the file: Is a directory"]


def test_a_file_that_is_no_text_is_named(problems: Problems, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("sources: []", encoding="utf-16")

    assert problems(path) == ["cannot read the file: it is not UTF-8 text"]


def test_a_secret_file_without_permission_is_named(
    problems: Problems, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, flags: int) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    text = _with_secret_file(secrets / "good")
    monkeypatch.setattr(os, "open", refuse)

    assert problems(text) == [
        f"sources[0].password_file: cannot read the secret file {secrets / 'good'}: "
        "Permission denied"
    ]


def test_a_secret_file_that_no_path_can_name_is_an_error(problems: Problems) -> None:
    (problem,) = problems(_with_secret_file("a\\0b"))

    assert problem.startswith("sources[0].password_file: cannot read the secret file a")


@pytest.mark.timeout(HANGS)
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "a:\n"])
def test_a_file_that_nests_without_end_is_refused(problems: Problems, opening: str) -> None:
    (problem,) = problems(opening * 20_000)

    assert "nested too deeply" in problem or "not valid YAML" in problem


def test_a_number_of_a_thousand_digits_is_refused_in_a_short_message(problems: Problems) -> None:
    for setting in ("timeout: {}d", "max_response_bytes: {}GiB", "concurrency: {}"):
        text = _with_http(setting.format("9" * 1000))

        (problem,) = problems(text)

        assert len(problem) < 200


def test_an_error_shows_every_problem_and_nothing_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("sources: [{name: a, type: ome, password: hunter2}]")

    with pytest.raises(Exception, match=r"sources\[0\]\.url: is missing") as caught:
        load(path, TYPES, {})

    assert "sources[0].username: is missing" in str(caught.value)
    assert "hunter2" not in repr(caught.value)
    assert caught.value.__cause__ is None


def _with_secret_file(path: Path | str) -> str:
    return (
        "sources: [{name: a, type: ome, url: https://ome.example.net, username: u, "
        f'password_file: "{path}"}}]'
    )


def _with_http(setting: str) -> str:
    return (
        "sources: [{name: a, type: ome, url: https://ome.example.net, username: u, "
        f"password: p, http: {{{setting}}}}}]"
    )
