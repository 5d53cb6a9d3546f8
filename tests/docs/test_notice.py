"""NOTICE and the model cards tell of what is in the repository."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NETWORKS = ROOT / "src" / "impasto" / "networks"
AUTHORS = {"astronaut": "NASA", "chelsea": "Stefan van der Walt", "coffee": "Rachel Michetti", "rocket": "SpaceX"}
"""Of photos that scikit-image ships."""


def test_photos_of_the_manual_are_named() -> None:
    examples = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "examples").glob("*.py"))
    shown = {*re.findall(r"\bdata\.(\w+)\(\)", examples)}
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert shown
    assert not [photo for photo in shown if AUTHORS[photo] not in notice]


@pytest.mark.parametrize("weights", [*NETWORKS.glob("*.safetensors")], ids=lambda path: path.stem)
def test_each_card_is_of_the_weights_beside_it(weights: Path) -> None:
    card = weights.with_suffix(".md").read_text(encoding="utf-8")
    assert f"`{sha256(weights.read_bytes()).hexdigest()}`" in card
