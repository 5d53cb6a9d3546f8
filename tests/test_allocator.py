import platform
import subprocess
import sys

import pytest


def test_freed_memory_is_kept_for_the_next_step() -> None:
    """In a process of its own: a block of 64 MB (15625 pages), taken and freed again and again, soon costs no pages."""
    program = """
import resource, torch
from impasto.allocator import keep_freed_memory
keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
before = faults()
for _ in range(30):
    torch.ones(16_000_000)
assert faults() - before < 15 * 15625, faults() - before
"""
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("needs glibc")
    subprocess.run([sys.executable, "-c", program], check=True)
