"""Networks: torchvision's layout, keyed first weights, slow copies and memories."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from gristmill.errors import UserError
from gristmill.networks.build import build, encoder_bytes, load_weights, read_encoder
from gristmill.networks.initialize import initialize
from gristmill.networks.memory import Memory
from gristmill.networks.momentum import SlowCopy
from gristmill.networks.split_batch_norm import split_batch_norm
from gristmill.train.keys import generator
from gristmill.train.precision import place


def settings(name: str, **values) -> SimpleNamespace:
    return SimpleNamespace(**{"name": name, "widths": [8, 16], "blocks": 1, "dim": 16, "hidden": 12, **values})


@pytest.mark.parametrize(("name", "width"), [("resnet18", 512), ("resnet34", 512), ("resnet50", 2048)])
def test_resnets_compute_what_torchvisions_compute_and_take_its_weights(name, width, tmp_path):
    models = pytest.importorskip("torchvision.models")
    theirs = getattr(models, name)()
    theirs.fc = nn.Identity()
    path = tmp_path / "weights.pt"
    torch.save(theirs.state_dict(), path)
    network = build(settings(name), 3, 96, 5)
    load_weights(network.backbone, str(path))
    images = torch.randn(2, 3, 96, 96)
    with torch.no_grad():
        torch.testing.assert_close(network.eval().features(images), theirs.eval()(images), rtol=1e-4, atol=1e-4)
    assert network.features(images).shape == (2, width)


def test_small_images_get_a_stem_of_their_own_and_keep_it_beside_loaded_weights(tmp_path):
    network = build(settings("resnet18"), 3, 32, 5)
    assert network.backbone.conv1.weight.shape == (64, 3, 3, 3) and isinstance(network.backbone.maxpool, nn.Identity)
    initialize(network, generator(0, "init/network"))
    stem = network.backbone.conv1.weight.clone()
    large = build(settings("resnet18"), 3, 224, 5).backbone.state_dict()
    torch.save(large, tmp_path / "large.pt")
    load_weights(network.backbone, str(tmp_path / "large.pt"))
    assert torch.equal(network.backbone.conv1.weight, stem)
    assert torch.equal(network.backbone.layer1[0].conv1.weight, large["layer1.0.conv1.weight"])


class Trap:
    def __reduce__(self):
        return (print, ("executed",))


@pytest.mark.parametrize("content", ["trap", "text", "other network", "nothing"])
def test_a_weight_file_that_does_not_fit_is_one_line_and_is_never_executed(content, tmp_path, capsys):
    path = tmp_path / "weights.pt"
    if content == "trap":
        torch.save({"conv1.weight": Trap()}, path)
    elif content == "text":
        path.write_text("no weights")
    elif content == "other network":
        torch.save({"conv1.weight": torch.zeros(3)}, path)
    with pytest.raises(UserError, match=r"weights\.pt: (no such file|not a safetensors|no weights of this network)"):
        load_weights(build(settings("resnet18"), 3, 32, 5).backbone, str(path))
    assert "executed" not in capsys.readouterr().out


def test_first_weights_come_from_the_key_alone_with_pytorchs_spread():
    first, second, other = (build(settings("small"), 1, 28, 5) for _ in range(3))
    initialize(first, generator(1, "init/network"))
    torch.manual_seed(99)
    torch.rand(10)
    initialize(second, generator(1, "init/network"))
    initialize(other, generator(2, "init/network"))
    for name, values in first.state_dict().items():
        assert torch.equal(values, second.state_dict()[name]), name
    assert not torch.equal(first.projector[0].weight, other.projector[0].weight)
    default = nn.Linear(16, 4000)
    drawn = nn.Linear(16, 4000)
    initialize(drawn, generator(0, "test"))
    assert drawn.weight.detach().std().item() == pytest.approx(default.weight.detach().std().item(), rel=0.02)
    assert drawn.bias.detach().abs().max().item() <= 0.25


def test_a_slow_copy_follows_parameters_and_keeps_its_own_batch_norm_statistics():
    original = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    copy = SlowCopy(original)
    original(torch.randn(4, 1, 8, 8))
    nn.init.ones_(original[0].weight)
    before = copy.network[0].weight.clone()
    copy.follow(original, 0.9)
    torch.testing.assert_close(copy.network[0].weight, 0.9 * before + 0.1)
    assert bool((copy.network[1].running_mean == 0).all())
    assert not any(p.requires_grad for p in copy.parameters())


def test_the_memory_wraps_and_all_of_it_is_state():
    memory = Memory(4, 2)
    for step in range(3):
        memory.push(torch.full((2, 2), float(step)), torch.full((2,), step))
    assert memory.labels.tolist() == [2, 2, 1, 1] and int(memory.pointer) == 2
    assert set(memory.state_dict()) == {"keys", "labels", "pointer"}


def test_encoder_files_have_the_same_bytes_every_time_and_come_back(tmp_path):
    network = build(settings("small"), 1, 28, 5)
    recipe = {"network": {"name": "small"}, "classes": 5, "channels": 1}
    assert encoder_bytes(network, recipe) == encoder_bytes(network, dict(reversed(recipe.items())))
    (tmp_path / "0.safetensors").write_bytes(encoder_bytes(network, recipe))
    tensors, read = read_encoder(tmp_path / "0.safetensors")
    assert read == recipe and all(torch.equal(tensors[k], v) for k, v in network.state_dict().items())


def test_encoders_run_in_bf16_and_hand_out_float32():
    class Holder(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = build(settings("small"), 1, 28, 5)

    holder, inside = Holder(), []
    holder.encoder.backbone.register_forward_hook(lambda *a: inside.append(a[2].dtype))
    place(holder, torch.device("cpu"), bf16=True)
    images = torch.randn(2, 1, 28, 28).contiguous(memory_format=torch.channels_last)
    assert all(o.dtype == torch.float32 for o in holder.encoder(images))
    assert inside == [torch.bfloat16]
    assert holder.encoder.backbone.conv1.weight.dtype == torch.float32
    weight = holder.encoder.backbone.layer2[0].conv1.weight
    assert weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("name", ["small", "resnet18", "resnet50"])
def test_residual_branches_that_start_at_0_leave_every_other_first_weight_as_it_was(name):
    plain, zero = (build(settings(name, zero_init_residual=on), 3, 32, 5) for on in (False, True))
    for network in (plain, zero):
        initialize(network, generator(0, "init/network"))
    state = zero.state_dict()
    differ = {key for key, value in plain.state_dict().items() if not torch.equal(value, state[key])}
    last = "bn3" if name == "resnet50" else "bn2"
    assert differ == {key for key in state if key.endswith(f".{last}.weight") and ".layer" in key}
    assert not any(state[key].any() for key in differ)
    block = zero.backbone.get_submodule("layer1")[-1].eval()  # the last one of ResNet-50's stage has a plain shortcut
    images = torch.rand(2, block.conv1.in_channels, 4, 4)
    assert torch.equal(block(images), images)


def test_parts_of_a_batch_and_a_slow_copy_start_from_the_same_zeros():
    network = build(settings("small", zero_init_residual=True), 3, 32, 5)
    initialize(network, generator(0, "init/network"))
    split_batch_norm(network, 2)
    copy = SlowCopy(network).network
    assert not network.backbone.layer2[0].bn2.weight.any() and not copy.backbone.layer2[0].bn2.weight.any()
    assert network.backbone.layer2[0].bn1.weight.all()
