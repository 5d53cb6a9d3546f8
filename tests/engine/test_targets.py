import pytest
import torch
from engine.fakes import SmallNetwork

from impasto.engine import targets as module
from impasto.engine.mask import Mask
from impasto.engine.pyramid import Level
from impasto.engine.regions import regions, whole
from impasto.engine.roles import Role, Roles
from impasto.engine.targets import Targets
from impasto.losses import STYLE_LOSSES, Place
from impasto.settings import LookSettings

CONTENT = torch.rand(1, 3, 16, 24, generator=torch.Generator().manual_seed(1))
STYLES = [torch.rand(1, 3, 20, 20, generator=torch.Generator().manual_seed(seed)) for seed in (2, 3)]
LEVEL = Level((8, 12), 0.5, 1)
IMAGE = torch.rand(1, 3, 8, 12, generator=torch.Generator().manual_seed(4))


def roles(content, style):
    return Roles(Role("content", content, {"coarse": 1.0}), Role("style", style, {"fine": 2.0, "coarse": 1.0}))


def test_two_networks_that_are_alike_weigh_what_one_does_in_both_roles():
    targets = Targets(CONTENT, STYLES[:1], whole([1.0]), LookSettings())
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
        losses = Targets(CONTENT, STYLES, whole(shares), LookSettings()).objective_at(LEVEL, roles(network, network))(
            IMAGE
        )
        return {name: loss.item() for name, loss in losses.items() if name.startswith("style")}

    full, mixed = style_losses([1.0, 1.0]), style_losses([0.75, 0.25])
    assert mixed["style 1 fine"] == pytest.approx(0.75 * full["style 1 fine"])
    assert mixed["style 2 coarse"] == pytest.approx(0.25 * full["style 2 coarse"])


@pytest.mark.parametrize("name", ["tv", "chroma"])
def test_variation_weighs_the_same_for_an_enlarged_picture(name):
    def weighed(times):
        height, width = 40 * times, 60 * times
        smooth = torch.linspace(0, 1, width).expand(1, 3, height, width) * torch.tensor([1, 0.5, 0])[:, None, None]
        targets = Targets(smooth, STYLES, whole([0.5, 0.5]), LookSettings(tv_weight=3))
        (term,) = [each for each in targets._smoothness(Level((height, width), 1, 1)) if each.name == name]
        return term.weight * term.sight.reduce.loss(smooth, Place.whole(smooth)).item()

    assert weighed(4) == pytest.approx(weighed(1), rel=0.05)


def test_what_keeps_colored_noise_away_grows_with_the_dial():
    network = SmallNetwork()

    def chroma(strength):
        settings = LookSettings(strength=strength, chroma_weight=2)
        terms = Targets(CONTENT, STYLES[:1], whole([1.0]), settings).objective_at(LEVEL, roles(network, network))
        return terms(IMAGE).get("chroma", torch.zeros(())).item()

    assert chroma(0) == 0  # the photo's own colors are no noise
    assert 0 < chroma(0.5) < chroma(1)


def test_a_region_is_pulled_by_its_own_part_of_the_style_alone():
    network = SmallNetwork()
    left = torch.zeros(1, 1, 16, 24)
    left[..., :12] = 1
    content_map = {"red": left, "blue": 1 - left}
    top = torch.zeros(1, 1, 20, 20)
    top[:, :, :10] = 1

    def losses(style, image=IMAGE):
        found = regions([1.0], content_map, [{"red": top, "blue": 1 - top}])
        objective = Targets(CONTENT, [style], found, LookSettings(style_loss="gram")).objective_at(
            LEVEL, roles(network, network)
        )
        return {name: loss.item() for name, loss in objective(image).items()}

    changed = STYLES[0].clone()
    changed[:, :, 18:] = 0  # in the part of blue, and away from its edge
    before, after = losses(STYLES[0]), losses(changed)
    assert set(before) == {"content coarse", "chroma"} | {
        f"style {region} {layer}" for region in ("red", "blue") for layer in ("fine", "coarse")
    }
    assert before["style red fine"] == after["style red fine"]
    assert before["style blue fine"] != after["style blue fine"]
    moved = IMAGE.clone()
    moved[..., 10:] = 0
    assert losses(STYLES[0], moved)["style red fine"] == before["style red fine"]


def test_what_is_protected_is_pulled_harder_to_the_content():
    network = SmallNetwork()
    left = torch.zeros(1, 1, 16, 24)
    left[..., :12] = 1
    targets = Targets(CONTENT, STYLES[:1], whole([1.0]), LookSettings(), Mask(left))
    objective = targets.objective_at(LEVEL, roles(network, network))

    def protected(image):
        return objective(image)["protected coarse"].item()

    moved = IMAGE.clone()
    moved[..., 10:] = 0
    assert protected(moved) == protected(IMAGE)
    everywhere = Targets(CONTENT, STYLES[:1], whole([1.0]), LookSettings(), Mask(torch.ones(1, 1, 16, 24)))
    found = everywhere.objective_at(LEVEL, roles(network, network))(IMAGE)
    assert found["content coarse"] > 0
    assert found["protected coarse"].item() == pytest.approx(module._PROTECTION * found["content coarse"].item())


@pytest.mark.parametrize("loss", STYLE_LOSSES)
def test_every_style_loss_works_with_several_styles_and_regions(loss):
    network = SmallNetwork()
    left = torch.zeros(1, 1, 16, 24)
    left[..., :12] = 1
    found = regions([0.5, 0.5], {"red": left, "blue": 1 - left}, [{"red": torch.ones(1, 1, 20, 20)}] * 2)
    targets = Targets(CONTENT, STYLES, found, LookSettings(style_loss=loss))
    image = IMAGE.clone().requires_grad_()
    total = sum(targets.objective_at(LEVEL, roles(network, network))(image).values())
    (gradient,) = torch.autograd.grad(total, image)
    assert torch.isfinite(gradient).all()
    assert gradient.any()


@pytest.mark.parametrize("loss", STYLE_LOSSES)
def test_features_in_bfloat16_pull_nearly_the_same_way(loss):
    settings = LookSettings(style_loss=loss)
    targets = Targets(CONTENT, STYLES[:1], whole([1.0]), settings)
    found = []
    for kind in (torch.float32, torch.bfloat16):
        network = SmallNetwork().to(kind)
        image = IMAGE.clone().requires_grad_()
        value = sum(targets.objective_at(LEVEL, roles(network, network))(image).values())
        found.append((value, torch.autograd.grad(value, image)[0]))
    (exact, slope), (rough, rough_slope) = found
    assert rough.item() == pytest.approx(exact.item(), rel=0.02)
    assert torch.cosine_similarity(slope.flatten(), rough_slope.flatten(), dim=0) > 0.95


@pytest.mark.parametrize("loss", STYLE_LOSSES)
@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_features_of_any_size_weigh_the_same(loss, scale):
    def values(network):
        targets = Targets(CONTENT, STYLES, whole([0.5, 0.5]), LookSettings(style_loss=loss))
        return targets.objective_at(LEVEL, roles(network, network))(IMAGE)

    plain, scaled = values(SmallNetwork()), values(SmallNetwork(scale))
    for name, value in plain.items():
        torch.testing.assert_close(scaled[name], value, rtol=2e-3, atol=1e-7)
