"""What is wrong with a value, in one line: the place, the value, the way out."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from gristmill.parameters.read import FILE

KINDS = {
    "int": "a whole number",
    "float": "a number",
    "string": "text",
    "list": "a list",
    "bool": "true or false",
    "model": "a block of keys",
    "dict": "a block of keys",
}


def at(*place: str | int) -> str:
    """`params.yaml: train.lr`."""
    return f"{FILE}: {'.'.join(str(part) for part in place)}"


def nearest(word: Any, known: Iterable[Any]) -> str:
    """`; did you mean 'temperature'?`, or which words there are; YAML has keys that are no text."""
    words = sorted(map(str, known))
    close = get_close_matches(str(word), words, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; there are {', '.join(words)}" if words else ""


def unknown(place: tuple[Any, ...], what: str, known: Iterable[str]) -> str:
    """A key or name that does not exist."""
    return f"{at(*place)}: no such {what}{nearest(place[-1], known)}"


def field_at(model: type[BaseModel], place: tuple) -> tuple[FieldInfo | None, type]:
    """The field that a pydantic error is about, maybe of a model inside a model, and the field's own type."""
    found, inside = None, model
    for part in place:
        if isinstance(part, int):  # an element of a list
            continue
        if not issubclass(inside, BaseModel) or part not in inside.model_fields:
            break
        found = inside.model_fields[part]
        inside = plain_type(found.annotation)
    return found, inside


def plain_type(annotation: Any) -> type:
    """X of X, X | None, Annotated[X, ...], list[X] and of these in each other."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation
    return plain_type(get_args(annotation)[0]) if get_args(annotation) else object


def allowed(metadata: Iterable[Any]) -> str:
    """`above 0, at most 100`."""
    words = []
    for bound in metadata:
        if isinstance(bound, Gt):
            words.append(f"above {bound.gt}")
        elif isinstance(bound, Ge):
            words.append(f"at least {bound.ge}")
        elif isinstance(bound, Lt):
            words.append(f"below {bound.lt}")
        elif isinstance(bound, Le):
            words.append(f"at most {bound.le}")
        elif isinstance(bound, MinLen):
            words.append(f"at least {bound.min_length} long")
        elif isinstance(bound, MaxLen):
            words.append(f"at most {bound.max_length} long")
    return ", ".join(words)


def bounds(model: type[BaseModel], place: tuple) -> str:
    """The range of the value at a place, of a list's elements where the place is inside one."""
    field, _ = field_at(model, place)
    if field is None:
        return ""
    if place and isinstance(place[-1], int):
        inside = get_args(field.annotation)[0] if get_origin(field.annotation) is list else None
        return allowed(getattr(inside, "__metadata__", [None])[0].metadata) if inside is not None else ""
    inside = [getattr(kind, "__metadata__", [None])[0] for kind in get_args(field.annotation)]  # of X | None
    return allowed(field.metadata) or "".join(allowed(found.metadata) for found in inside if found is not None)


def sentence(model: type[BaseModel], error: Any) -> str:
    """What a pydantic error says, without the place."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "refused":
        return context["message"]
    if kind == "missing":
        return "missing"
    if kind == "literal_error":
        options = [option.strip("' ") for option in context["expected"].replace(" or ", ", ").split(",")]
        return f"{value!r} is not possible{nearest(str(value), options)}"
    if kind.endswith(("_type", "_parsing")) or kind == "int_from_float":
        wanted = KINDS.get(kind.split("_")[0], "another kind of value")
        return f"expected {wanted}, found {value!r}"
    if kind == "string_pattern_mismatch":
        return f"{value!r}: use small letters, digits and _ only"
    wrong = kind.replace("_", " ") if kind in ("too_short", "too_long") else "out of range"
    return f"{value!r} is {wrong} ({bounds(model, error['loc']) or error['msg']})"


def errors(model: type[BaseModel], values: Any) -> list[Any]:
    """What pydantic finds in values: its own records, with `type`, `loc`, `input`, `ctx`."""
    try:
        model.model_validate(values)
    except ValidationError as found:
        return list(found.errors())
    return []


def line(model: type[BaseModel], error: Any, place: tuple) -> str:
    """One error of pydantic; `place` is where in the file the value was written."""
    if error["type"] in ("extra_forbidden", "invalid_key"):  # the second: a key that is no text
        inside = field_at(model, error["loc"][:-1])[1]
        return unknown(place, "parameter", getattr(inside, "model_fields", ()))
    return f"{at(*place)}: {sentence(model, error)}" if place else f"{FILE}: {sentence(model, error)}"
