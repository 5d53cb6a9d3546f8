"""Choose where to compute and how precisely, and say what is there."""

import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Literal

import psutil
import torch
from torch import Tensor

from impasto.errors import DeviceError
from impasto.settings import ComputeSettings
from impasto.settings.compute import Precision

_THREADS = 8
"""Of the processor, from which on a process gains little by more."""
_ACCELERATORS = ("cuda", "xpu", "mps")


@dataclass(frozen=True)
class Compute:
    """Where the work is done, and the precision of the numbers inside the networks."""

    device: torch.device
    dtype: torch.dtype


def choose(settings: ComputeSettings) -> Compute:
    """The device and precision that the settings ask for, or the best there is where they say `auto`.

    Raises `DeviceError` for a device that this machine does not have.
    """
    device = _device(settings.device)
    return Compute(device, _dtype(settings.precision, device))


def places(settings: ComputeSettings, workers: int | Literal["auto"]) -> list[str]:
    """The device of each of so many processes that work side by side: of several accelerators each has its turn.

    `auto` is one process for each accelerator, and for every `_THREADS` threads of the processor.
    Raises `DeviceError` as `choose` does.
    """
    device = choose(settings).device
    several = device.type in ("cuda", "xpu") and settings.device in ("auto", device.type)  # of others there is one
    names = [f"{device.type}:{index}" for index in range(_count(device.type))] if several else [str(device)]
    usual = len(names) if device.type != "cpu" else max(1, torch.get_num_threads() // _THREADS)
    return [names[number % len(names)] for number in range(usual if workers == "auto" else workers)]


def _device(name: str) -> torch.device:
    if name == "auto":
        name = next((kind for kind in _ACCELERATORS if _count(kind)), "cpu")
    device = torch.device(name)
    if device.type != "cpu" and (device.index or 0) >= _count(device.type):
        there = ", ".join(["cpu", *(kind for kind in _ACCELERATORS if _count(kind))])
        raise DeviceError(f"no device {name!r} on this machine. Use --device auto, or one of: {there}.")
    return device


def _count(kind: str) -> int:
    """How many devices of the kind this machine has."""
    module = getattr(torch, kind)
    return int(module.device_count()) if module.is_available() else 0


def _dtype(precision: Precision, device: torch.device) -> torch.dtype:
    if precision == "auto":
        return torch.bfloat16 if has_bfloat16(device) else torch.float32
    return torch.float32 if precision == "float32" else torch.bfloat16


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 in hardware: elsewhere it would be emulated, and slower than float32."""
    if device.type == "cpu":
        able = torch.cpu.get_capabilities()
        return any(able.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "xpu"


def finest(device: torch.device) -> torch.dtype:
    """The most precise numbers that every device of the kind has."""
    return torch.float64 if device.type in ("cpu", "cuda") else torch.float32


def is_settled(numbers: Tensor) -> bool:
    """Whether these are numbers, in a processor's memory, of which nothing is to be learned: no plan, and no graph."""
    return numbers.device.type == "cpu" and not (numbers.requires_grad or torch.compiler.is_exporting())


def runs_ahead(device: torch.device) -> bool:
    """Whether work goes on there while the processor prepares more: to ask for a number costs both of them time."""
    return device.type == "cuda"


def has_avx512() -> bool:
    """Whether the processor has AVX-512."""
    return bool(torch.cpu.get_capabilities().get("avx512_f", False))


def free_memory(device: torch.device) -> int:
    """Bytes that a run may still take on the device; for the CPU what the system can give without swapping."""
    if device.type in ("cuda", "xpu"):
        own = getattr(torch, device.type)
        kept = own.memory_reserved(device) - own.memory_allocated(device)  # torch has it, and gives it to whoever asks
        return int(own.mem_get_info(device)[0] + kept)
    return min(int(psutil.virtual_memory().available), _container_memory())


_halving = Lock()
_halved: list[int] = []
"""How many threads there were, once for each of those that share them."""


@contextmanager
def half_the_threads() -> Iterator[None]:
    """Within it two kinds of work that go on at the same time share the processor: each has half of the threads."""
    with _halving:
        threads = _halved[0] if _halved else torch.get_num_threads()
        _halved.append(threads)
        torch.set_num_threads(max(1, threads // 2))
    try:
        yield
    finally:
        with _halving:
            _halved.pop()
            if not _halved:
                torch.set_num_threads(threads)


@contextmanager
def untouched() -> Iterator[None]:
    """Within it torch computes in this thread as it does by itself, whatever the caller has chosen for code of his own.

    Inference mode would forbid a search its gradients, `autocast` would round what must not be rounded, and a default
    device would part what is computed together. What was made within is nobody's inference tensor.
    """
    with ExitStack() as undone:
        undone.enter_context(torch.inference_mode(False))
        for kind in ("cpu", *_ACCELERATORS):
            if torch.is_autocast_enabled(kind):
                undone.enter_context(torch.autocast(kind, enabled=False))
        if torch.get_default_device().type != "cpu":
            undone.enter_context(torch.device("cpu"))
        yield


def _container_memory() -> int:
    """What the control group of a container leaves; without one, no limit."""
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as limit:
            most = int(limit.read())
        with open("/sys/fs/cgroup/memory.current", encoding="ascii") as used:
            taken = int(used.read())
        with open("/sys/fs/cgroup/memory.stat", encoding="ascii") as lines:
            given_back = next((int(line.split()[1]) for line in lines if line.startswith("inactive_file ")), 0)
        return most - taken + given_back  # cached files make room when it is needed
    except (OSError, ValueError):
        return 2**63


def conditions(settings: ComputeSettings) -> dict[str, str | int]:
    """On what a run with these settings computes here. Where any of it differs, numbers are rounded otherwise."""
    compute = choose(settings)
    precision = str(compute.dtype).removeprefix("torch.")
    return {"device": str(compute.device), "precision": precision, "threads": torch.get_num_threads()}


def describe() -> dict[str, str]:
    """What a bug report should say of this machine."""
    compute = choose(ComputeSettings())
    return {
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "devices": ", ".join(["cpu", *(f"{kind} x {_count(kind)}" for kind in _ACCELERATORS if _count(kind))]),
        "used by default": f"{compute.device}, {str(compute.dtype).removeprefix('torch.')}",
        "threads": str(torch.get_num_threads()),
        "free memory": f"{free_memory(compute.device) / 2**30:.1f} GiB",
    }
