"""`impasto live`: a camera, painted as it runs, on a page of this machine."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter
from cyclopts.validators import Number

from impasto.cli.flags import Quiet, takes
from impasto.cli.interrupts import Interrupts
from impasto.cli.ready import get_ready
from impasto.cli.words import say
from impasto.errors import MissingExtraError
from impasto.settings.live import LiveSettings

_SHOW = Group("Show", sort_key=0)
_DIGITS = 5
"""Of what is no number of a camera any more."""


@takes(LiveSettings)
def live(
    *styles: Annotated[Path, Parameter(name="STYLE", required=True, help="Pictures or styles, by name or as files.")],
    source: Annotated[str, Parameter(group=_SHOW, help="The number of a camera, or a film.")] = "0",
    port: Annotated[
        int,
        Parameter(group=_SHOW, validator=Number(gte=0, lte=65535), help="Port of the page; 0 for any that is free."),
    ] = 8001,
    quiet: Annotated[Quiet, Parameter(group=_SHOW)] = False,
    **settings: Any,
) -> int:
    """Paints until the film ends or Ctrl-C, and returns the exit code."""
    chosen = LiveSettings.checked(settings)
    if find_spec("cv2") is None:
        raise MissingExtraError("impasto live", "live")
    with Interrupts() as interrupts:
        from impasto.jobs.live import Live
        from impasto.jobs.live_page import serve
        from impasto.methods.live import LivePainter

        get_ready(quiet)
        show = Live(
            int(source) if source.isdecimal() and len(source) < _DIGITS else Path(source), LivePainter(styles, chosen)
        )

        def ready(address: str) -> None:
            if not quiet:
                say(f"{address}  (Ctrl-C ends it; space on the page: the next style)")

        try:
            serve(show, port, ready)
            code = 0
        except KeyboardInterrupt:
            code = interrupts.exit_code
    if not quiet:
        say(f"{show.rate:.1f} frames a second")
    return code
