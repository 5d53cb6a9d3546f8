"""Work that is told once: elsewhere than on a graphics card it is left as it is."""

import torch

from impasto.engine.captured import captured_at_first


def test_without_a_graphics_card_work_is_left_as_it_is() -> None:
    def work(*given: torch.Tensor) -> list[torch.Tensor]:
        return [2 * each for each in given]

    assert captured_at_first(work, torch.device("cpu")) is work


def test_what_is_captured_is_captured_at_the_first_call_and_once(monkeypatch) -> None:
    captures = []

    def capture(work, given, device):
        captures.append((tuple(each.shape for each in given), device))
        return lambda *given: [each + 1 for each in work(*given)]

    monkeypatch.setattr("impasto.engine.captured.captured", capture)
    card = torch.device("cuda", 0)
    work = captured_at_first(lambda *given: [2 * each for each in given], card)
    assert captures == []
    for value in (1.0, 5.0):
        (found,) = work(torch.full((3,), value))
        assert torch.equal(found, torch.full((3,), 2 * value + 1))
    assert captures == [(((3,),), card)]
