"""How far to move for a slope, band by band of spatial frequency.

L-BFGS begins each direction from one number, how far the last moves went for how much they turned the gradient. But
networks feel a change of single pixels far more than one of broad areas, so that one number is too careful with the
broad and too bold with the fine. Here every band, less than an octave wide, has a number of its own, learned in the
same way.
"""

import torch
from torch import Tensor

_BANDS = 12
_MEMORY = 0.9
"""Of what was learned before, at each move."""
_LEAST = 1e-3
"""Of the boldest band's number: none is taken to be more careful than that."""


class Bands:
    """A diagonal inverse Hessian in the Fourier space of pictures (B, 3, H, W), the same over each band."""

    def __init__(self, picture: Tensor) -> None:
        self._size = (picture.shape[2], picture.shape[3])
        self._band = _bands(*self._size).to(picture.device)
        self._moved, self._turned = (torch.zeros(_BANDS, device=picture.device) for _ in range(2))

    @property
    def state(self) -> list[Tensor]:
        """What was learned."""
        return [self._moved, self._turned]

    def restore(self, state: list[Tensor]) -> None:
        """Takes up what another one had learned."""
        self._moved, self._turned = state

    def learn(self, moved: Tensor, turned: Tensor, curvature: Tensor) -> None:
        """A move by `moved` turned the gradient by `turned`; `curvature` is their product, above zero."""
        far, much = self._energy(moved), self._energy(turned)
        self._moved = _MEMORY * self._moved + (far * much).sqrt() / curvature
        self._turned = _MEMORY * self._turned + much / curvature

    def __call__(self, gradient: Tensor) -> Tensor:
        """`gradient` with every band stretched to about the move that would level it."""
        gains = self._moved / self._turned.clamp_min(1e-30)
        gains = gains.clamp_min(_LEAST * gains.max().item())
        spectrum = torch.fft.rfft2(gradient) * gains[self._band]
        stretched: Tensor = torch.fft.irfft2(spectrum, s=self._size)
        return stretched

    def _energy(self, picture: Tensor) -> Tensor:
        power = torch.fft.rfft2(picture).abs().square().sum((0, 1))
        return torch.zeros_like(self._moved).index_add(0, self._band.flatten(), power.flatten().to(self._moved))


def _bands(height: int, width: int) -> Tensor:
    """The band (height, width // 2 + 1) of each frequency of `rfft2`: equal steps of pitch, from the broadest wave."""
    down, right = torch.fft.fftfreq(height), torch.fft.rfftfreq(width)
    lowest = 1 / max(height, width, 2)
    waves = (down[:, None].square() + right.square()).sqrt().clamp_min(lowest) / lowest
    highest = 0.5**0.5 / lowest
    return (torch.log(waves) / torch.log(torch.tensor(highest)) * _BANDS).long().clamp(0, _BANDS - 1)
