"""Frames -> what moved where: optical flow, warping, occlusion, stillness and shot cuts."""

from impasto.motion.cuts import Cuts
from impasto.motion.flow import Frame, flow, halved
from impasto.motion.flow_file import read_flow
from impasto.motion.opencv import around
from impasto.motion.stillness import Stillness
from impasto.motion.visibility import visible
from impasto.motion.warp import chained, resized, warped, warped_sharply

__all__ = [
    "Cuts",
    "Frame",
    "Stillness",
    "around",
    "chained",
    "flow",
    "halved",
    "read_flow",
    "resized",
    "visible",
    "warped",
    "warped_sharply",
]
