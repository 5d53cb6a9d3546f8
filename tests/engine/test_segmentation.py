import torch

from impasto.engine.segmentation import find_regions


def pattern(*kinds, seed=0, height=12, width=16):
    """Features (1, 40, h, w) that have one kind in each vertical strip: a direction of their own, and noise."""
    draw = torch.Generator().manual_seed(seed)
    directions = torch.linalg.qr(torch.randn(40, 40, generator=torch.Generator().manual_seed(9))).Q
    strips = [directions[kind].view(1, 40, 1, 1).expand(-1, -1, height, width) for kind in kinds]
    clean = torch.cat(strips, dim=3)
    return clean + 0.02 * torch.randn(clean.shape, generator=draw)


def test_what_is_alike_is_one_region_and_finds_its_like_in_the_style():
    content, (style,) = find_regions(pattern(0, 1, 2, 3), [pattern(3, 2, 1, 0, seed=1)])
    assert len(content) == 4
    for name, mask in content.items():
        assert torch.equal(mask.flip(3)[..., 2:-2] > 0.5, style[name][..., 2:-2] > 0.5) or mask.mean() < 0.05
    total = sum(content.values())
    assert torch.equal(total, torch.ones_like(total))


def test_a_picture_without_parts_is_one_region():
    flat = torch.ones(1, 8, 6, 6)
    content, (style,) = find_regions(flat, [flat])
    assert len(content) == 1
    assert content["part 1"].all()
    assert style["part 1"].all()


def test_it_is_the_same_every_time():
    first, second = (find_regions(pattern(0, 1, 2), [pattern(1, 2, 0)])[0] for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
