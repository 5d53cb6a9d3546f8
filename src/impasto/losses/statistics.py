"""What a picture's texture is, without where: statistics of features over all positions."""

from torch import Tensor


def gram_matrix(features: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean product of every two channels over all positions (Gatys et al. 2015, equation 3, divided by positions).

    `features` is (B, C, h, w); `mask`, if given, (B, 1, h, w) in [0, 1], counts each position by its weight.
    Returns (B, C, C), symmetric. Dividing by the number of positions makes it independent of the picture's size.
    """
    flat = features.flatten(2)  # (B, C, h*w)
    if mask is None:
        return flat @ flat.mT / flat.shape[2]
    weights = mask.flatten(2)  # (B, 1, h*w)
    return (flat * weights) @ flat.mT / weights.sum(2, keepdim=True)
