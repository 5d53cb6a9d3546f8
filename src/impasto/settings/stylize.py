"""All settings of one run."""

from pathlib import Path

from impasto.settings.compute import ComputeSettings
from impasto.settings.files import FileSettings
from impasto.settings.look import LookSettings
from impasto.settings.method import MethodSettings
from impasto.settings.networks import NetworkSettings
from impasto.settings.preset import PresetSettings
from impasto.settings.regions import RegionSettings
from impasto.settings.size import SizeSettings
from impasto.settings.solver import SolverSettings

_OF_A_SEARCH = {
    *SolverSettings.model_fields,
    *NetworkSettings.model_fields,
    *("content_weight", "style_weight", "content_loss", "style_loss", "tv_weight", "chroma_weight", "init"),
}


class StylizeSettings(
    ComputeSettings,
    FileSettings,
    SolverSettings,
    NetworkSettings,
    RegionSettings,
    SizeSettings,
    LookSettings,
    MethodSettings,
    PresetSettings,
):
    """All settings of one run. Every part of impasto takes the base class that it needs of it."""

    @property
    def idle(self) -> list[str]:
        """Settings that were given and that the method has no use for: what belongs to a search, in one pass."""
        given = self.model_fields_set & _OF_A_SEARCH if self.method == "feedforward" else set[str]()
        fields = type(self).model_fields
        return [name for name in fields if name in given and getattr(self, name) != fields[name].default]

    @property
    def named(self) -> list[Path]:
        """What may be files, or folders: the words of the settings that name masks, a start and networks."""
        networks = (self.content_network, self.style_network, self.sketch_network, self.painter)
        words = (self.init, *self.drawn, *networks)
        return [Path(word) for word in words if word]
