"""Every knob: one pydantic model a file, and their sum, `StylizeSettings`.

A knob's default, range and help text are written here and only here: flags, the Python call, metadata and the
reference page are all made from these models. Each part of the engine takes the small model that it needs; since
`StylizeSettings` is all of them at once, a whole run's settings go down unchanged.
"""

from impasto.settings.compute import ComputeSettings
from impasto.settings.distill import DistillSettings
from impasto.settings.files import FileSettings
from impasto.settings.film import FilmSettings
from impasto.settings.learn import LearnSettings
from impasto.settings.look import LookSettings
from impasto.settings.method import MethodSettings
from impasto.settings.networks import NetworkSettings
from impasto.settings.preset import COVERED, PRESETS, PresetSettings
from impasto.settings.regions import RegionSettings
from impasto.settings.size import SizeSettings
from impasto.settings.solver import SolverSettings
from impasto.settings.stylize import StylizeSettings
from impasto.settings.train import TrainSettings

__all__ = [
    "COVERED",
    "PRESETS",
    "ComputeSettings",
    "DistillSettings",
    "FileSettings",
    "FilmSettings",
    "LearnSettings",
    "LookSettings",
    "MethodSettings",
    "NetworkSettings",
    "PresetSettings",
    "RegionSettings",
    "SizeSettings",
    "SolverSettings",
    "StylizeSettings",
    "TrainSettings",
]
