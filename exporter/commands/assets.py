"""`assets`: write the dashboards, rules, examples and installers that belong to this version."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import exporter
from exporter.streams import complain

_PACKAGE = Path(exporter.__file__).parent
_SHIPPED = _PACKAGE / "assets"
_CHECKOUT = _PACKAGE.parent


class AssetsError(Exception):
    """The files cannot be found or written; the message says what to do."""


def assets(output: Path, *, force: bool) -> int:
    """Write every file below a directory, in the folders of the repository.

    Files that are there and equal are left alone.

    Args:
        output: The directory; it is made where it is missing.
        force: Write over files that differ, too.

    Returns:
        0 if all is written or was there, 1 if a file could not be, 2 if nothing was written because
        files differ.
    """
    try:
        wanted = {output / name: content for name, content in shipped().items()}
        differing = [path for path in wanted if _differs(path, wanted[path])]
        if differing and not force:
            _refuse(output, differing)
            return 2
        missing = [path for path in wanted if not path.exists()]
        for path in sorted([*missing, *differing]):
            _write(path, wanted[path])
            print(path)
    except AssetsError as error:
        complain(error)
        return 1
    written = len(missing) + len(differing)
    complain(f"{output}: {written} written, {len(wanted) - written} there already")
    return 0


def shipped() -> Mapping[str, bytes]:
    """Return the files by their path in the repository.

    An installed package has them in a folder of its own; a checkout has them in the tree.

    Raises:
        AssetsError: They are in neither place, or cannot be read.
    """
    origin = _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT
    names = [path.name for path in _SHIPPED.iterdir()] if origin == _SHIPPED else _in_checkout()
    try:
        found = {
            path.relative_to(origin).as_posix(): path.read_bytes()
            for name in names
            for path in _files(origin / name)
        }
    except OSError as error:
        raise AssetsError(f"cannot read {error.filename}: {error.strerror}") from None
    return dict(sorted(found.items()))


def _in_checkout() -> list[str]:
    """Name what the build puts into the package: the table of the build is the only list."""
    project = _CHECKOUT / "pyproject.toml"
    try:
        table = tomllib.loads(project.read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
        return list(table["targets"]["wheel"]["force-include"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        text = f"the files are neither in {_SHIPPED} nor in a checkout: install the package again"
        raise AssetsError(text) from None


def _files(path: Path) -> Iterator[Path]:
    """Yield a file, or those below a folder; links to folders are followed."""
    if not path.is_dir():
        yield path
        return
    for below in sorted(path.iterdir()):
        yield from _files(below)


def _differs(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() != content
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _unwritable(path, error) from None


def _refuse(output: Path, differing: list[Path]) -> None:
    count = f"{len(differing)} files differ" if len(differing) > 1 else "a file differs"
    complain(f"{output}: {count} from those of this version; nothing was written:")
    for path in differing:
        complain(f"  - {path}")
    complain("give another --output, or write over them with --force")


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> AssetsError:
    return AssetsError(f"cannot write {path}: {error.strerror or error}")
