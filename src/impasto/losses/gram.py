"""Style as Gram matrices (Gatys, Ecker, Bethge: A Neural Algorithm of Artistic Style, 2015; CVPR 2016)."""

from torch import Tensor

from impasto.losses.statistics import Sums, gram_matrix


def gram_target(features: Tensor | Sums, mask: Tensor | None = None) -> Tensor:
    """What of the style's features (B, C, h, w) the loss needs: their Gram matrix, (B, C, C)."""
    return gram_matrix(features, mask)


def gram(features: Tensor | Sums, target: Tensor, mask: Tensor | None = None) -> Tensor:
    """Squared distance of the Gram matrix of `features` (B, C, h, w) from `target` (B, C, C): a scalar.

    The paper's E_l (equation 4) without its constant 1 / (4 N^2): impasto divides by the target's own size instead,
    in `engine.terms`, so that layers of any width and pictures of any size weigh the same.
    """
    return (gram_matrix(features, mask) - target).square().sum()
