"""The walk in CONTRIBUTING.md through adding a metric leads to that metric."""

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import yaml

from exporter.simulators import Simulation
from tests.support.exposition import values

ROOT = Path(__file__).parents[1]
FAMILY = "serverfleet_server_bmc_auto_update"
CHANGE = re.compile(
    r"^```diff\n\+\+\+ (?P<file>\S+)\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL
)


def apply(change: re.Match[str], tree: Path) -> None:
    """Replace the lines of a change that are there by those that shall be there."""
    lines = change["lines"].splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    file = tree / change["file"]
    text = file.read_text()
    assert text.count(before) == 1, change["file"]
    file.write_text(text.replace(before, after))


async def run(tree: Path, *arguments: str) -> str:
    """Run a command of the exporter in a copy of the tree; return what it writes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "exporter", *arguments,
        cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_the_walk_through_adding_a_metric_serves_and_documents_it(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "exporter", tmp_path / "exporter", ignore=shutil.ignore_patterns("__pycache__")
    )
    changes = list(CHANGE.finditer((ROOT / "CONTRIBUTING.md").read_text()))
    for change in changes:
        apply(change, tmp_path)
    simulation = Simulation(servers=40, seed=3)
    async with simulation.serving() as url:
        config = yaml.safe_load(simulation.sources_yaml(url))
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        page = await run(tmp_path, "once", "--config", "config.yaml")
    documented = await run(tmp_path, "metrics")

    assert [change["file"] for change in changes] == [
        "exporter/model/health.py",
        "exporter/catalogue/servers.py",
        "exporter/sources/com/server_record.py",
        "exporter/sources/com/mapping.py",
    ]
    assert set(values(page.encode(), FAMILY)) == {0, 1}
    assert f"| `{FAMILY}` | servers (1m) | `v1/servers` | `autoIloFwUpdate` |" in documented
