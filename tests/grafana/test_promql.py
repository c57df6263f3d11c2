"""A real parser takes every expression."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.grafana.boards import FOLDER
from tests.grafana.queries import queries

SAMPLE = {
    "vendor": ".*",
    "source": "(emea|plant-1)",
    "model": "(PowerEdge R750|ProLiant DL380 Gen11)",
    "server": "web-1",
    "serial": "ABC1234",
    "instance": r"exporter\\.example\\.net:10450",
    "price": "0.20",
    "grams": "380",
    "pue": "1.5",
    "idle": "20",
}


@pytest.mark.tool(promtool="prometheus")
def test_every_expression_is_correct(tmp_path: Path, board: dict[str, Any]) -> None:
    asked = [each for each in queries(FOLDER, SAMPLE) if each.dashboard == board["title"]]
    rules = [
        {"record": f"query:number:{number}", "expr": query.expression}
        for number, query in enumerate(asked, start=1)
    ]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"groups": [{"name": board["uid"], "rules": rules}]}))

    checked = subprocess.run(  # noqa: S603 - the installed program, on a file of ours
        [str(shutil.which("promtool")), "check", "rules", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )

    listed = "\n".join(f"rule {number}: {query}" for number, query in enumerate(asked, start=1))
    assert checked.returncode == 0, f"{checked.stdout}{checked.stderr}\n{listed}"
    assert asked
