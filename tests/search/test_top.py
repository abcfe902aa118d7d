"""The few largest of many numbers, against PyTorch's own way, which looks at each."""

from __future__ import annotations

import pytest
import torch

from nmt.search.top import top


@pytest.mark.parametrize("shape", [(3, 500), (3, 4096), (1, 4097), (2, 2, 9001), (5, 3, 8000)], ids=str)
@pytest.mark.parametrize("count", [1, 10, 128])
def test_the_largest_are_found_and_in_order(shape: tuple[int, ...], count: int) -> None:
    values = torch.randn(*shape, generator=torch.Generator().manual_seed(count))
    values[..., 7:400] = -torch.inf
    for given in (values, values[..., 3:]):  # the second is not contiguous
        best, places = top(given, count)
        expected = given.topk(count)
        assert torch.equal(best, expected.values)
        assert torch.equal(places, expected.indices)
