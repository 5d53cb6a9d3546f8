"""Settings models -> flags. Name, default, range and help text of every flag come from the models."""

from collections.abc import Callable, Iterator, Sequence
from inspect import Parameter as Argument
from inspect import Signature, get_annotations, signature
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from cyclopts import Group, Parameter, Token, convert

from impasto.settings.base import Settings

Command = Callable[..., int]

SWITCH = Parameter(negative=(), show_default=False)
"""A flag that is there or not."""
OUTPUT = Parameter(name=("--output", "-o"))
"""What is written."""
Quiet = Annotated[bool, SWITCH, Parameter(help="Say nothing but errors.")]
Json = Annotated[bool, SWITCH, Parameter(help="As JSON, for programs.")]
Style = Annotated[
    Path,
    Parameter(
        name="STYLE", required=True, help="Pictures whose look is taken; for one pass styles, too, by name or as files."
    ),
]
"""Of a command that paints in one pass, too."""


def takes(model: type[Settings], *, lists: bool = False) -> Callable[[Command], Command]:
    """Gives a command that ends in `**settings` a flag for every field of `model`.

    `settings` then holds what the user wrote, by field name, and no defaults: `model.checked` makes the rest of it.
    Cyclopts reads the words into types; whether a value is possible is for the model to say. With `lists` every flag
    takes text, in which commas may separate several values.
    """

    def decorate(command: Command) -> Command:
        own = [argument for argument in signature(command).parameters.values() if argument.kind != Argument.VAR_KEYWORD]
        command.__signature__ = Signature([*own, *_flags(model, lists)])  # type: ignore[attr-defined]
        return command

    return decorate


def _flags(model: type[Settings], lists: bool) -> Iterator[Argument]:
    types = get_type_hints(model)  # without the ranges: int, and not Annotated[int, Ge(1)]
    schemas = model.model_json_schema()["properties"]
    defaults = model()  # as its preset has them
    groups: dict[str, Group] = {}
    for name, field in model.model_fields.items():
        title, choices = _home(model, name), _choices(types[name])
        flag = Parameter(
            group=groups.setdefault(title, Group(title, sort_key=len(groups) + 1)),
            help=" ".join(f"{field.description} {_range(schemas[name])} {choices if lists else ''}".split()),
            negative=(),
            show=name not in model.hidden,
            show_default=_saying(default) if (default := getattr(defaults, name)) not in ("", None, ()) else False,
            converter=not_rounded if not lists and int in (types[name], *get_args(types[name])) else None,
        )
        kind, default = (str | None, None) if lists else (types[name], field.default)
        yield Argument(name, Argument.KEYWORD_ONLY, default=default, annotation=Annotated[kind, flag])


def _saying(default: object) -> Callable[[object], str]:
    """What a flag says of its default, whatever it is for the command."""
    return lambda _: str(default)


def not_rounded(kind: Any, tokens: Sequence[Token]) -> Any:
    """Cyclopts alone would take 12.5 for 12, without a word."""
    if "." in tokens[0].value:
        raise ValueError(f"{tokens[0].value} is no whole number.")
    return convert(kind, tokens)


def _home(model: type[Settings], name: str) -> str:
    """The settings file that the field is written in: `Look` for `strength`."""
    home = next(part for part in reversed(model.__mro__) if name in get_annotations(part))
    return home.__module__.rpartition(".")[2].capitalize()


def _choices(kind: Any) -> str:
    """`[choices: max, average]`, as Cyclopts says it of a flag that takes no lists; nothing where all is possible."""
    names = [str(name) for part in (kind, *get_args(kind)) if get_origin(part) is Literal for name in get_args(part)]
    return f"[choices: {', '.join(names)}]" if names else ""


def _range(schema: dict[str, Any]) -> str:
    """`[range: 0 to 1]` for a number with bounds, nothing for anything else."""
    for part in schema.get("anyOf", [schema]):
        bounds = [f"{words}{_number(part[key])}" for key, words in _BOUNDS.items() if key in part]
        if bounds:
            return f"[range: {' to '.join(bounds)}]"
    return ""


_BOUNDS = {"minimum": "", "exclusiveMinimum": "above ", "maximum": "", "exclusiveMaximum": "below "}
"""How the bounds of a JSON schema read, the lower ones first."""


def _number(bound: float) -> str:
    return f"{int(bound) if bound == int(bound) else bound:,}"
