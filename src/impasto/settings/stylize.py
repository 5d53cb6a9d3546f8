"""All settings of one run."""

from pathlib import Path
from typing import ClassVar

from impasto.settings.compute import ComputeSettings
from impasto.settings.files import FileSettings
from impasto.settings.look import STARTS, LookSettings
from impasto.settings.method import MethodSettings, PainterSettings
from impasto.settings.networks import NetworkSettings, is_file_name
from impasto.settings.preset import PRESETS, PresetSettings
from impasto.settings.regions import RegionSettings
from impasto.settings.size import SizeSettings
from impasto.settings.solver import SolverSettings


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

    of_a_search: ClassVar[frozenset[str]] = frozenset(
        {
            *SolverSettings.model_fields,
            *NetworkSettings.model_fields,
            *("content_weight", "style_weight", "content_loss", "style_loss", "tv_weight", "chroma_weight", "init"),
        }
    )
    """Names of fields that mean nothing in one pass..."""
    of_one_pass: ClassVar[frozenset[str]] = frozenset({*PainterSettings.model_fields, "brushes"})
    """...and of those that mean nothing in a search."""
    unseen: ClassVar[frozenset[str]] = frozenset({*FileSettings.model_fields, "device", "max_megapixels"})
    """Names of fields that change no pixel: a run that was broken off may go on with others."""

    @property
    def idle(self) -> list[str]:
        """The settings that were given, not by the preset, and that mean something in the other method alone."""
        given = self.model_fields_set & (self.of_a_search if self.method == "feedforward" else self.of_one_pass)
        usual = {name: field.default for name, field in type(self).model_fields.items()} | PRESETS[self.preset]
        return [name for name in usual if name in given and getattr(self, name) != usual[name]]

    @property
    def named(self) -> list[Path]:
        """The files, or folders, of masks, a start and networks: no word is one, whatever else is called so."""
        start = [self.init] if self.init not in STARTS else []
        networks = filter(is_file_name, (self.content_network, self.style_network, self.sketch_network))
        painter = [self.painter] if self.painter else []
        return [Path(name) for name in (*start, *self.drawn, *networks, *painter)]
