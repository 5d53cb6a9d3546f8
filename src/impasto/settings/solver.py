"""How the picture is searched for, and when the search ends."""

from typing import Annotated, Literal

from pydantic import Field

from impasto.settings.base import Settings


class SolverSettings(Settings):
    """How the picture is searched for, and when the search ends."""

    solver: Literal["lbfgs", "adam"] = "lbfgs"
    """L-BFGS needs fewer steps; Adam needs less memory."""

    parameters: Literal["pixels", "pyramid"] = "pixels"
    """What is searched for: every pixel, or the differences between its sizes (a Laplacian pyramid)."""

    iterations: Annotated[int, Field(ge=1, le=1_000_000)] = 60
    """Steps in all, shared out over the sizes of the pyramid: most where they are cheap."""

    coarsest: Annotated[int, Field(ge=16, le=65536)] = 128
    """Longer side where the pyramid starts; each size doubles it. As large as the size or larger: one size only."""

    tolerance: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Leave a size early once the loss falls by less than this share over the window; 0 never does."""

    window: Annotated[int, Field(ge=1, le=100_000)] = 20
    """Steps over which the tolerance looks back."""

    seconds: Annotated[float, Field(gt=0)] | None = None
    """Stop the search after so many seconds, shared out over the sizes, and keep what is reached."""

    learning_rate: Annotated[float, Field(gt=0, le=100)] | None = None
    """Length of a step. Default: 1 for L-BFGS, 0.05 for Adam."""

    history: Annotated[int, Field(ge=1, le=1000)] = 20
    """Steps that L-BFGS remembers, or as many as half a gigabyte holds: each takes two pictures of memory."""
