"""How far to move for a gradient, band by band of spatial frequency.

L-BFGS begins each direction from one number, how far the last moves went for how much they turned the gradient. But
networks feel a change of single pixels far more than one of broad areas, so that one number is too careful with the
broad and too bold with the fine. Here every band, less than an octave wide, has a number of its own, learned in the
same way.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.engine.solvers.long_rows import LongRows
from impasto.images.resize import size_of

_BANDS = 12
_MEMORY = 0.9
"""Of what was learned before, at each move."""
_LEAST = 1e-3
"""Of the boldest band's number: none is taken to be more careful than that."""


class Bands:
    """A diagonal inverse Hessian in the Fourier space of pictures (B, 3, H, W), the same over each band."""

    def __init__(self, picture: Tensor) -> None:
        self._size = size_of(picture)
        self._band = _bands(*self._size).to(picture.device)
        self._times = _times(picture.shape[3], picture.device)
        self._moved, self._turned, self._last = (torch.zeros(_BANDS, device=picture.device) for _ in range(3))

    @property
    def state(self) -> list[Tensor]:
        """What was learned."""
        return [self._moved, self._turned, self._last]

    def restore(self, state: list[Tensor]) -> None:
        """Takes up what another one had learned."""
        self._moved, self._turned, self._last = state

    def learn(self, moved: Tensor, turned: Tensor, curvature: Tensor) -> None:
        """A move by `moved` turned the gradient by `turned`; `curvature` is their product, above zero."""
        far, much = self._energy(moved), self._energy(turned)
        self._moved = _MEMORY * self._moved + (far * much).sqrt() / curvature
        self._turned = _MEMORY * self._turned + much / curvature
        self._last = much

    def stretch(self, gradient: Tensor) -> Tensor:
        """`gradient`, every band stretched in place to about the move that would level it."""
        gains = self._gains[self._band]
        for channel in range(gradient.shape[1]):  # a spectrum is as large as what it is of
            spectrum = torch.fft.rfft2(gradient[:, channel]).mul_(gains)
            gradient[:, channel] = torch.fft.irfft2(spectrum, s=self._size)
        return gradient

    @property
    def energy(self) -> Tensor:
        """Of the last change of the gradient that was learned, its product with itself stretched."""
        return (self._gains * self._last).sum()

    @property
    def _gains(self) -> Tensor:
        gains = self._moved / self._turned.clamp_min(1e-30)
        return torch.maximum(gains, _LEAST * gains.max())

    def _energy(self, picture: Tensor) -> Tensor:
        """The sum of squares in each band."""
        power = torch.zeros(self._band.shape, device=picture.device)
        for channel in range(picture.shape[1]):
            values = picture[:, channel].to(torch.promote_types(picture.dtype, torch.float32))
            for part in torch.view_as_real(torch.fft.rfft2(values)).unbind(-1):
                power += part.square().sum(0)
        power *= self._times
        energy = torch.zeros_like(self._last).index_add_(0, self._band.flatten(), power.flatten())
        return energy / (self._size[0] * self._size[1])


class QuickBands:
    """The same for a graphics card: all channels at once, and a move is learned without looking whether it counts."""

    def __init__(self, picture: Tensor) -> None:
        self._size = size_of(picture)
        band = _bands(*self._size)
        self._band = band.long().to(picture.device)
        times = F.one_hot(band.flatten().long(), _BANDS).T.float().view(_BANDS, *band.shape)
        times *= _times(self._size[1], times.device) / (self._size[0] * self._size[1])
        self._shares = LongRows(_BANDS, torch.empty(band.numel(), device=picture.device))
        self._shares.rows.copy_(times.flatten(1))
        self._known = torch.zeros(3, _BANDS, device=picture.device)

    @property
    def state(self) -> list[Tensor]:
        """What was learned, as `Bands` tell it."""
        return list(self._known)

    def restore(self, state: list[Tensor]) -> None:
        """Takes up what another one had learned."""
        self._known = torch.stack(state)
        self._weigh()

    def learn(self, moved: Tensor, turned: Tensor, curvature: Tensor, counts: Tensor) -> None:
        """As `Bands` do, where the scalar `counts` is true; else nothing."""
        spectra = torch.view_as_real(torch.fft.rfft2(torch.cat([moved, turned])))
        far, much = self._shares.products(*spectra.square().sum((1, 4)).float()).unbind(1)
        before, after = self._known[:2], torch.stack([(far * much).sqrt(), much]) / curvature
        self._known = torch.where(counts, torch.cat([_MEMORY * before + after, much[None]]), self._known)
        self._weigh()

    def stretch(self, gradient: Tensor) -> Tensor:
        """`gradient`, every band stretched to about the move that would level it."""
        stretched: Tensor = torch.fft.irfft2(torch.fft.rfft2(gradient) * self._gains[self._band], s=self._size)
        return stretched

    def _weigh(self) -> None:
        moved, turned, last = self._known
        gains = moved / turned.clamp_min(1e-30)
        self._gains = torch.maximum(gains, _LEAST * gains.max())
        self.energy = (self._gains * last).sum()
        """Of the last change of the gradient that was learned, its product with itself stretched."""


def _times(width: int, device: torch.device) -> Tensor:
    """How often there is a wave like each of a row of `rfft2`: of most it gives one of two that are alike."""
    times = torch.full((width // 2 + 1,), 2.0, device=device)
    times[0] = 1
    if width % 2 == 0:
        times[-1] = 1
    return times


def _bands(height: int, width: int) -> Tensor:
    """The band (height, width // 2 + 1) of each frequency of `rfft2`: equal steps of pitch, from the broadest wave."""
    down, right = torch.fft.fftfreq(height), torch.fft.rfftfreq(width)
    lowest = 1 / max(height, width, 2)
    waves = (down[:, None].square() + right.square()).sqrt().clamp_min(lowest) / lowest
    highest = 0.5**0.5 / lowest
    return (torch.log(waves) / torch.log(torch.tensor(highest)) * _BANDS).int().clamp(0, _BANDS - 1)
