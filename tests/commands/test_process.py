"""A process that holds secrets, in a sandbox that forbids to protect them."""

import ctypes
import resource

import pytest

from exporter.commands.process import keep_secrets_in_the_process


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
