import pytest
import torch

from impasto import devices
from impasto.errors import DeviceError
from impasto.settings import ComputeSettings


def test_what_is_asked_for_is_taken():
    compute = devices.choose(ComputeSettings(device="cpu", precision="bfloat16"))
    assert compute == devices.Compute(torch.device("cpu"), torch.bfloat16)


def test_bfloat16_is_had_where_the_kernel_says_so():
    with open("/proc/cpuinfo", encoding="ascii") as lines:
        flags = {flag for line in lines for flag in line.split()}
    in_hardware = not flags.isdisjoint({"avx512_bf16", "amx_bf16", "bf16"})
    compute = devices.choose(ComputeSettings(device="cpu"))
    assert compute.dtype == (torch.bfloat16 if in_hardware else torch.float32)


@pytest.mark.parametrize("device", ["cuda:99", "xpu:99"])
def test_a_device_that_is_not_there_is_an_error(device):
    with pytest.raises(DeviceError, match=r"no device '.*' on this machine\. Use --device auto"):
        devices.choose(ComputeSettings(device=device))


def test_free_memory_is_less_than_the_machine_has():
    with open("/proc/meminfo", encoding="ascii") as lines:
        total = int(next(lines).split()[1]) * 1024
    assert 0 < devices.free_memory(torch.device("cpu")) <= total


def test_a_bug_report_names_the_versions():
    assert devices.describe()["torch"] == torch.__version__


def test_half_of_the_threads_is_shared_and_all_come_back_when_the_last_has_done():
    before = torch.get_num_threads()
    torch.set_num_threads(6)
    try:
        first, second = devices.half_the_threads(), devices.half_the_threads()
        with first:
            assert torch.get_num_threads() == 3
            second.__enter__()
            assert torch.get_num_threads() == 3
        assert torch.get_num_threads() == 3
        second.__exit__(None, None, None)
        assert torch.get_num_threads() == 6
    finally:
        torch.set_num_threads(before)


def test_what_the_caller_has_chosen_for_torch_is_put_aside_and_comes_back():
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16), torch.device("meta"):
        for _ in range(2):
            with devices.untouched():
                square = torch.ones(2, 2, requires_grad=True) @ torch.ones(2, 2)
                assert (square.device.type, square.dtype) == ("cpu", torch.float32)
                assert square.requires_grad
                assert not square.is_inference()
            assert torch.is_autocast_enabled("cpu")
            assert torch.ones(1).device.type == "meta"
            assert torch.ones(1).is_inference()


def test_what_torch_keeps_of_a_card_for_itself_counts_as_free(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, told in {"mem_get_info": (100, 1000), "memory_reserved": 50, "memory_allocated": 20}.items():
        monkeypatch.setattr(torch.cuda, name, lambda device, told=told: told)
    assert devices.free_memory(torch.device("cuda")) == 130
