import pytest
import torch

from impasto.engine.solvers.long_rows import LongRows


@pytest.mark.parametrize("length", [3, 4096, 10_000])
def test_they_multiply_and_add_like_a_matrix(length):
    matrix, vectors = (torch.randn(count, length, dtype=torch.float64) for count in (5, 2))
    rows = LongRows(5, vectors[0])
    rows.rows.copy_(matrix)
    assert torch.equal(rows.rows, matrix)
    torch.testing.assert_close(rows.products(*vectors), matrix @ vectors.T)
    times = torch.randn(5, dtype=torch.float64)
    shaped = vectors[0].view(1, -1, 1)
    torch.testing.assert_close(rows.added_to(shaped, times), (vectors[0] + times @ matrix).view_as(shaped))
