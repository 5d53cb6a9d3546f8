"""A student that has not been trained yet, but is no stranger to its teacher: layer by layer, by least squares.

Each convolution learns to give some of the teacher's channels, from the student's own features before it. Which ones is
chosen by pivoting: each in turn is the one that explains most of what is left of all the others.
"""

from collections.abc import Mapping
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from impasto.networks.student import LAYERS
from impasto.networks.vgg import VGG19, Vgg, convolutions
from impasto.training.trainee import Trainee, bordered, centered

_POSITIONS = 60_000
"""Positions that a convolution is fitted to."""
_RELAXATIONS = 6
"""Fits of one convolution, between which targets below zero are let go: rectified, any number there is right."""


@torch.no_grad()
def begin(trainee: Trainee, teacher: Vgg, pictures: Tensor, seed: int) -> None:
    """Sets all weights of `trainee` from what `teacher` sees in `pictures` (B, 3, H, W) in [0, 1]."""
    chance = torch.Generator().manual_seed(seed)
    x = taught = centered(pictures)
    for own, theirs in zip(trainee.convolutions, convolutions(VGG19), strict=False):
        convolution = cast(nn.Conv2d, teacher.steps[theirs.layer])
        before = F.conv2d(bordered(taught, theirs), convolution.weight, convolution.bias)
        taught = F.relu(before)
        chosen = _pivots(_rows(taught), own.shape[0])
        picked = torch.randperm(_rows(before).shape[0], generator=chance)[:_POSITIONS]
        inputs = _patches(bordered(x, own), picked)
        solution = _fit(inputs, _rows(before)[picked][:, chosen])
        weight, bias = solution[:-1].T.reshape(own.shape).float(), solution[-1].float()
        size = F.relu(inputs @ solution).square().mean().sqrt().float()
        trainee.set_weight(own, weight / size, bias / size)
        x = trainee.step(x, own)
        if own.layer in LAYERS:
            trainee.spread(own.layer).copy_((taught - taught.mean((0, 2, 3), keepdim=True)).square().mean().sqrt())


@torch.no_grad()
def fit_lifts(trainee: Trainee, pictures: Tensor, taught: Mapping[str, Tensor]) -> None:
    """Sets the lifts to the best that there are for `pictures`, of which the teacher's features are `taught`."""
    x = centered(pictures)
    for convolution in trainee.convolutions:
        x = trainee.step(x, convolution)
        if convolution.layer in LAYERS:
            wanted = _rows(taught[convolution.layer]) / trainee.spread(convolution.layer)
            trainee.lifts[convolution.layer].data.copy_(_solve(_rows(x).double(), wanted.double()).T)


def _pivots(rows: Tensor, count: int) -> list[int]:
    """The channels that explain most of features (n, C), found one by one (pivoted Cholesky decomposition)."""
    left = (rows.T @ rows / len(rows)).double()
    least = 1e-7 * left.diag().max()
    chosen: list[int] = []
    for _ in range(count):
        explained = left.square().sum(1) / left.diag().clamp_min(1e-12)
        explained[left.diag() < least] = -1
        explained[chosen] = -2
        best = int(explained.argmax())
        left = left - torch.outer(left[:, best], left[best]) / left[best, best].clamp_min(1e-12)
        chosen.append(best)
    return chosen


def _fit(inputs: Tensor, targets: Tensor) -> Tensor:
    """Weights (n + 1, out) of inputs (m, n + 1) for targets (m, out), as they count after a rectification."""
    inputs, targets = inputs.double(), targets.double()
    solution = _solve(inputs, targets)
    for _ in range(_RELAXATIONS):
        solution = _solve(inputs, torch.where(targets > 0, targets, (inputs @ solution).clamp_max(0)))
    return solution


def _solve(inputs: Tensor, targets: Tensor) -> Tensor:
    """Least squares, by the normal equations: there are many more rows than columns."""
    normal = inputs.T @ inputs
    ridge = (1e-4 * normal.diag().mean()).clamp_min(1e-12) * torch.eye(len(normal), dtype=normal.dtype)
    solution: Tensor = torch.linalg.solve(normal + ridge, inputs.T @ targets)
    return solution


def _patches(padded: Tensor, picked: Tensor) -> Tensor:
    """The 3x3 patches of (B, C, H, W) at the positions of these numbers, and a one: (n, 9 C + 1) in float64."""
    windows = padded.unfold(2, 3, 1).unfold(3, 3, 1)  # (B, C, h, w, 3, 3)
    height, width = windows.shape[2:4]
    rows = windows[picked // (height * width), :, picked // width % height, picked % width].flatten(1).double()
    return torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1)


def _rows(features: Tensor) -> Tensor:
    """(B, C, h, w) as (B * h * w, C)."""
    return features.permute(0, 2, 3, 1).flatten(0, 2)
