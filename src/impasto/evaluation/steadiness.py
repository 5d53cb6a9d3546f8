"""How steady a film is: the warping error, after Ruder et al. (2016) and Lai et al. (2018), and what it leaves out."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import zip_longest
from math import nan, sqrt

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.errors import ImageError
from impasto.images.color import srgb_to_oklab
from impasto.motion import Cuts, Frame, chained, flow, resized, visible, warped_sharply

INPUT = "input film"
LONG = 10
"""Frames between the two that the long error compares."""

TrueFlow = Callable[[int, int], Tensor | None]
"""(number of a frame, number of another one) to the flow from the first to the second, (1, 2, H, W), where known."""


@dataclass(frozen=True)
class Steadiness:
    """What is said of one film. Less is better, but for `detail`, by which the errors are to be read."""

    short: float
    """Warping error from each frame to the next: root mean square, of 1; not a number where there is none to trust."""
    long: float
    """The same ten frames apart; not a number where no shot is as long."""
    drift: float
    """How far the mean color goes from that of the first frame of its shot: distance in Oklab, the worst of all."""
    detail: float
    """Root mean square difference of neighboring pixels: what a shift by a pixel would cost."""
    relative: float
    """`short` / `detail`: less contrast cannot better it; blur can where the error is finer than the detail."""


def steadiness(
    content: Iterable[Frame], films: Mapping[str, Iterable[Frame]], true_flow: TrueFlow | None = None
) -> dict[str, Steadiness]:
    """The steadiness of each of `films`, by its name, then that of `content` itself, under "input film".

    Each film was made of `content`, frame by frame. An earlier frame is warped to a later one by the flow of the
    content and compared with it where that can be trusted (`motion.visible`), and never across a cut. The error of a
    pair is the mean over these pixels and the three channels of the squared difference, in sRGB of [0, 1], as E_warp of
    Lai et al.; of the mean over all pairs the root is taken. Departures: pixels are interpolated bicubically, as what
    bilinear warping blurs would be charged to every film that is sharp; they warp the later frame to the earlier one,
    and compare the long interval with the first frame only; the flow is that of `motion.flow`, or `true_flow` for pairs
    that it knows: if it does so from the earlier frame to the later alone, the later is warped. All is measured at the
    size of the first of `films`, to which the others are brought. Frames are taken as they come, and no more of them
    are kept than the interval has. Raises `ImageError` for films that have not as many frames as `content`,
    `MissingExtraError` as `motion.flow` does.
    """
    names = [INPUT, *films]
    tallies = {name: _Tally() for name in names}
    flows = _Flows(true_flow)
    cuts = Cuts()
    size: tuple[int, int] | None = None
    for number, (shown, *made) in enumerate(_together(content, films)):
        size = size or (made or [shown])[0].shape[:2]
        frames = [_sized(frame, size) for frame in (shown, *made)]
        if cuts(shown):
            flows.begin()
            for tally in tallies.values():
                tally.begin()
        trusted = flows(frames[0], number)
        for name, frame in zip(names, frames, strict=True):
            tallies[name].add(frame, trusted)
    return {name: tallies[name].told() for name in [*films, INPUT]}


@dataclass(frozen=True)
class _Trusted:
    """The way from a frame to another one, where it holds."""

    interval: int
    motion: Tensor
    """(1, 2, H, W): from the later frame to the earlier, or, `onward`, from the earlier to the later."""
    where: Tensor
    """(1, 1, H, W) in {0., 1.}."""
    onward: bool = False


class _Flows:
    """The ways back from each frame of the content to the one before and to the one ten before, within a shot."""

    def __init__(self, true_flow: TrueFlow | None) -> None:
        self._true = true_flow
        self.begin()

    def begin(self) -> None:
        """Forgets the shot."""
        self._frames: deque[Frame] = deque(maxlen=LONG + 1)
        self._back: deque[Tensor] = deque(maxlen=LONG)
        self._on: deque[Tensor] = deque(maxlen=LONG)

    def __call__(self, frame: Frame, number: int) -> list[_Trusted]:
        self._frames.append(frame)
        if len(self._frames) < 2:
            return []
        self._back.append(self._found(1, back=True))
        self._on.append(self._found(1, back=False))
        ways = [self._way(number, 1, self._back[-1], self._on[-1])]
        if len(self._frames) > LONG:
            ways.append(self._way(number, LONG, self._found(LONG, back=True), self._found(LONG, back=False)))
        return ways

    def _way(self, number: int, interval: int, back: Tensor, on: Tensor) -> _Trusted:
        """The way between the newest frame and the one so many before; `back` and `on` were found."""
        true_back, true_on = self._known(number, number - interval), self._known(number - interval, number)
        if true_back is None and true_on is not None:
            return _Trusted(interval, true_on, visible(true_on, back), onward=True)
        motion = back if true_back is None else true_back
        return _Trusted(interval, motion, visible(motion, on if true_on is None else true_on))

    def _known(self, start: int, end: int) -> Tensor | None:
        known = self._true(start, end) if self._true else None
        height, width = self._frames[-1].shape[:2]
        return None if known is None else resized(known, (height, width))

    def _found(self, interval: int, back: bool) -> Tensor:
        """The flow of the newest frame to the one so many before, or of that one to the newest."""
        start, end = (-1, -1 - interval) if back else (-1 - interval, -1)
        steps = reversed(self._back) if back else iter(self._on)
        return flow(self._frames[start], self._frames[end], None if interval == 1 else reduce(chained, steps))


class _Tally:
    """What is added up of one film."""

    def __init__(self) -> None:
        self._errors: dict[int, list[float]] = {1: [], LONG: []}
        self._detail: list[float] = []
        self._drift = 0.0
        self.begin()

    def begin(self) -> None:
        """Forgets the shot."""
        self._frames: deque[Tensor] = deque(maxlen=LONG + 1)
        self._first: Tensor | None = None

    def add(self, frame: Frame, ways: Iterable[_Trusted]) -> None:
        pixels = torch.from_numpy(frame).permute(2, 0, 1)[None].float() / 255
        self._frames.append(pixels)
        for way in ways:
            if way.where.any():
                earlier = self._frames[-1 - way.interval]
                pair = (earlier, pixels) if way.onward else (pixels, earlier)
                self._errors[way.interval].append(_error(*pair, way))
        self._detail.append(_detail(pixels))
        color = srgb_to_oklab(pixels).mean((2, 3))
        self._first = color if self._first is None else self._first
        self._drift = max(self._drift, float((color - self._first).norm()))

    def told(self) -> Steadiness:
        short, far, detail = map(_root_mean, (self._errors[1], self._errors[LONG], self._detail))
        return Steadiness(short, far, self._drift, detail, short / detail if detail else 0.0)


def _error(start: Tensor, end: Tensor, way: _Trusted) -> float:
    """Mean squared difference of two pictures (1, 3, H, W) where the way from one to the other is known."""
    apart = (start - warped_sharply(end, way.motion)).square().mean(1, keepdim=True)
    return float((apart * way.where).sum() / way.where.sum())


def _detail(pixels: Tensor) -> float:
    """Mean squared difference of neighbors, across and down."""
    steps = [pixels.diff(dim=dim).square() for dim in (2, 3) if pixels.shape[dim] > 1]
    return float(sum(step.mean() for step in steps)) / max(1, len(steps))


def _root_mean(squares: list[float]) -> float:
    return sqrt(sum(squares) / len(squares)) if squares else nan


def _together(content: Iterable[Frame], films: Mapping[str, Iterable[Frame]]) -> Iterator[tuple[Frame, ...]]:
    """The frames of all films at each moment."""
    for number, frames in enumerate(zip_longest(content, *films.values())):
        ended = [name for name, frame in zip([INPUT, *films], frames, strict=True) if frame is None]
        if ended:
            raise ImageError(
                f"{ended[0]!r} ends after {number} frames, and others go on. Give films of as many frames. Of a part "
                "of a film: --start, --end, as it was made with."
            )
        yield frames


def _sized(frame: Frame, size: tuple[int, int]) -> Frame:
    """The frame at (h, w), filtered where it shrinks; as it is if it has that size."""
    if frame.shape[:2] == size:
        return np.require(frame, requirements=["C", "W"])
    channels = torch.from_numpy(np.require(frame, requirements=["C", "W"])).permute(2, 0, 1)[None]  # (1, 3, H, W)
    return F.interpolate(channels, size=size, mode="bilinear", antialias=True)[0].permute(1, 2, 0).numpy().copy()
