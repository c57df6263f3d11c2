"""What does not fit a model, in words that say where and what to do?"""

import difflib
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

WORDS = {
    "missing": "is missing",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "string_type": "must be a string; put it in quotes",
    "string_pattern_mismatch": "use lower-case letters, digits, '_', '.' and '-', "
    "beginning with a letter or digit",
    "path_type": "must be the path of a file",
    "model_type": "must be a mapping of settings",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
}

ModelT = TypeVar("ModelT", bound=BaseModel)


def checked(model: type[ModelT], tree: Any, path: str, problems: list[str]) -> ModelT | None:
    """Fit values to a model; what does not fit is added to `problems`, each with its path."""
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        problems.extend(_problem(model, detail, path) for detail in error.errors(include_url=False))
    return None


def _problem(model: type[BaseModel], detail: ErrorDetails, path: str) -> str:
    where = path
    for step in detail["loc"]:
        where = f"{where}[{step}]" if isinstance(step, int) else join(where, step)
    return f"{where or 'the file'}: {_message(model, detail)}"


def _message(model: type[BaseModel], detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "unknown setting" + _suggestion(model, detail["loc"])
    message = WORDS.get(detail["type"], detail["msg"].removeprefix("Value error, "))
    return message[:1].lower() + message[1:]


def _suggestion(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """Name the settings that are known at the place of an unknown one."""
    section: Any = model
    for step in location[:-1]:
        field = getattr(section, "model_fields", {}).get(step)
        section = field.annotation if field else None
    known = list(getattr(section, "model_fields", {}))
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known here: {', '.join(known)}" if known else ""


def join(path: str, key: object) -> str:
    """Write the path of a key within a section."""
    return f"{path}.{key}" if path else str(key)
