"""Words -> Job: the command `impasto`.

The commands are named here and loaded when one is called; torch is loaded inside them, when there is work for it.
"""

import sys
import traceback
import warnings
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated

from cyclopts import App, Group, Parameter

from impasto import __version__
from impasto.cli.failures import report
from impasto.cli.words import PlainConsole

_STYLIZE = """Paint one picture in the look of others.

Ctrl-C ends the search early: the picture reached so far is saved, and the exit code is 130.
"""
_BATCH = """Paint all pictures of a folder in the look of the same others.

What is there already, made of the same pictures with the same settings, is not made again: an interrupted batch goes on
with the same command. A picture that cannot be read does not stop the others; the exit code is then 2. Folders inside
are left out. What is in the output folder, and impasto did not make it, is not written over.
"""
_SWEEP = """Try several settings, and lay the pictures out on one sheet with their figures.

Give any setting several values with commas between them: --strength 0.3,0.5,0.7 --style-loss gram,wasserstein makes six
pictures. Between values that have commas of their own leave spaces: --style-layers "relu1_1,relu2_1 relu3_1". The
masks of --style-mask, one for each style, do not vary: they too have commas between them. What is there already, in the
folder beside the sheet, is not made again: an interrupted sweep goes on.
"""
_COMPARE = """Tell how near finished pictures are to their content and to their style, or how steady films are.

Each figure stands beside those of a copy of the content and of a copy of the style: what means nothing must not win.
With --video each result is a film, measured by the motion in the film that --content names; with --frame-by-frame it
stands beside what it would be if each frame had been painted by itself.
"""
_DISTILL = """Train a compact student of VGG-19 on the pictures of some folders.

It looks at pictures as VGG-19 does, for a fraction of the work: --sketch-network takes its file, and so do
--content-network and --style-network. One picture of twenty is held out to measure it by. A run that was broken off
goes on with the same command.
"""
_TRAIN = """Train a network that paints any style in one pass, on folders of photos and of paintings.

--painter takes its file. A run that was broken off goes on with the same command; --hours ends it in time. Beside the
output lie a sheet of pictures that it never learned from, made anew as it goes, and the losses for TensorBoard. With
one picture as --styles it starts from the network that comes with impasto, and gets better at that style: --hours 0.25.
"""
_STYLES = """List the styles that come with impasto, or show a photo in all of them.

Give one by its name where a style picture is asked for, with --preset fast. Make your own: impasto style save.
"""
_SAVE = """Keep the look of a picture as numbers, in a file of kilobytes.

It stands wherever a style picture does, with --preset fast; the picture itself is not needed any more.
"""
_LEARN = """Teach the network that paints in one pass the look of a picture, in minutes: strokes, not only grain.

What it learns goes into a file of kilobytes, which stands wherever a style picture does, with --preset fast, and may be
blended with others. Any few hundred photos will do to practice on.
"""
_EXPORT = """Write the network that paints in one pass as ONNX: for browsers, phones and whatever else runs that.

Inputs: image (1, 3, H, W) in 0 to 1, whose sides are multiples of 8; style (1, N), the numbers of a saved style;
strength (1); learned (1, M), what was learned of the style, or zeros. With --style that is inside the network. With
--looks the part that looks at new styles is written as well: image in, style out. Both are run once and compared with
torch.
"""
_VIDEO = """Paint a film in the look of pictures, steadily, with its sound.

Every finished frame is kept beside the output until the film is whole: a run that was broken off, in whatever way, goes
on with --resume. Ctrl-C finishes the frame, and writes a film of those that are done; the exit code is 130.
"""
_LIVE = """Paint what a camera sees, as it runs, on a page of this machine.

Open the address that it tells in a browser; space and the arrow keys change the style. --source takes a film as well.
"""
_ANY = Group("Any command", sort_key=99)

app = App(
    name="impasto",
    help="Neural style transfer: keep what a picture shows, take on how another one looks.",
    version=__version__,
    console=PlainConsole(),
    help_format="plaintext",
    result_action="return_value",
    exit_on_error=False,
    print_error=False,
    suppress_keyboard_interrupt=False,
)


def _flowing(text: str) -> str:
    """The text with the lines of each paragraph joined: a terminal may be of any width."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _add(parent: App, module: str, name: str, text: str, sort_key: int | None = None) -> None:
    parent.command(f"impasto.cli.{module}:{name}", name=name, help=_flowing(text), sort_key=sort_key)


for _name, _text, _rank in (
    ("stylize", _STYLIZE, 1),
    ("batch", _BATCH, 1),
    ("sweep", _SWEEP, 1),
    ("video", _VIDEO, 1),
    ("live", _LIVE, 1),
    ("compare", _COMPARE, 2),
    ("distill", _DISTILL, 3),
    ("train", _TRAIN, 3),
    ("styles", _STYLES, 2),
    ("export", _EXPORT, 3),
    ("networks", "List the networks that can look at the pictures.", None),
    ("info", "Describe this installation, for a bug report.", None),
):
    _add(app, _name, _name, _text, _rank)
style = App(name="style", help="Keep the look of a picture.", sort_key=2)
_add(style, "style", "save", _SAVE)
_add(style, "style", "learn", _LEARN)
app.command(style)
app.meta.suppress_keyboard_interrupt = False


@app.meta.default
def _launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    debug: Annotated[
        bool,
        Parameter(group=_ANY, negative=(), show_default=False, help="Show warnings, and where an error came from."),
    ] = False,
) -> int:
    with warnings.catch_warnings():
        if not debug:
            warnings.simplefilter("ignore")
        try:
            return int(app(tokens) or 0)
        except Exception:
            if debug:
                traceback.print_exc()
            raise


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command line `words`, by default the process's own, and returns its exit code.

    0: done. 1: a fault of impasto. 2: something that the user can put right, said in one line on stderr.
    130: Ctrl-C, and 143: SIGTERM; a run that is stopped so once it paints still saves the picture reached.
    """
    if isinstance(sys.stdout, TextIOWrapper):  # a console may have no letters for the names of painters
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return int(app.meta(words) or 0)
    except (Exception, KeyboardInterrupt) as error:
        return report(error)
