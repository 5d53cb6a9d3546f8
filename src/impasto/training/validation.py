"""How a network that paints does on pictures that it never learned from: figures, and a sheet to be looked at."""

from collections.abc import Sequence
from functools import cached_property
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch

from impasto.engine.looks import look
from impasto.engine.restyling import paint
from impasto.errors import ImageError, OutputError
from impasto.images import check_replaceable
from impasto.images.atomic import refusal
from impasto.images.sheet import Cell, in_rows, write_sheet
from impasto.networks import FeatureNetwork
from impasto.networks.feedforward import FeedForward
from impasto.training.beside import losses_of, sheet_of
from impasto.training.crops import Crops
from impasto.training.style_losses import style_losses

_FEW = 4
"""Photos, and styles: every photo is painted in every style."""
_SIDE = 256
_STRENGTH = 0.7
_NOTED = ("content", "style", "grain", "weave", "grid")


class Validation:
    """Photos and styles that stay the same, and where it is written how they come out.

    A sheet beside the output, and a folder for TensorBoard.
    """

    def __init__(
        self, photos: Sequence[Sequence[Path]], styles: Sequence[Sequence[Path]], judge: FeatureNetwork, output: Path
    ) -> None:
        """Raises `ImpastoError` where nothing can be written there, and where no picture can be read."""
        self._judge, self._sheet = judge, sheet_of(output)
        self._folder = losses_of(output)
        check_replaceable(self._sheet)
        if self._folder.is_file():
            raise OutputError(f"{str(self._folder)!r} is to be a folder of losses, and is a file. Move it away.")
        self._photos, self._styles = (_squares(folders) for folders in (photos, styles))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "_log" in self.__dict__:
            self._log.close()

    def learned(self, step: int, losses: dict[str, float]) -> None:
        """Notes the losses of the training itself. Raises `OutputError`."""
        self._note("training", step, losses)

    @torch.no_grad()
    def look(self, step: int, network: FeedForward) -> None:
        """Paints every photo in every style, notes the mean losses, and writes the sheet. Raises `OutputError`."""
        device = next(network.parameters()).device
        photos, styles = self._photos.to(device), self._styles.to(device)
        pairs = [*product(range(len(photos)), range(len(styles)))]
        painted = torch.cat(
            [paint(network, photos[[photo]], look(network, styles[[style]]), _STRENGTH) for photo, style in pairs]
        )
        contents, looks = photos[[photo for photo, _ in pairs]], styles[[style for _, style in pairs]]
        losses = style_losses(painted, contents, looks, self._judge)
        self._note("validation", step, {name: losses[name].mean().item() for name in _NOTED})
        shown = painted.nan_to_num(0)  # black: one pair without numbers should not end the training
        write_sheet(in_rows(_cells(photos, styles, shown), len(styles) + 1), self._sheet, _SIDE // 2)

    @cached_property
    def _log(self) -> Any:
        """Begun with the first note: of several processes one alone takes notes."""
        from torch.utils.tensorboard import SummaryWriter

        return SummaryWriter(self._folder)

    def _note(self, what: str, step: int, losses: dict[str, float]) -> None:
        try:
            for name, loss in losses.items():
                self._log.add_scalar(f"{what}/{name}", loss, step)
            self._log.flush()
        except OSError as error:
            self.__dict__.pop("_log", None)  # it would raise the same for ever; the next note begins another
            raise refusal(self._folder, error) from error


def _squares(folders: Sequence[Sequence[Path]]) -> torch.Tensor:
    """As large a piece as there is of a few of the pictures, spread over all of them, (N, 3, side, side).

    Raises `ImageError` where all of them are damaged.
    """
    paths = [path for folder in folders for path in folder]
    few = paths[:: -(-len(paths) // _FEW)]
    squares = [*Crops([[path] for path in few], _SIDE, farthest=1.0).readable(range(len(few)))]
    if not squares:
        raise ImageError(f"{str(few[0])!r}: it is damaged, and all others that were held out. Take them away.")
    return torch.cat(squares)


def _cells(photos: torch.Tensor, styles: torch.Tensor, painted: torch.Tensor) -> list[Cell]:
    """Row by row: styles above, photos at the left."""
    rows = [styles, *painted.view(len(photos), len(styles), *painted.shape[1:])]
    corner = torch.ones_like(photos[:1])
    return [("", tile) for left, row in zip([*corner, *photos], rows, strict=True) for tile in (left, *row)]
