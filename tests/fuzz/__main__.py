"""Lets the coverage-guided fuzzer drive every target for a bounded time (`make fuzz`)."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]
LEFT = ROOT / ".cache" / "fuzz"
"""Where inputs are collected, and those that fail are left."""
MOST_MEMORY = 2048
"""MiB of one target."""
LONGEST_INPUT = 60
"""Seconds that one input may take."""
_RUNS = re.compile(r"number_of_executed_units: (\d+)")
_EDGES = re.compile(r"cov: (\d+)")


def main() -> int:
    """Run the targets one after the other; 1 if one of them has found something."""
    if importlib.util.find_spec("atheris") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        print(f"skipped: atheris has no wheel for Python {version} here; 3.11 to 3.13 have one")
        return 0
    seconds = int(os.environ.get("FUZZ_SECONDS", "60"))
    chosen = os.environ.get("FUZZ_TARGETS", " ".join(TARGETS)).split()
    found = [_driven(name, TARGETS[name].longest, _seeds(name), seconds) for name in chosen]
    return int(any(found))


def _seeds(name: str) -> Path:
    """Write what a target begins with."""
    folder = LEFT / name / "seeds"
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(TARGETS[name].seeds()):
        (folder / f"{number:04}").write_bytes(data)
    return folder


def _driven(name: str, longest: int, seeds: Path, seconds: int) -> bool:
    """Drive a target, and say how far it came; tell whether it found something."""
    collected = LEFT / name / "inputs"
    collected.mkdir(exist_ok=True)
    options = {
        "max_total_time": seconds,
        "max_len": longest,
        "timeout": LONGEST_INPUT,
        "rss_limit_mb": MOST_MEMORY,
        "artifact_prefix": f"{LEFT / name}/",
        "print_final_stats": 1,
    }
    given = [f"-{key}={value}" for key, value in options.items()]
    folders = [str(collected), str(seeds)]
    command = [sys.executable, "-m", "tests.fuzz.guided", name, *given, *folders]
    ended = subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True, errors="replace"
    )
    runs, edges = (_last(pattern, ended.stderr) for pattern in (_RUNS, _EDGES))
    outcome = _outcome(ended.returncode)
    print(f"{name}: {runs} executions, {edges} edges covered, {outcome}", flush=True)
    if ended.returncode:
        print(_without_noise(ended.stderr), ended.stdout[-3000:], sep="\n")
        print(f"repeat it with: {sys.executable} -m tests.fuzz.guided {name} FILE")
    return ended.returncode != 0


def _last(figure: re.Pattern[str], said: str) -> str:
    return next(iter(reversed(figure.findall(said))), "0")


def _without_noise(said: str) -> str:
    return "\n".join(line for line in said.splitlines() if not line.startswith("INFO: "))[-6000:]


def _outcome(code: int) -> str:
    return "nothing found" if code == 0 else f"FOUND SOMETHING (exit code {code})"


if __name__ == "__main__":
    sys.exit(main())
