"""Statistics that change slowly: what a shot's features are like, and not what those of each of its frames are.

A restyling that takes every frame's own statistics brightens the whole picture where a dark thing leaves it.
"""

from collections.abc import Mapping, Sequence

from torch import Tensor

from impasto.engine.restyling import Aims, Restyling


class Memory:
    """Tables of sums, by name, each a mean over the frames so far, the later the more."""

    def __init__(self) -> None:
        self.known: dict[str, Tensor] = {}
        """(B, C + 1, C + 1), as `losses.statistics.sums` gives them, of one position."""

    def mixed(self, name: str, table: Tensor, keep: float) -> Tensor:
        """What is known under the name, now that a frame has this table: of what was known before, a share is kept."""
        table = table / table[:, -1:, -1:].clamp_min(1e-12)
        before = self.known.get(name)
        if before is not None:
            table = before.to(table).lerp(table, 1 - keep)
        self.known[name] = table
        return table

    def take(self, known: Mapping[str, Tensor]) -> None:
        """Goes on from what another one knew."""
        self.known = dict(known)


class Remembering(Restyling):
    """A `Restyling` whose statistics are those of the frames so far."""

    def __init__(
        self,
        aims: Aims,
        names: Sequence[str],
        memory: Memory,
        keep: float,
        drift: Tensor | None = None,
    ) -> None:
        """Each area has a name, by which it is known again; a share of what was known before is to `keep`."""
        super().__init__(aims, drift=drift)
        self._names, self._memory, self._keep = names, memory, keep

    def learn(self, level: int, tables: Sequence[Tensor]) -> None:
        named = zip(self._names, tables, strict=True)
        super().learn(level, [self._memory.mixed(f"{level} {name}", table, self._keep) for name, table in named])
