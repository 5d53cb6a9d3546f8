"""What was asked for last, so that it need not be read, found or made again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """The last `most` things that were asked for, by what they depend on; any thread may ask."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, T] = OrderedDict()
        self._asking = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is known under the key, or is made now; under None nothing is kept.

        While it is made others may ask. Two who ask for the same at once make it twice.
        """
        with self._asking:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        made = make()
        if key is not None:
            with self._asking:
                self._known[key] = made
                while len(self._known) > self._most:
                    self._known.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._known)
