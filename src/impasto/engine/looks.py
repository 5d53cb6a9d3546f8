"""What a network that paints in one pass knows of pictures: statistics of its own features.

Whitening and coloring need them, Y. Li et al. 2017, "Universal Style Transfer via Feature Transforms", section 3.2.
Departure: matrix roots by the Newton-Schulz iteration (N. Higham, "Functions of Matrices", 2008, equation 6.35), which
has a gradient and needs products alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.devices import finest, is_settled
from impasto.engine.mask import Mask
from impasto.losses import Place
from impasto.losses.statistics import Sums, mean_and_covariance, sums
from impasto.networks.feedforward import NOISES, FeedForward

Share = TypeVar("Share", float, Tensor, float | Tensor)

_LEAST = 0.02
"""Of the mean variance of a level's features: what is added in every direction, so that noise does not become paint."""
_FLAT = 1e-7
"""Of the squared mean: what is added at least, so that a picture in which nothing varies has a root, too."""
_BROADEST = 60_000.0
"""How broadly the light of a picture varies at most where it is kept, in 16 bits: it is left as little of any more."""
_ROUNDS = 10
_APART = 4
"""Positions between those of which the middle of features is taken."""


@dataclass(frozen=True)
class Look:
    """What a network knows of pictures: statistics of its own features, level by level, finest first."""

    means: Sequence[Tensor]
    """(B, C, 1)."""
    roots: Sequence[Tensor]
    """(B, C, C): the symmetric roots of the covariances."""
    noise: Sequence[Tensor]
    """(B, C, NOISES): how noise is colored."""
    hand: Tensor | None
    """(B, N, 1): how much each of the network's changes counts when it is painted; None where it paints as it is."""


class Spread(NamedTuple):
    """How features of pictures lie: what they are whitened by, and what brings them back."""

    mean: Tensor
    """(B, C, 1)."""
    root: Tensor
    """(B, C, C), of their covariance; symmetric."""
    inverse: Tensor
    """(B, C, C), of the root."""


def look(network: FeedForward, picture: Tensor, where: Mask | None = None) -> Look:
    """The look of pictures (B, 3, H, W) in [0, 1], where the mask says; sides are multiples of `UNIT`."""
    tables = [measured(each, Place.whole(each), where) for each in network.encoded(picture)]
    return look_of(network, spreads_of(network, tables))


def look_of(network: FeedForward, spreads: Sequence[Spread]) -> Look:
    """The look whose features, level by level, lie so."""
    return _look(network, [each.mean for each in spreads], [each.root for each in spreads])


def own_look_of(spreads: Sequence[Spread]) -> Look:
    """The same of a photo that is to be painted: in its own look there is no noise, and no hand."""
    noise = [each.mean.new_zeros(*each.mean.shape[:2], NOISES) for each in spreads]
    return Look([each.mean for each in spreads], [each.root for each in spreads], noise, None)


def spreads_of(network: FeedForward, tables: Sequence[Tensor]) -> list[Spread]:
    """Of features that are as `measured`, level by level, as finely as the network counts."""
    return [spread_of(table, mixing.dtype) for table, mixing in zip(tables, network.noise, strict=True)]


def spread_of(table: Tensor, dtype: torch.dtype) -> Spread:
    """The same of a single level."""
    mean, covariance = (each.to(dtype) for each in mean_and_covariance(Sums(table)))
    return Spread(mean, *roots(mean, covariance))


def _look(network: FeedForward, means: Sequence[Tensor], colors: Sequence[Tensor]) -> Look:
    noise = [root @ mixing for root, mixing in zip(colors, network.noise, strict=True)]
    return Look(means, colors, noise, network.hand(means, colors) if network.hand else None)


def _half(width: int) -> Tensor:
    """The rows and columns (2, N) of what is not above the diagonal of a matrix."""
    return torch.tril_indices(width, width)


def measured(features: Tensor, place: Place, where: Mask | None = None) -> Tensor:
    """What there is to know of a level's features (B, C, h, w): of those of all parts of a picture, it adds up.

    As `sums` gives it, of features about their middle, from where the sums of features are found with more digits: a
    large picture varies so little about its mean that float32 has none left for it.
    """
    middle = features.detach()[:, :, ::_APART, ::_APART].mean((2, 3), keepdim=True)  # any other would do
    about = sums(features - middle, mask_over(features, place, where)).to(finest(features.device))
    back = F.pad(middle.flatten(1).to(about.dtype), (0, 1))[..., None]  # (B, C + 1, 1): by how much all were moved
    about = about + back @ about[:, -1:]
    return about + about[..., -1:] @ back.mT


def vector(look: Look) -> Tensor:
    """A look (of B pictures) as numbers (B, N): means, and the halves of the symmetric roots, level by level."""
    halves = [_half(mean.shape[1]) for mean in look.means]
    levels = zip(look.means, look.roots, halves, strict=True)
    return torch.cat([part for mean, root, half in levels for part in (mean[:, :, 0], root[:, half[0], half[1]])], 1)


def light_vector(breadth: float, lights: Sequence[Tensor]) -> Tensor:
    """How broadly the light of a picture varies, and what its features have of it, as numbers (1, N)."""
    told = torch.tensor([[breadth]]).nan_to_num(0, posinf=_BROADEST).clamp_max(_BROADEST)
    return torch.cat([told, *(each[:, :, 0].cpu().float() for each in lights)], 1)


def lights_from_vector(network: FeedForward, numbers: Tensor) -> list[Tensor]:
    """What the features of a picture have of its light, level by level, as `with_less_light` takes it."""
    return [each[:, :, None] for each in torch.split(numbers[:, 1:], [len(mixing) for mixing in network.noise], 1)]


