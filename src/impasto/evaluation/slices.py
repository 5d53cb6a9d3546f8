"""Clouds of points seen along directions, so that clouds of any size can be compared (Rabin et al. 2011)."""

from torch import Tensor

from impasto.losses.statistics import ascending, quantiles


def slices(points: Tensor, directions: Tensor, count: int) -> Tensor:
    """`count` quantiles of `points` (1, C, H, W) along each of `directions` (D, C): (1, D, count), ascending."""
    return quantiles(ascending(directions.to(points) @ points.flatten(2)), count)
