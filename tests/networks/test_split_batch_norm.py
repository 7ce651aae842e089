"""Batch norm over parts of a batch: which sample belongs where, and that nothing else of a network changes."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from gristmill.networks.headed import Headed, simclr, simsiam
from gristmill.networks.resnet import BasicBlock, ResNet
from gristmill.networks.split_batch_norm import SplitBatchNorm, split_batch_norm


def pair(splits: int, channels: int = 5) -> tuple[SplitBatchNorm, nn.BatchNorm2d]:
    plain = nn.BatchNorm2d(channels)
    with torch.no_grad():
        for value in (plain.weight, plain.bias, plain.running_mean, plain.running_var):
            value.copy_(torch.rand(channels) + 0.5)
    split = SplitBatchNorm(channels, splits)
    split.load_state_dict(plain.state_dict())
    return split, plain


def test_one_part_is_plain_batch_norm_to_the_bit():
    (split, plain), images = pair(1), torch.randn(6, 5, 4, 4)
    assert torch.equal(split(images), plain(images))
    assert torch.equal(split.running_mean, plain.running_mean) and torch.equal(split.running_var, plain.running_var)
    network = nn.Sequential(nn.Conv2d(3, 5, 3), plain)
    split_batch_norm(network, 1)
    assert network[1] is plain


@pytest.mark.parametrize("shape", [(12, 5), (12, 5, 3, 2)])
def test_every_third_sample_is_normalized_together(shape):
    (split, plain), x = pair(3), torch.randn(shape, dtype=torch.float64)
    split, plain = split.double(), plain.double()
    found, means, variances = split(x), [], []
    for part in range(3):
        alone = deepcopy(plain)
        own = x[part::3]
        expected = alone(own[:, :, None, None] if own.dim() == 2 else own).view_as(own)
        torch.testing.assert_close(found[part::3], expected, rtol=1e-12, atol=1e-12)
        means.append(alone.running_mean), variances.append(alone.running_var)
    torch.testing.assert_close(split.running_mean, torch.stack(means).mean(0), rtol=1e-12, atol=0)
    torch.testing.assert_close(split.running_var, torch.stack(variances).mean(0), rtol=1e-12, atol=0)
    assert split.num_batches_tracked == 0


def test_the_layout_of_the_images_stays():
    images = torch.randn(4, 5, 3, 3).contiguous(memory_format=torch.channels_last)
    (split, _), (again, _) = pair(2), pair(2)
    again.load_state_dict(split.state_dict())
    found = split(images)
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(found, again(images.contiguous()))


def test_all_batch_norms_are_replaced_and_the_state_fits_a_plain_network():
    network = Headed(ResNet(BasicBlock, [1, 1], [8, 16], 1, stem="tiny"), simclr(16, 8, 4, 2))
    plain = deepcopy(network)
    split_batch_norm(network, 2)
    split_batch_norm(extra := nn.Sequential(simsiam(8, 8, 4, 2)), 2)  # one without scale and shift
    for some in (network, extra):
        assert all(
            isinstance(m, SplitBatchNorm) for m in some.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)
        )
    frozen = [name for name, value in plain.named_parameters() if not value.requires_grad]
    assert [name for name, value in network.named_parameters() if not value.requires_grad] == frozen != []
    images = torch.randn(6, 1, 8, 8)
    trained = network(images)
    assert not torch.allclose(trained, plain(images))
    plain.load_state_dict(network.state_dict())
    assert torch.equal(network.eval()(images[:5]), plain.eval()(images[:5]))  # 5: no multiple of the parts


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_and_equal_images_stay_finite(kind):
    split, _ = pair(2)
    x = torch.ones(4, 5, 3, 3, dtype=kind, requires_grad=True)
    found = split.to(kind)(x)
    found.sum().backward()
    assert torch.isfinite(found).all() and torch.isfinite(x.grad).all()  # type: ignore[arg-type]
