"""A process that holds secrets, in a sandbox that forbids to protect them."""

import ctypes
import resource

import pytest

from exporter.commands.serve import allow_many_files, keep_secrets_in_the_process


@pytest.mark.parametrize("error", [PermissionError(1, "not permitted"), ValueError("not allowed")])
def test_a_sandbox_that_forbids_limits_is_no_reason_to_fail(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    calls: list[tuple[int, ...]] = []

    class Library:
        def prctl(self, *arguments: int) -> int:
            calls.append(arguments)
            return 0

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library())
    monkeypatch.setattr(resource, "setrlimit", refuse)

    keep_secrets_in_the_process()

    assert calls == [(4, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("limits", "raised"),
    [
        ((1024, 524_288), (65_536, 524_288)),
        ((1024, 4096), (4096, 4096)),
        ((1024, resource.RLIM_INFINITY), (65_536, resource.RLIM_INFINITY)),
        ((100_000, 524_288), None),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), None),
    ],
)
def test_as_many_files_may_be_open_as_are_ever_needed(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], raised: tuple[int, int] | None
) -> None:
    found: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: found.append(wanted))

    allow_many_files()

    assert found == ([raised] if raised else [])
