"""The moving average that is evaluated."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from gristmill.networks.average import Average


def network(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(72, 3))


def test_the_first_update_copies_and_the_second_takes_the_mean():
    original = network()
    average = Average(original, 0.999)
    states = []
    for seed in (1, 2):
        original.load_state_dict(network(seed).state_dict())
        average.follow(original)
        states.append({name: value.clone() for name, value in original.state_dict().items()})
        if seed == 1:
            assert all(torch.equal(v, states[0][name]) for name, v in average.network.state_dict().items())
    for name, value in average.network.state_dict().items():
        torch.testing.assert_close(value, (states[0][name] + states[1][name]) / 2 if "num" not in name else value)


def test_batch_norm_statistics_are_averaged_and_their_counters_copied():
    original = network()
    average = Average(original, 0.5)
    average.updates.fill_(10)
    for _ in range(3):
        original(torch.randn(4, 1, 8, 8))
    before = average.network[1].running_mean.clone()
    average.follow(original)
    torch.testing.assert_close(average.network[1].running_mean, (before + original[1].running_mean) / 2)
    assert int(average.network[1].num_batches_tracked) == 3


def test_the_average_of_an_unchanging_network_does_not_drift():
    original = network()
    average = Average(original, 0.999)
    for _ in range(3000):
        average.follow(original)
    for own, given in zip(average.network.parameters(), original.parameters(), strict=True):
        torch.testing.assert_close(own, given, rtol=2e-6, atol=0)
    assert float(average.decay()) == pytest.approx(0.999, abs=1e-7) and int(average.updates) == 3000


def test_it_needs_no_gradient_keeps_its_own_mode_and_all_of_it_is_state():
    original = network()
    average = Average(original.eval(), 0.9)
    assert not any(p.requires_grad for p in average.parameters()) and not average.network.training
    original.train()
    average.follow(original)
    assert not average.network.training
    again = Average(network(5), 0.9)
    again.load_state_dict(average.state_dict())
    for each in (again, average):
        each.follow(original)
    assert all(torch.equal(value, average.state_dict()[name]) for name, value in again.state_dict().items())


def test_its_weight_decay_spares_biases_and_batch_norm():
    original = network()
    average = Average(original, 0.9)
    average.follow(original, torch.tensor(0.5))
    theirs = original.state_dict()
    for name, value in average.network.state_dict().items():
        factor = 0.5 if name in ("0.weight", "3.weight") else 1
        torch.testing.assert_close(value, theirs[name] * factor if factor < 1 else theirs[name])


def test_a_network_without_batch_norm_has_an_average_too():
    original = nn.Linear(2, 2)
    average = Average(original, 0.9)
    average.follow(original)
    assert torch.equal(average(torch.ones(1, 2)), original(torch.ones(1, 2)))


@pytest.mark.parametrize("change", ["moved", "another", "copied"])
def test_what_is_followed_is_found_anew_after_a_change(change: str):
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    average = Average(network, 0.5)
    average.follow(network)
    if change == "moved":
        network, average = network.double(), average.double()
    elif change == "another":
        network = deepcopy(network)
    else:
        average = deepcopy(average)
    average.updates.zero_()
    for tensor in (*network.parameters(), *network.buffers()):
        tensor.data.add_(1)
    average.follow(network)  # the first one copies
    for own, other in zip(average.network.state_dict().values(), network.state_dict().values(), strict=True):
        assert torch.equal(own, other)
