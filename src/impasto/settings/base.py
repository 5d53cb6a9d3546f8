"""What all settings models share: frozen, strict about unknown names, one-line errors."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from impasto.errors import SettingsError, did_you_mean


def _checked_text(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ValueError("the name is no text, and a result keeps it. Rename the file") from error
    return name


Name = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if isinstance(value, Path) else value),
    AfterValidator(_checked_text),
]
"""A name, or a file: text, or a `Path` from Python."""


def readable(parse: Callable[[str], object]) -> AfterValidator:
    """Of a text that is kept as it was written: `parse` must be able to read it, or raise `ValueError`."""

    def checked(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(checked)


class Settings(BaseModel):
    """A frozen group of knobs. Build one from untrusted values with `checked`, which speaks in one line."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True, defer_build=True
    )

    hidden: ClassVar[frozenset[str]] = frozenset()
    """Names of fields whose flags no help lists: for what the model is about they mean nothing."""

    @classmethod
    def checked(cls, values: Mapping[str, Any]) -> Self:
        """The settings made of `values`, the defaults elsewhere.

        Raises `SettingsError`, one line, for an unknown name (with the nearest right one) or an impossible value.
        """
        for name in values:
            if name not in cls.model_fields:
                raise SettingsError(f"there is no setting {name!r}.{did_you_mean(name, cls.model_fields)}")
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise SettingsError(one_line(error)) from error


def one_line(error: ValidationError) -> str:
    """The first fault of a pydantic error, as `name: what is wrong (got ...)`."""
    fault = error.errors()[0]
    name = str(fault["loc"][0]).replace("_", "-") if fault["loc"] else "settings"
    reason = fault["msg"].removeprefix("Value error, ").replace("Input should be", "should be")
    return f"{name}: {reason} (got {_short(fault['input'])})"


def _short(value: object) -> str:
    parts = value if isinstance(value, tuple | list) and len(value) == 1 else [value]
    words = " ".join(repr(parts[0]).split())
    return words if len(words) <= 80 else f"{words[:77]}..."


def comma_list(value: object) -> object:
    """`[2, 1]`, `{"a": 4}` or `2` as the text that a flag would carry: `"2,1"`, `"a:4"`, `"2"`. Else as it is."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{number}" for name, number in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(str(item) for item in value)
    return value
