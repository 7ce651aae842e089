"""The networks of the semi-supervised methods: sizes, first weights, shapes."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from gristmill.networks.classifier import Classifier, build_classifier, decay_groups
from gristmill.networks.initialize import initialize
from gristmill.networks.wrn import WideResNet
from gristmill.train.keys import generator

WRN = SimpleNamespace(name="wrn", depth=28, factor=2)
SMALL = SimpleNamespace(name="small", widths=[16, 32, 64], blocks=1)


def numbers(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(("settings", "channels", "count"), [(WRN, 3, 1_467_610), (SMALL, 1, 77_754)])
def test_the_networks_have_the_published_number_of_parameters(settings, channels, count):
    assert numbers(build_classifier(settings, channels, 10)) == count


def test_wrn_28_2_has_28_convolutions_of_which_three_are_shortcuts():
    sides = [module.kernel_size[0] for module in WideResNet().modules() if isinstance(module, nn.Conv2d)]
    assert len(sides) == 28 and sides.count(1) == 3


@pytest.mark.parametrize("depth", [4, 27, 29])
def test_a_depth_that_makes_no_equal_groups_is_refused(depth):
    with pytest.raises(ValueError, match="depth: 10, 16"):
        WideResNet(depth)


@pytest.mark.parametrize(("settings", "width"), [(WRN, 128), (SMALL, 64)])
@pytest.mark.parametrize("side", [(1, 1), (8, 12), (32, 32)])
def test_one_image_of_any_size_gives_one_row(settings, width, side):
    network = build_classifier(settings, 3, 7).eval()
    logits, features = network(torch.randn(1, 3, *side))
    assert logits.shape == (1, 7) and features.shape == (1, width)
    torch.testing.assert_close(network.classifier(features), logits)


@pytest.mark.parametrize("settings", [WRN, SMALL])
def test_first_weights_come_from_the_key_alone_by_the_rules_of_wide_networks(settings):
    first, second = build_classifier(settings, 3, 10), build_classifier(settings, 3, 10)
    initialize(first, generator(1, "init/network"))
    torch.manual_seed(99)
    initialize(second, generator(1, "init/network"))
    assert all(torch.equal(value, second.state_dict()[name]) for name, value in first.state_dict().items())
    for module in first.modules():
        if isinstance(module, nn.Conv2d) and module.weight.numel() > 4000:
            expected = (2 / (module.out_channels * module.kernel_size[0] ** 2)) ** 0.5
            assert module.weight.detach().std().item() == pytest.approx(expected, rel=0.05)
            assert module.weight.detach().abs().max().item() > 3 * expected  # a normal, not a uniform distribution
        if isinstance(module, nn.BatchNorm2d):
            assert bool((module.weight == 1).all()) and bool((module.bias == 0).all())
    assert bool((first.classifier.bias == 0).all())


def test_the_stem_of_a_small_network_follows_the_same_rule_as_its_other_convolutions():
    network = build_classifier(SimpleNamespace(name="small", widths=[512], blocks=1), 1, 2)
    initialize(network, generator(0, "test"))
    spread = network.backbone.conv1.weight.detach().std().item()
    assert spread == pytest.approx((2 / (512 * 9)) ** 0.5, rel=0.05)


def test_a_classifiers_spread_depends_on_inputs_and_outputs():
    network = Classifier(nn.Identity(), 300, 500)
    initialize(network, generator(0, "test"))
    assert network.classifier.weight.detach().std().item() == pytest.approx((2 / 800) ** 0.5, rel=0.02)


def test_the_small_network_lets_through_a_tenth_of_what_is_below_zero():
    network = build_classifier(SMALL, 1, 10).eval()
    network.backbone.layer3[0].register_forward_hook(lambda *a: seen.append(a[2]))
    seen: list[torch.Tensor] = []
    network(torch.randn(4, 1, 28, 28))
    assert bool((seen[0] < 0).any())


def test_groups_hold_every_parameter_once():
    network = build_classifier(SMALL, 1, 10)
    for decay in ("all", "weights"):
        members = [id(p) for group in decay_groups(network, decay) for p in group]
        assert sorted(members) == sorted(id(p) for p in network.parameters())


def test_a_single_image_keeps_its_batch_dimension():
    logits, features = build_classifier(SMALL, 1, 10).eval()(torch.randn(1, 1, 28, 28))
    assert logits.shape == (1, 10) and features.ndim == 2 and len(features) == 1
