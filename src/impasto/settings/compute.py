"""Where the work is done, and how precisely."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator

from impasto.settings.base import Settings


def _checked_device(name: str) -> str:
    kind, colon, index = name.partition(":")
    if kind in ("auto", "cpu", "mps") and not colon:
        return name
    if kind in ("cuda", "xpu") and (not colon or re.fullmatch("0|[1-9][0-9]{0,2}", index)):
        return name
    raise ValueError("write auto, cpu, cuda, cuda:N, mps or xpu")


Precision = Literal["auto", "float32", "bfloat16"]


class ComputeSettings(Settings):
    """Where the work is done, and how precisely."""

    device: Annotated[str, AfterValidator(_checked_device)] = "auto"
    """auto, cpu, cuda, cuda:N, mps or xpu."""

    precision: Precision = "auto"
    """Numbers inside the network: auto takes bfloat16 where the machine computes it in hardware."""
