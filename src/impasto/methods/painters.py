"""Networks that paint in one pass, where they are to paint: as they come, or with the hand of a style and as they have
learned it. Each is loaded or made once, for all pictures."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from functools import cache

import torch
from torch import Tensor

from impasto.devices import Compute
from impasto.digests import numbers_digest
from impasto.engine.looks import Look
from impasto.networks.adaptation import adapted
from impasto.networks.adaptation import vector as numbers_of
from impasto.networks.feedforward import FeedForward, load_feedforward
from impasto.networks.style_file import SavedStyle
from impasto.recent import Recent

_DIGITS = 6
"""Of shares: where masks are rounded it does not make a network of its own."""

_made: Recent[FeedForward] = Recent(8)
"""Of two styles at all sizes of strokes, some ten million bytes each."""


def painter_for(file: str, compute: Compute) -> FeedForward:
    """The network in a file, or the one that comes with impasto. That one is everybody's: it must not be changed.

    Raises `WeightsError` as `load_feedforward` does.
    """
    return _placed(load_feedforward(file), compute) if file else _shipped(compute.device, compute.dtype)


@cache
def _shipped(device: torch.device, dtype: torch.dtype) -> FeedForward:
    return _placed(load_feedforward(), Compute(device, dtype))


def _placed(painter: FeedForward, compute: Compute) -> FeedForward:
    return painter.to(compute.device).computing(compute.dtype)


class Painters:
    """A network that paints, as each mixture of styles needs it."""

    def __init__(self, painter: FeedForward, saved: Mapping[int, SavedStyle]) -> None:
        """`saved` are the styles, by number, of which something may have been learned."""
        device = next(painter.parameters()).device
        self.plain = painter
        """The network with no hand but its own, that has learned nothing."""
        self._learned = {
            number: {name: part.to(device) for name, part in style.adaptation.items()}
            for number, style in saved.items()
            if style.adaptation
        }
        self._digests = {number: numbers_digest(numbers_of(parts)) for number, parts in self._learned.items()}

    def at(self, shares: Sequence[Sequence[float]], aims: Sequence[Look]) -> list[FeedForward]:
        """For each part of a picture the network that paints it towards its aim.

        Its shares are those of the styles, by number, and sum to 1 or less. Where they are the same, the network is the
        same one, whose hand is the mean of theirs.
        """
        keys = [tuple(round(share, _DIGITS) for share in each) for each in shares]
        hands = defaultdict(list)
        for key, aim in zip(keys, aims, strict=True):
            if aim.hand is not None:
                hands[key].append(aim.hand)
        found = {key: self._of(key, torch.stack(hands[key]).mean(0) if hands[key] else None) for key in {*keys}}
        return [found[key] for key in keys]

    def _of(self, shares: Sequence[float], hand: Tensor | None) -> FeedForward:
        used = {number: shares[number] for number in self._learned if shares[number]}
        if hand is not None and not hand.any():
            hand = None
        if hand is None and not used:
            return self.plain
        learned = [(self._learned[number], share) for number, share in used.items()]
        return _made.get(self._key(used, hand), lambda: adapted(self.plain, learned, hand))

    def _key(self, used: Mapping[int, float], hand: Tensor | None) -> Hashable:
        """What a network depends on; None for one of a network that no file is of, which is not kept."""
        plain = self.plain
        if not plain.fingerprint:
            return None
        device = str(next(plain.parameters()).device)
        learned = tuple((self._digests[number], share) for number, share in used.items())
        return plain.fingerprint, plain.rounds, device, learned, None if hand is None else numbers_digest(hand)
