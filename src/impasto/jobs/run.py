"""Carry out a request: call the method, give or write the result."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from impasto import devices
from impasto.claims import claim
from impasto.engine.checkpoint import Checkpoint, Tell
from impasto.engine.progress import OnProgress, silent
from impasto.errors import SettingsError
from impasto.images import PictureLike, check_replaceable, check_writable, is_stretched, pictures_in, shape_of
from impasto.jobs.job import Job
from impasto.methods import feedforward, iterative
from impasto.methods.result import Result
from impasto.settings import StylizeSettings

_SAVE_EVERY = 5.0
"""Seconds between two checkpoints, at least: a run of a minute, too, leaves one."""
_ENLARGED = 2.0
"""Times as large as it was: people wonder then why a picture is soft."""
_LAID_OVER = ("mask", "protect", "init")
"""Settings that may name a file, which is brought to the photo's shape."""
_MOVING = (".gif", ".webp")
OnPicture = Callable[[int, int, str], object]
"""Told before one of several pictures is begun: its number, from 1, how many there are, and what it is called."""

_METHODS = {"iterative": iterative.stylize, "feedforward": feedforward.stylize}


def run(job: Job, on_progress: OnProgress = silent, checkpoint: str | Path | None = None) -> Result:
    """Makes the job's picture and writes it to `job.output`.

    `checkpoint` is as `stylize` has it; when all is done the file is deleted.
    Raises `ImpastoError`, before any work, where an input cannot be read or the output could not be written.
    """
    result = make(job, on_progress, checkpoint)
    _save(result, job.output)
    if checkpoint and result.stopped != "interrupted":
        Path(checkpoint).unlink(missing_ok=True)
    return result


def make(job: Job, on_progress: OnProgress = silent, checkpoint: str | Path | None = None) -> Result:
    """Makes the job's picture, and leaves it to the caller to write it; raises what `run` raises."""
    # A picture that Ctrl-C ends would replace its start, and nobody could go on from there.
    claim((job.output,), taken=job.inputs if checkpoint else job.kept)
    shape, pictures = shape_of(job.content), pictures_in(job.content)
    check_writable(job.output, job.settings, max(shape) if job.settings.size == "original" else job.settings.size)
    stretched = [*_stretched(job.settings, shape)]
    result = _made(job.content, job.styles, job.settings, on_progress, checkpoint)
    result.notes.extend([*_notes_on(job.content, shape, pictures, result), *stretched])
    return result


def _notes_on(content: Path, shape: tuple[int, int], pictures: int, result: Result) -> Iterator[str]:
    """What somebody may not expect of a photo of that (height, width), in a file of so many pictures."""
    height, width = shape
    if max(result.picture.shape) > _ENLARGED * max(shape):
        yield f"{content} has {width}×{height} pixels and was enlarged: --size original keeps them"
    if pictures > 1:
        hint = ": impasto video paints all of it" if content.suffix.lower() in _MOVING else ""
        yield f"{content} holds {pictures} pictures, and the first was taken{hint}"


def _stretched(settings: StylizeSettings, shape: tuple[int, int]) -> Iterator[str]:
    """What is of another shape than the photo, whose (height, width) is given, and was laid over all of it."""
    for name in _LAID_OVER:
        path = Path(getattr(settings, name))
        if path in settings.named and path.is_file():
            height, width = own = shape_of(path)
            if is_stretched(own, shape):
                yield (
                    f"--{name}: {path} has {width}×{height} pixels, the photo {shape[1]}×{shape[0]}, so it was "
                    "stretched: crop it as the photo is"
                )


def _save(result: Result, path: Path) -> None:
    try:
        result.save(path)
    except KeyboardInterrupt:
        # A second Ctrl-C, or one that came when all was done: it must not cost the picture. A third one may.
        result.save(path)


def stylize(
    content: PictureLike,
    *styles: PictureLike,
    on_progress: OnProgress = silent,
    checkpoint: str | Path | None = None,
    **settings: Any,
) -> Result:
    """`content` painted in the look of `styles`.

    Each picture is a path, a PIL image, a NumPy array (H, W), (H, W, 3) or (H, W, 4), uint8, uint16 or float in
    [0, 1], or a tensor (3, H, W) or (1, 3, H, W) in [0, 1]. The other keywords are the fields of `StylizeSettings`:
    `impasto.stylize("photo.jpg", "wave.jpg", size=768, strength=0.7)`.

    `checkpoint` is a file that is written now and then; where it is there already, the run goes on from it.

    Raises `ImpastoError` (one line, what to do) for a bad picture, setting, network or device.
    """
    if not styles:
        raise SettingsError("no style picture given. Pass one or more after the content.")
    chosen = StylizeSettings.checked(settings)
    return _made(content, styles, chosen, on_progress, checkpoint)


def _made(
    content: PictureLike,
    styles: Sequence[PictureLike],
    settings: StylizeSettings,
    on_progress: OnProgress,
    checkpoint: str | Path | None,
) -> Result:
    """What the method makes of the pictures; checkpoints that could not be written are among its notes."""
    failures: list[str] = []
    found = _checked(checkpoint, settings, failures.append)
    with devices.untouched():
        result = _METHODS[settings.method](content, styles, settings, on_progress, found)
    result.notes.extend(dict.fromkeys(failures))
    return result


def _checked(checkpoint: str | Path | None, settings: StylizeSettings, tell: Tell) -> Checkpoint | None:
    """Raises `OutputError`, before any work, where the file could not be written, `SettingsError` where none is."""
    if checkpoint is None:
        return None
    if settings.method == "feedforward":
        raise SettingsError("checkpoint: one pass has no steps to go on from. Leave the file out.")
    check_replaceable(checkpoint)
    return Checkpoint(Path(checkpoint), _SAVE_EVERY, tell)
