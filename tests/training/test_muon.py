"""Muon's steps are those of torch's own, in the precision of the weights."""

import pytest
import torch

from impasto.training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(24, 27), (40, 12), (8, 8), (1, 5)])
def test_singular_values_become_about_one(shape):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonal(matrix))
    assert values.max() < 1.25
    if shape != (8, 8):  # a square one has directions that are nearly none
        assert values.min() > 0.6


def test_a_matrix_of_zeros_stays_one():
    assert not orthogonal(torch.zeros(3, 5)).any()


def test_steps_are_those_of_torch_in_bfloat16():
    draw = torch.Generator().manual_seed(1)
    begun = torch.randn(20, 30, generator=draw)
    ours, theirs = torch.nn.Parameter(begun.clone()), torch.nn.Parameter(begun.clone())
    steps = (
        Muon([ours], lr=0.05),
        torch.optim.Muon([theirs], lr=0.05, weight_decay=0, adjust_lr_fn="match_rms_adamw"),
    )
    for _ in range(4):
        ours.grad = theirs.grad = torch.randn(20, 30, generator=draw)
        for optimizer in steps:
            optimizer.step()
    assert (ours - theirs).norm() < 0.02 * (theirs - begun).norm()
