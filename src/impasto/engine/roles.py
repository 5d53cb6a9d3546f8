"""Who looks at what: the content network and the style network, each at its own layers."""

from dataclasses import dataclass, replace
from functools import cached_property

from impasto import networks
from impasto.devices import Compute
from impasto.digests import file_state
from impasto.errors import SettingsError
from impasto.networks import FeatureNetwork
from impasto.recent import Recent
from impasto.settings import NetworkSettings
from impasto.settings.networks import NONE, Pooling, parse_layers

_lately: Recent[FeatureNetwork] = Recent(3)


@dataclass(frozen=True)
class Role:
    """A network with the layers that it is asked for, each with its weight."""

    name: str
    """`content` or `style`."""
    network: FeatureNetwork
    layers: dict[str, float]

    @cached_property
    def smallest_side(self) -> int:
        """Shortest side in pixels of a picture in which every layer still finds something."""
        return max(self.network.spec.smallest_size[layer] for layer in self.layers)

    @cached_property
    def reach(self) -> int:
        """How far beyond its own square, in pixels, a feature of any layer sees; 0 where that is not known."""
        return max(self.network.spec.reach.get(layer, 0) for layer in self.layers)

    @cached_property
    def floats_per_pixel(self) -> float:
        """Numbers that a backward pass through the deepest layer keeps, for each pixel."""
        return max(self.network.spec.memory_per_pixel[layer] for layer in self.layers)


@dataclass(frozen=True)
class Roles:
    """The two roles; where both name the same network they hold the same one, and one pass serves both."""

    content: Role
    style: Role


def load_roles(settings: NetworkSettings, compute: Compute) -> Roles:
    """Loads the networks of both roles onto the device, in its precision, and checks their layers.

    Raises `SettingsError` for an unknown network or layer, `WeightsError` for weights that cannot be used.
    """
    names = {settings.content_network, settings.style_network}
    loaded = {name: _placed(name, settings.pooling, compute) for name in names}
    content, style = loaded[settings.content_network], loaded[settings.style_network]
    return Roles(
        Role("content", content, _layers(content, settings.content_layers, content.spec.content_layers)),
        Role("style", style, _layers(style, settings.style_layers, style.spec.style_layers)),
    )


def load_sketch(settings: NetworkSettings, roles: Roles, compute: Compute) -> Roles | None:
    """A student in both roles, at the same layers; None where none is wanted, or where it was taught something else.

    Raises as `load_roles` does, and `SettingsError` for a network that is nobody's student.
    """
    if settings.sketch_network == NONE or settings.pooling != "max":
        return None
    network = _placed(settings.sketch_network, "max", compute)
    if not network.spec.teacher:
        raise SettingsError(
            f"sketch-network: {network.spec.name} stands in for no other network. Give student, none, or a file that "
            "impasto distill made."
        )
    judges = {roles.content.network.spec.name, roles.style.network.spec.name}
    known = {*roles.content.layers, *roles.style.layers} <= {*network.spec.layers}
    if judges != {network.spec.teacher} or not known:
        return None
    return Roles(replace(roles.content, network=network), replace(roles.style, network=network))


def _placed(name: str, pooling: Pooling, compute: Compute) -> FeatureNetwork:
    """Loaded once for the pictures of a folder, or of a sheet. It is everybody's: nobody may change it."""

    def load() -> FeatureNetwork:
        return networks.load(name, pooling).to(compute.device, compute.dtype)

    return _lately.get((name, file_state(name), pooling, compute), load)


def _layers(network: FeatureNetwork, chosen: str, default: tuple[str, ...]) -> dict[str, float]:
    layers = parse_layers(chosen) or dict.fromkeys(default, 1.0)
    networks.check_layers(network.spec, layers)
    return layers
