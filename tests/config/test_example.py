"""`config.example.yaml` has every setting once in each section, with the default of the code.

A line `#key: value` is a setting that is commented out; a comment has a space after its #.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from exporter.config.document import tree_of
from exporter.config.load import DEFAULT_LISTEN, Config, parse, warnings
from exporter.config.quantities import duration, listen_address
from exporter.config.source import SourceSettings
from exporter.sources.vendors import SOURCES
from tests.config.conftest import TYPES

TEXT = (Path(__file__).parents[2] / "config.example.yaml").read_text(encoding="utf-8")
LINES = TEXT.splitlines()
COMMENTED = re.compile(r"( *)#([a-z_]+:.*)")
OFF = [number for number, line in enumerate(LINES) if COMMENTED.fullmatch(line)]
IN_PLACE_OF = {
    "url": "region",
    "client_secret_file": "client_secret",
    "password_file": "password",
}
"""Of two settings that exclude each other, the one that is commented out, and the other."""
ENVIRONMENT = {
    "COM_WORKSPACE_ID": "0123456789abcdef0123456789abcdef",
    "COM_CLIENT_ID": "id",
    "COM_CLIENT_SECRET": "planted-secret",
    "OME_USERNAME": "reader",
    "OME_PASSWORD": "planted-password",
}


def with_setting(number: int) -> str:
    """Return the example with one setting in use that is commented out."""
    lines = list(LINES)
    lines[number] = COMMENTED.sub(r"\1\2", lines[number])
    other = IN_PLACE_OF.get(setting_of(number))
    if other:
        lines.pop(next(at for at in range(number - 1, -1, -1) if f" {other}: " in lines[at]))
    return "\n".join(lines)


def setting_of(number: int) -> str:
    return LINES[number].strip("# ").partition(":")[0]


def loaded(text: str, files: Path | None = None) -> Config:
    if files:
        text = re.sub(r"/(?:run/secrets|etc/ssl/certs)/", f"{files}/", text)
    return parse(text, TYPES, ENVIRONMENT, origin="config.example.yaml")


def entries() -> Iterator[tuple[dict[str, Any], dict[str, Any], SourceSettings]]:
    """Yield each source: all its settings, those in use, and what they mean."""
    everything = tree_of("\n".join(COMMENTED.sub(r"\1\2", line) for line in LINES))["sources"]
    used = yaml.safe_load(TEXT)["sources"]
    yield from zip(everything, used, loaded(TEXT).sources, strict=True)


def test_the_example_is_a_valid_configuration_without_warnings() -> None:
    config = loaded(TEXT)

    assert {source.type for source in config.sources} == set(SOURCES)
    assert warnings(config, {name: kind.intervals for name, kind in SOURCES.items()}) == []


def test_every_setting_occurs_exactly_once_in_each_section_where_it_can_stand() -> None:
    """Reading the tree refuses a key that stands there twice."""
    for everything, _, source in entries():
        assert everything["type"] in SOURCES
        _compare(everything, type(source), source.name)


def test_every_top_level_setting_is_there() -> None:
    assert set(yaml.safe_load(TEXT)) == {"listen", "sources"}
    # Which shard this is comes from the command line: the file is the same for each of them.
    assert set(Config.__dataclass_fields__) == {"listen", "sources", "shard"}


def test_every_default_that_is_written_is_that_of_the_code() -> None:
    assert listen_address(yaml.safe_load(TEXT)["listen"]) == DEFAULT_LISTEN
    for _, used, source in entries():
        for name, field in type(source).model_fields.items():
            if name in used and not field.is_required() and name != "collectors":
                _same_as_default(source, name)
        for name, collector in source.by_collector.items():
            written = used["collectors"][name]
            assert duration(written["interval"]) == SOURCES[source.type].intervals[name]
            default = type(collector)(interval=written["interval"])
            assert collector == default, f"{source.name}: {name}"


def test_only_settings_without_default_are_commented_out() -> None:
    for everything, used, source in entries():
        sections = [(everything, used, source), (everything["http"], used["http"], source.http)]
        for written, in_use, model in sections:
            off = {name for name in written if name not in in_use}
            defaults = type(model).model_fields
            assert [name for name in off if defaults[name].get_default() is not None] == []


def test_every_setting_has_a_comment_above_it() -> None:
    bare = [
        line
        for before, line in pairwise(LINES)
        if re.match(r" *#?[a-z_]+:", line) and not re.match(r" *(- )?# ", before)
    ]

    assert bare == []


@pytest.mark.parametrize("number", OFF, ids=lambda number: f"{number + 1}-{setting_of(number)}")
def test_every_setting_that_is_commented_out_can_be_used(number: int, secrets: Path) -> None:
    for name, content in (
        ("com", "good"),
        ("ome", "good"),
        ("proxy-ca.pem", "ca.pem"),
        ("ome.pem", "ca.pem"),
    ):
        (secrets / name).write_bytes((secrets / content).read_bytes())

    config = loaded(with_setting(number), files=secrets)

    changed = [a for a, b in zip(config.sources, loaded(TEXT).sources, strict=True) if a != b]
    assert len(changed) == 1


def test_without_its_environment_the_example_names_every_variable() -> None:
    with pytest.raises(Exception, match="is not set") as caught:
        parse(TEXT, TYPES, {}, origin="config.example.yaml")

    problems = str(caught.value).splitlines()
    assert len(problems) == len(ENVIRONMENT)
    assert all(name in str(caught.value) for name in ENVIRONMENT)


def _compare(section: dict[str, Any], model: type[BaseModel], path: str) -> None:
    assert set(section) == set(model.model_fields), path
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            _compare(section[name], field.annotation, f"{path}.{name}")


def _same_as_default(section: BaseModel, name: str) -> None:
    default = type(section).model_fields[name].get_default()
    value = getattr(section, name)
    if default is not None:
        assert value == default, name
