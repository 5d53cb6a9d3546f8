"""`impasto sweep`: many settings on one sheet, to choose by eye."""

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter

from impasto.claims import claim
from impasto.cli.display import display, silent, tell_picture
from impasto.cli.flags import OUTPUT, SWITCH, Quiet, not_rounded, takes
from impasto.cli.interrupts import Interrupts
from impasto.cli.ready import get_ready
from impasto.cli.words import say, visible
from impasto.errors import SettingsError
from impasto.jobs.sweep import Sweep
from impasto.settings import StylizeSettings

_LISTS = ("content_layers", "style_layers", "style_weights")
"""Settings whose own value may have commas: several are separated by spaces. So are scales, with several styles."""
_SHEET = Group("Sheet", sort_key=0)


@takes(StylizeSettings, lists=True)
def sweep(
    content: Annotated[Path, Parameter(help="The picture whose things are kept.")],
    /,
    *styles: Annotated[
        Path, Parameter(name="STYLE", required=True, help="The pictures whose look is taken; none by name.")
    ],
    output: Annotated[Path, OUTPUT, Parameter(group=_SHEET, help="The sheet to write.")],
    blend: Annotated[
        int,
        Parameter(
            group=_SHEET,
            show_default=False,
            converter=not_rounded,
            help="Number of pictures from the first style to the second.",
        ),
    ] = 0,
    best: Annotated[bool, SWITCH, Parameter(group=_SHEET, help="Print the picture that the figures prefer.")] = False,
    quiet: Annotated[Quiet, Parameter(group=_SHEET)] = False,
    **settings: str,
) -> int:
    """Makes the sheet, and returns the exit code."""
    fixed, varied = _parted(settings, (*_LISTS, "style_scale") if len(styles) > 1 else _LISTS)
    if blend:
        if "style_weights" in settings:
            raise SettingsError("blend: it sets the style-weights itself. Leave one of them out.")
        varied["style_weights"] = _blends(blend, len(styles))
    plan = Sweep(content=content, styles=styles, output=output, fixed=fixed, varied=varied)
    claim((output,), taken=[path for _, job in plan.cases for path in job.inputs])
    with Interrupts() as interrupts, display(quiet) as show:
        from impasto.jobs.run_sweep import run_sweep

        get_ready(quiet)
        try:
            made = run_sweep(plan, silent if quiet else tell_picture, show)
        except KeyboardInterrupt:
            say(f"stopped: the same command goes on; what is done lies in {plan.folder}")
            return interrupts.exit_code
    if not quiet:
        notes = dict.fromkeys(f"note: {note}" for each in made for note in each.notes)
        say(f"{output}: {len(made)} pictures, which lie in {plan.folder}", *notes)
    if best:
        chosen = min(made, key=lambda each: each.compromise)
        figures = f"compromise {chosen.compromise:.3f}, a copy of the content has 1"
        print(visible(f"{chosen.path}  ({chosen.caption}; {figures})"), flush=True)
    return 0


def _parted(settings: Mapping[str, str], lists: Container[str]) -> tuple[dict[str, Any], dict[str, tuple[Any, ...]]]:
    """The settings that have one value, and those that have several; of `lists` spaces stand between the values."""
    fixed: dict[str, Any] = {}
    varied: dict[str, tuple[Any, ...]] = {}
    for name, text in settings.items():
        given = text.split(None if name in lists else ",")
        values = tuple(dict.fromkeys(given))
        if name == "style_mask":
            fixed[name] = given
        elif len(values) > 1:
            varied[name] = values
        else:
            fixed[name] = values[0] if values else text
    return fixed, varied


def _blends(count: int, styles: int) -> tuple[str, ...]:
    """Weights of two styles from all of the first to all of the second, in even steps."""
    if styles != 2 or not 2 <= count <= 100:
        raise SettingsError(f"blend: it takes 2 styles and 2 to 100 pictures (got {styles} and {count}).")
    return tuple(f"{1 - step / (count - 1):.4g},{step / (count - 1):.4g}" for step in range(count))