def size_of_a_light(network: FeedForward) -> int:
    """How many numbers `light_vector` makes of one picture."""
    return 1 + sum(len(mixing) for mixing in network.noise)


def size_of_a_look(network: FeedForward) -> int:
    """How many numbers `vector` makes of one picture's look."""
    return sum(len(mixing) * (len(mixing) + 3) // 2 for mixing in network.noise)


def from_vector(network: FeedForward, numbers: Tensor) -> Look:
    """The look, for this network, that `numbers` (B, N) are of."""
    means, colors = [], []
    for mixing in network.noise:
        width = len(mixing)
        rows, columns = _half(width)
        mean, half, numbers = numbers.tensor_split([width, width + len(rows)], 1)
        place = torch.empty(width, width, dtype=torch.long)
        place[rows, columns] = place[columns, rows] = torch.arange(len(rows))
        means.append(mean[:, :, None])
        colors.append(half[:, place.flatten()].view(-1, width, width))
    return _look(network, means, colors)


def mixed(looks: Sequence[Look], shares: Sequence[float | Tensor]) -> Look:
    """The look between several ones, each with its share, a number or (B, 1, 1); the shares sum to 1."""

    def between(*parts: Tensor) -> Tensor:
        return torch.stack([share * part for share, part in zip(shares, parts, strict=True)]).sum(0)

    hands = [share * look.hand for look, share in zip(looks, shares, strict=True) if look.hand is not None]
    return Look(
        [between(*level) for level in zip(*(look.means for look in looks), strict=True)],
        [between(*level) for level in zip(*(look.roots for look in looks), strict=True)],
        [between(*level) for level in zip(*(look.noise for look in looks), strict=True)],
        torch.stack(hands).sum(0) if hands else None,
    )


def with_less_light(look: Look, lights: Sequence[Tensor], left: float) -> Look:
    """The look with so much `left` of its broad light; the hand is that of the style, whatever its light.

    `lights` (B, C, 1) tell, level by level, by how much features change with one standard deviation of it. Features are
    taken for sums of that and of what has nothing to do with it, so their covariance is less by a part of rank one.
    """
    if left == 1:
        return look
    pairs = [
        (root, _root(root @ root - (1 - left**2) * (light @ light.mT)))
        for root, light in zip(map(_finely, look.roots), map(_finely, lights), strict=True)
    ]
    noise = [
        (less @ torch.linalg.solve(root, _finely(each))).to(each)
        for (root, less), each in zip(pairs, look.noise, strict=True)
    ]
    return replace(look, roots=[less.to(root) for (_, less), root in zip(pairs, look.roots, strict=True)], noise=noise)


def _finely(numbers: Tensor) -> Tensor:
    return numbers.cpu().double()


def _root(covariance: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(covariance)
    root: Tensor = (vectors * values.clamp_min(0).sqrt()[:, None]) @ vectors.mT
    return root


def share_of(strength: Share) -> Share:
    """The share of a style at a strength, a number or a tensor of them: the photo's own look has the rest of 1."""
    return 1 - (1 - strength) ** 2


def at_strength(own: Look, style: Look, strength: float | Tensor) -> Look:
    """The look between a photo's `own`, at strength 0, and the style's, at 1; `strength` is a number or (B, 1, 1).

    At 0 there is no noise, and no hand but the network's own.
    """
    rest = 1 - share_of(strength)
    still = Look(own.means, own.roots, [torch.zeros_like(each) for each in own.noise], None)
    return mixed([still, style], [rest, 1 - rest])


def roots(mean: Tensor, covariance: Tensor) -> tuple[Tensor, Tensor]:
    """The symmetric root of a covariance (B, C, C), and the root's inverse; both of it with a little added.

    How little is too little, the `mean` (B, C, 1) tells.
    """
    unit = torch.eye(covariance.shape[1], device=covariance.device, dtype=covariance.dtype).expand_as(covariance)
    spread = covariance.diagonal(dim1=1, dim2=2).mean(1)[:, None, None]
    least = (_FLAT * mean.square().sum(1, keepdim=True)).clamp_min(1e-12)
    matrix = covariance + (_LEAST * spread).maximum(least) * unit
    size = matrix.square().sum((1, 2), keepdim=True).sqrt()
    root, inverse = (_of_eigenvalues if is_settled(matrix) else _of_products)(matrix / size)
    return root * size.sqrt(), inverse / size.sqrt()


def _of_products(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """The root of a matrix of size 1, and its inverse, as near as the iteration comes."""
    unit = torch.eye(matrix.shape[1], device=matrix.device, dtype=matrix.dtype).expand_as(matrix)
    root, inverse = matrix, unit
    for _ in range(_ROUNDS):
        step = 1.5 * unit - 0.5 * (inverse @ root)
        root, inverse = root @ step, step @ inverse
    return root, inverse


def _of_eigenvalues(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """The same, but for rounding, in half the time: what is made of a matrix is made of each of its eigenvalues."""
    try:
        values, vectors = torch.linalg.eigh(matrix)
    except RuntimeError:  # not all that is no number, or that float32 is too coarse for, has eigenvalues
        return _of_products(matrix)
    inverse, most, half = torch.ones_like(values), torch.full_like(values, 1.5), -0.5 * values
    for _ in range(_ROUNDS):  # the root is always the value times this
        inverse = inverse * torch.addcmul(most, half, inverse.square())
    return (vectors * (values * inverse)[:, None]) @ vectors.mT, (vectors * inverse[:, None]) @ vectors.mT


def mask_over(features: Tensor, place: Place, where: Mask | None) -> Tensor | None:
    """What of a mask lies over features (B, C, h, w) of a part of a picture, (1, 1, h, w); None for everywhere."""
    return None if where is None else place.cut(where.at((place.height, place.width)), features).to(features)
