"""What large answers took for a while is given back."""

import platform
import subprocess
import sys

import pytest

ROUNDS = """
import sys
from pathlib import Path
from exporter.memory import give_back_large_buffers

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

if sys.argv[1] == "given back":
    give_back_large_buffers()
before, kept = resident(), []
for _ in range(3):
    large = []
    for _ in range(30):
        large.append(b"x" * 3_000_000)
        kept.append([object() for _ in range(3_000)])
    del large
print(resident() - before)
"""


def grown(how: str) -> float:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", ROUNDS, how], capture_output=True, check=True, encoding="utf-8"
    )
    return float(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_large_buffers_between_small_objects_are_given_back() -> None:
    small = 30.0
    assert grown("given back") < small
    assert grown("by itself") > small, "the C library has learned it: the call can go"
