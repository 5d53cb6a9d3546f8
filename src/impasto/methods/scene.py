"""All that a search begins with: pictures read, masks found, colors matched, a start made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

from torch import Tensor

from impasto.devices import Compute
from impasto.engine.checkpoint import digest
from impasto.engine.memory import check_memory, check_style_memory
from impasto.engine.regions import Region, parts, untouched_outside
from impasto.engine.roles import Role, Roles
from impasto.engine.targets import Targets
from impasto.errors import ImageError, SettingsError
from impasto.images import Picture, PictureLike, read, recolor
from impasto.images.packing import packed
from impasto.images.resize import fit, resize, same_area
from impasto.methods.masks import protected_part, regions_to_paint
from impasto.methods.start import starting_picture
from impasto.settings import StylizeSettings
from impasto.settings.look import parse_weights
from impasto.settings.size import parse_scales


@dataclass(frozen=True)
class Scene:
    """What a picture is painted from.

    Its pictures are packed: they wait for most of the time, and very large ones take much memory.
    """

    photo: Tensor = field(repr=False)
    """(1, 3, H, W), packed, on the CPU."""
    alpha: Tensor | None = field(repr=False)
    """As `Picture` has it."""
    regions: Sequence[Region]
    targets: Targets = field(repr=False)
    start: Tensor = field(repr=False)
    """What the search begins with, (1, 3, H, W), packed, on the device."""
    smallest_scale: float
    """At which every picture is just large enough for the deepest layer of the network that looks at it."""
    settings: StylizeSettings

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the result."""
        return self.photo.shape[2], self.photo.shape[3]

    @property
    def digest(self) -> str:
        """Another one for any other scene."""
        masks = [mask.pixels if mask else None for region in self.regions for mask in (region.here, *region.there)]
        return digest(self.settings.model_dump_json(), self.photo, *self.targets.styles, self.start, *masks)

    def finished(self, painted: Tensor) -> Tensor:
        """The painting (1, 3, h, w), of any size, with the colors and the untouched parts that the settings promise."""
        shape = (painted.shape[2], painted.shape[3])
        small = resize(self.photo, shape)
        masks = [region.here.at(shape) if region.here else None for region in self.regions]
        colored = recolor.after(self.settings.color, painted.cpu(), small, list(zip(masks, masks, strict=True)))
        return untouched_outside(self.regions, colored, small)


def set_scene(
    content: PictureLike, styles: Sequence[PictureLike], settings: StylizeSettings, roles: Roles, compute: Compute
) -> Scene:
    """What the settings make of `content` and `styles`, each a picture as `images.read` takes it.

    Raises `ImpastoError` for pictures, masks and sizes that cannot be had.
    """
    shares = _shares(settings.style_weights, len(styles))
    photo = _read_content(content, settings, roles, compute)
    scales = _scales(settings.style_scale, len(styles))
    models = [_read_style(*look, photo, settings, roles, compute) for look in zip(styles, scales, strict=True)]
    smallest_scale = _smallest_scale(photo, models, roles)
    regions = regions_to_paint(settings, shares, photo, models, roles.content.network, compute.device)
    belonging = [[(there, here) for here, there in parts(regions, number)] for number in range(len(models))]
    canvas, colored = recolor.before(settings.color, photo.pixels, [model.pixels for model in models], belonging)
    start = starting_picture(canvas, colored, shares, settings, regions)
    protected = protected_part(settings, photo)
    waiting = packed(photo.pixels)
    aim = (waiting if canvas is photo.pixels else packed(canvas)).to(compute.device)
    looks = [packed(look).to(compute.device) for look in colored]
    targets = Targets(aim, looks, regions, settings, protected)
    return Scene(waiting, photo.alpha, regions, targets, packed(start).to(compute.device), smallest_scale, settings)


def _shares(weights: str, styles: int) -> list[float]:
    """The weight of each style; together 1. Raises `SettingsError` where there are not as many as styles."""
    chosen = parse_weights(weights) or (1.0,) * styles
    if len(chosen) != styles:
        raise SettingsError(f"style-weights: one for each style, please: {len(chosen)} given, {styles} needed.")
    return [weight / sum(chosen) for weight in chosen]


def _scales(text: str, styles: int) -> list[float]:
    """The scale of each style. Raises `SettingsError` where there are neither one nor as many as styles."""
    scales = parse_scales(text)
    if len(scales) not in (1, styles):
        raise SettingsError(f"style-scale: one for all, or one for each style: {len(scales)} given, {styles} needed.")
    return list(scales) * (styles if len(scales) == 1 else 1)


def _read_content(content: PictureLike, settings: StylizeSettings, roles: Roles, compute: Compute) -> Picture:
    """The content at the size of the result; memory is checked when the size is known, before a pixel is decoded."""

    def size(height: int, width: int) -> tuple[int, int]:
        wanted = (height, width) if settings.size == "original" else fit(height, width, settings.size)
        check_memory(wanted, roles, settings, compute)
        return wanted

    return read(content, settings, size)


def _read_style(
    style: PictureLike, scale: float, photo: Picture, settings: StylizeSettings, roles: Roles, compute: Compute
) -> Picture:
    """The style in its own shape, with the content's area times the square of its scale."""
    side = sqrt(photo.shape[0] * photo.shape[1]) * scale

    def size(height: int, width: int) -> tuple[int, int]:
        wanted = same_area(height, width, side)
        check_style_memory(wanted, roles, compute)
        return wanted

    return read(style, settings, size)


def _smallest_scale(photo: Picture, models: Sequence[Picture], roles: Roles) -> float:
    """The scale at which every picture is just large enough for the deepest layer of the network that looks at it.

    Raises `ImageError` for a picture that is too small at full size.
    """
    content = [("the content", photo, role) for role in (roles.content, roles.style)]
    styles = [(f"style {number}", model, roles.style) for number, model in enumerate(models, 1)]
    return max(_share_needed(*look) for look in content + styles)


def _share_needed(what: str, picture: Picture, role: Role) -> float:
    side = min(picture.shape)
    if side < role.smallest_side:
        height, width = picture.shape
        raise ImageError(
            f"{what}, {width}x{height} px, is too narrow: the {role.name} network needs {role.smallest_side} px at "
            "least. Use a larger --size, or a picture that is less narrow."
        )
    return role.smallest_side / side
