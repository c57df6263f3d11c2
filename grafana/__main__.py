"""How do the dashboards become files, and are the files in step?"""

import argparse
import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

from grafana.pages import PAGES
from grafana.parts.page import document

DASHBOARDS = Path(__file__).parent / "dashboards"


def main(arguments: list[str] | None = None) -> int:
    """Write the dashboards, or with `--check` only compare them."""
    parser = argparse.ArgumentParser(prog="python -m grafana", description=__doc__)
    parser.add_argument("--check", action="store_true", help="show what differs and write nothing")
    parser.add_argument("--folder", type=Path, default=DASHBOARDS, help="where the files are")
    options = parser.parse_args(arguments)
    return check(options.folder) if options.check else write(options.folder)


def documents() -> dict[str, str]:
    """Give the text of every dashboard by its file name."""
    return {f"{name}.json": document(page()) for name, page in PAGES.items()}


def write(folder: Path) -> int:
    """Make the files of the folder those of the pages."""
    wanted = documents()
    for file in sorted(folder.glob("*.json")):
        if file.name not in wanted:
            file.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


def check(folder: Path) -> int:
    """Show how the files differ from the pages."""
    lines = list(_differences(folder))
    sys.stdout.writelines(lines)
    return 1 if lines else 0


def _differences(folder: Path) -> Iterator[str]:
    wanted = documents()
    present = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.json")}
    for name in sorted(wanted.keys() | present.keys()):
        yield from difflib.unified_diff(
            present.get(name, "").splitlines(keepends=True),
            wanted.get(name, "").splitlines(keepends=True),
            fromfile=f"dashboards/{name}",
            tofile=f"pages/{name}",
        )


if __name__ == "__main__":
    sys.exit(main())
