"""pixels -> features."""

from impasto.networks.features import FeatureNetwork, NetworkSpec, check_layers
from impasto.networks.registry import load, specs

__all__ = ["FeatureNetwork", "NetworkSpec", "check_layers", "load", "specs"]
