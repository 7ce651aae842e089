"""Taking features leaves the network as it was and does not depend on how the images are cut into batches."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gristmill.evaluate.features import batches, extract


class Network(nn.Module):
    """Convolution, batch norm, dropout: everything that behaves differently in training."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.more = nn.Sequential(nn.Conv2d(16, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.Dropout())
        self.layouts = []

    def features(self, images):
        self.layouts.append((tuple(images.shape), images.is_contiguous(memory_format=torch.channels_last)))
        return self.more(self.body(images)).mean((2, 3))


VIEW = SimpleNamespace(apply=lambda images, parameters: images.float().div_(255).contiguous())


@pytest.fixture
def images(tmp_path):
    path = tmp_path / "images.npy"
    np.save(path, np.random.default_rng(0).integers(0, 256, (40, 12, 12, 3), dtype=np.uint8))
    return np.load(path, mmap_mode="r")


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("batch", [2, 3, 7, 16, 38])
def test_batches_do_not_move_a_bit(images, batch, precision):
    rows = np.random.default_rng(1).permutation(40)[:37]
    whole = extract(Network(), images, rows, VIEW, batch=100, precision=precision)
    assert whole.dtype == np.float32
    assert whole.shape == (37, 32)
    np.testing.assert_array_equal(extract(Network(), images, rows, VIEW, batch=batch, precision=precision), whole)


def test_features_are_the_networks_own_in_eval_mode(images):
    network, rows = Network(), [5, 5, 0, 39]
    found = extract(network, images, rows, VIEW, batch=2)
    network.eval()
    with torch.no_grad():
        expected = network.features(torch.tensor(np.array(images[rows])).permute(0, 3, 1, 2).float() / 255)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found[0], found[1])


def test_a_protocol_may_read_the_heads_outputs(images):
    network = Network()
    network.forward = lambda images: network.features(images)[:, :3]
    found = extract(network, images, [5, 0, 39], VIEW, reads="forward")
    np.testing.assert_array_equal(found, extract(network, images, [5, 0, 39], VIEW)[:, :3])


def test_bf16_is_a_quick_look_at_the_same(images):
    exact, quick = (extract(Network(), images, range(40), VIEW, precision=p) for p in ("fp32", "bf16"))
    assert 0 < np.abs(exact - quick).max() < 0.02 * np.abs(exact).max()


def test_modes_buffers_weights_and_random_state_stay(images):
    network = Network()
    network.train()
    network.more.eval()  # a part that a method has frozen
    modes = [module.training for module in network.modules()]
    before = {key: value.clone() for key, value in network.state_dict().items()}
    state = torch.get_rng_state()
    extract(network, images, range(40), VIEW, batch=8, precision="bf16")
    assert [module.training for module in network.modules()] == modes
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.is_grad_enabled()


def test_modes_come_back_after_an_error(images):
    def broken(images, parameters):
        raise RuntimeError("broken view")

    network = Network()
    with pytest.raises(RuntimeError, match="broken view"):
        extract(network, images, range(4), SimpleNamespace(apply=broken))
    assert all(module.training for module in network.modules())


def test_inputs_are_channels_last_and_never_single(images):
    network = Network()
    extract(network, images, range(33), VIEW, batch=16)
    assert [shape[0] for shape, _ in network.layouts] == [11, 11, 11]
    assert all(last for _, last in network.layouts)


@given(st.integers(0, 1000), st.integers(2, 300))
def test_slices_cover_everything_once(count, size):
    parts = list(batches(count, size))
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(count))
    lengths = [part.stop - part.start for part in parts]
    assert all(2 <= length <= max(size, 3) for length in lengths) or count < 2
    assert max(lengths, default=0) - min(lengths, default=0) <= 1


def test_a_network_without_parameters_is_fed_on_the_cpu(images):
    network = nn.Module()
    network.features = lambda x: x.flatten(1)  # type: ignore[method-assign]
    assert extract(network, images, [3, 1], VIEW).shape == (2, 432)


def test_wrong_settings_are_named(images):
    for wrong, says in [({"precision": "fp16"}, "precision: fp32 or bf16"), ({"batch": 1}, "batch: at least 2")]:
        with pytest.raises(ValueError, match=says):
            extract(Network(), images, [0, 1], VIEW, **wrong)
    with pytest.raises(ValueError, match="rows: no images"):
        extract(Network(), images, [], VIEW)
