"""Frames of a film, and what their painter is told of them."""

import numpy as np
import torch
from methods.films import cued, pan


def test_motion_leads_back_to_where_things_were(photo):
    cues = cued(pan(photo, 6, step=3, width=128, height=96), (1, 4))
    assert [sorted(cue.motions) for cue in cues] == [[], [1], [1], [1], [1, 4], [1, 4]]
    for back, shift in ((1, 3), (4, 12)):
        motion = cues[5].motions[back]
        inside = motion.flow[0, :, 16:-16, 16:-32]
        assert (inside[0] - shift).abs().median() < 0.3
        assert inside[1].abs().median() < 0.3
        assert motion.visible.shape == (1, 1, 96, 128)
        assert motion.visible[..., 16:-16, 16:-32].mean() > 0.9
        assert motion.visible[..., -shift + 1 :].mean() < 0.5, "what has come into sight was not there before"


def test_the_same_frame_has_not_moved(photo):
    frame = pan(photo, 1)[0]
    motion = cued([frame, frame.copy()])[1].motions[1]
    assert not motion.flow.any()
    assert motion.visible.min() == 1


def test_a_repeated_frame_is_on_the_way_from_one_to_another(photo):
    film = pan(photo, 4, step=3, width=128, height=96)
    cues = cued([film[0], film[1], film[1].copy(), film[2], film[3]], (1, 3))
    assert (cues[4].motions[3].flow[0, 0, 16:-16, 16:-32] - 6).abs().median() < 0.3


def test_odd_and_tiny_frames_have_motion_too():
    for shape in ((33, 47, 3), (1, 1, 3), (2, 3, 3)):
        frames = [np.full(shape, value, np.uint8) for value in (10, 60)]
        motion = cued(frames)[1].motions[1]
        assert motion.flow.shape == (1, 2, *shape[:2])
        assert torch.isfinite(motion.flow).all()
