"""`impasto style`: a picture -> its style in numbers, in a file of kilobytes; seen once, or learned."""

from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from impasto.claims import claim
from impasto.cli.display import Lines, silent
from impasto.cli.flags import OUTPUT, Quiet, takes
from impasto.cli.interrupts import PatientInterrupts
from impasto.cli.ready import get_ready
from impasto.cli.training import line_of
from impasto.cli.watchers import check_ending, in_turn
from impasto.cli.words import say
from impasto.settings import LearnSettings
from impasto.styles import SUFFIX

if TYPE_CHECKING:
    from impasto.training.report import Report

_STYLE = Group("Style", sort_key=0)
_About = Annotated[str, Parameter(show_default=False, help="Who made the picture, and what it is called.")]


def save(
    picture: Annotated[Path, Parameter(help="The picture whose look is to be kept.")],
    /,
    *,
    output: Annotated[Path, OUTPUT, Parameter(help="The file to write, as .style.")],
    about: _About = "",
    painter: Annotated[Path | None, Parameter(help="Network that is to paint it, as impasto train makes it.")] = None,
    quiet: Quiet = False,
) -> None:
    """Writes the file."""
    check_ending(output, (SUFFIX,))
    claim((output,), taken=[picture, *([painter] if painter else [])])
    from impasto.images import check_replaceable, replace_file
    from impasto.methods.style import style_to_save
    from impasto.networks.feedforward import load_feedforward

    check_replaceable(output)
    content = style_to_save(load_feedforward(painter or ""), picture, about).file()
    replace_file(output, content)
    _tell(output, content, quiet)


@takes(LearnSettings)
def learn(
    picture: Annotated[Path, Parameter(help="The picture whose look is to be learned.")],
    /,
    *photos: Annotated[Path, Parameter(name="PHOTOS", required=True, help="Folders of photos to practice on.")],
    output: Annotated[Path, OUTPUT, Parameter(group=_STYLE, help="The file to write, as .style.")],
    about: Annotated[_About, Parameter(group=_STYLE)] = "",
    quiet: Annotated[Quiet, Parameter(group=_STYLE)] = False,
    **settings: Any,
) -> int:
    """Writes the file, and returns the exit code."""
    chosen = LearnSettings.checked(settings)
    check_ending(output, (SUFFIX,))
    claim((output,), taken=[picture, *([Path(chosen.painter)] if chosen.painter else [])])
    from impasto.images import check_replaceable, replace_file
    from impasto.methods.style import style_to_save
    from impasto.networks.feedforward import load_feedforward
    from impasto.training.adaptation import Lessons

    check_replaceable(output)
    get_ready(quiet)
    seen = style_to_save(load_feedforward(chosen.painter), picture, about)  # before all the lessons: it may fail
    lessons, last = Lessons(photos, chosen), deque["Report"](maxlen=1)
    with PatientInterrupts() as interrupts:
        learned = lessons.learn(picture, in_turn(silent if quiet else Lines(line_of), last.append), interrupts.stop)
        if not last:
            say(f"stopped before anything was learned: {output} is not written")
            return interrupts.exit_code
        if last[0].step < chosen.steps and output.exists():
            say(f"stopped after {last[0].step} of {chosen.steps} steps: {output} stays as it was")
            return interrupts.exit_code
        content = replace(seen, adaptation=learned).file()
        replace_file(output, content)
    _tell(output, content, quiet)
    if last[0].step == chosen.steps:
        return 0
    say(f"stopped: it holds what was learned in {last[0].step} of {chosen.steps} steps")
    return interrupts.exit_code


def _tell(output: Path, content: bytes, quiet: bool) -> None:
    if not quiet:
        say(f"{output}: {len(content) / 1000:.0f} kB. Give it in place of a style, with --preset fast.")
