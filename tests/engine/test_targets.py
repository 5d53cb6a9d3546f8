import pytest
import torch
from engine.fakes import SmallNetwork

from impasto.engine.pyramid import Level
from impasto.engine.roles import Role, Roles
from impasto.engine.targets import Targets
from impasto.settings import LookSettings

CONTENT = torch.rand(1, 3, 16, 24, generator=torch.Generator().manual_seed(1))
STYLES = [torch.rand(1, 3, 20, 20, generator=torch.Generator().manual_seed(seed)) for seed in (2, 3)]
LEVEL = Level((8, 12), 0.5, 1)
IMAGE = torch.rand(1, 3, 8, 12, generator=torch.Generator().manual_seed(4))


def roles(content, style):
    return Roles(Role("content", content, {"coarse": 1.0}), Role("style", style, {"fine": 2.0, "coarse": 1.0}))


def test_two_networks_that_are_alike_weigh_what_one_does_in_both_roles():
    targets = Targets(CONTENT, STYLES[:1], [1.0], LookSettings())
    one, other = SmallNetwork(), SmallNetwork()
    both = targets.objective_at(LEVEL, roles(one, one))
    apart = targets.objective_at(LEVEL, roles(one, other))
    assert len(both.views) == 1
    assert len(apart.views) == 2
    before = one.passes, other.passes
    torch.testing.assert_close(both(IMAGE), apart(IMAGE))
    assert (one.passes, other.passes) == (before[0] + 2, before[1] + 1)


def test_shares_of_styles_add_up():
    network = SmallNetwork()

    def style_losses(shares):
        losses = Targets(CONTENT, STYLES, shares, LookSettings()).objective_at(LEVEL, roles(network, network))(IMAGE)
        return {name: loss.item() for name, loss in losses.items() if name.startswith("style")}

    whole, mixed = style_losses([1.0, 1.0]), style_losses([0.75, 0.25])
    assert mixed["style 1 fine"] == pytest.approx(0.75 * whole["style 1 fine"])
    assert mixed["style 2 coarse"] == pytest.approx(0.25 * whole["style 2 coarse"])


def test_total_variation_weighs_the_same_for_an_enlarged_picture():
    def tv(times):
        height, width = 40 * times, 60 * times
        smooth = torch.linspace(0, 1, width).expand(1, 3, height, width)
        terms = Targets(smooth, STYLES, [0.5, 0.5], LookSettings(tv_weight=3))._pixel_terms(
            Level((height, width), 1, 1)
        )
        return terms[0].weight * terms[0].loss(smooth).item()

    assert tv(4) == pytest.approx(tv(1), rel=0.05)
