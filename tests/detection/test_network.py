"""Detectors on our backbones: all of it learns, on a pyramid and on the last stage, and regions are read in place."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from gristmill.attributes import attributes
from gristmill.detection import c4
from gristmill.detection.backbone import Trunk, backbone_of, stride, widths
from gristmill.detection.batches import as_input, training_batch
from gristmill.detection.detect import detect
from gristmill.detection.masks import pixels
from gristmill.detection.network import build_detector
from gristmill.detection.recipes import RECIPES
from gristmill.detection.sampling import Sampler, draw_from
from gristmill.errors import UserError
from gristmill.networks.build import build, encoder_bytes, read_encoder
from gristmill.networks.initialize import initialize
from gristmill.networks.resnet import Bottleneck, ResNet
from gristmill.train.keys import generator
from tests.detection.shapes import C4, PYRAMID, TRAINING, backbone, detector, recipe, shapes


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def losses(network, objects: int = 2, masks: bool = False, channels: int = 3):
    batch = training_batch(shapes(3, objects=objects), [0, 1], TRAINING, 128, channels, masks, generator(0, "view"))
    draw_from(network.train(), generator(0, "regions"))
    return network(*batch)


@pytest.mark.parametrize("masks", [False, True])
@pytest.mark.parametrize("settings", [PYRAMID, replace(PYRAMID, convolutions=2), C4], ids=["pyramid", "deep", "c4"])
def test_every_weight_learns_and_every_batch_norm_moves(settings, masks):
    network = detector(replace(settings, masks=masks))
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    before = [norm.running_mean.clone() for norm in norms]
    found = losses(network, masks=masks)
    assert set(found) >= {"loss_classifier", "loss_box_reg", "loss_objectness", "loss_rpn_box_reg"}
    assert ("loss_mask" in found) == masks and all(value.isfinite() for value in found.values())
    torch.stack(list(found.values())).sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name
        assert parameter.grad.count_nonzero() > 0, name
    assert all(not torch.equal(norm.running_mean, mean) for norm, mean in zip(norms, before, strict=True))


@pytest.mark.parametrize("settings", [PYRAMID, C4], ids=["pyramid", "c4"])
def test_images_without_boxes_have_finite_losses_and_leave_batch_norm_sound(settings):
    network = detector(replace(settings, masks=True))
    found = losses(network, objects=0, masks=True)
    torch.stack(list(found.values())).sum().backward()
    assert all(value.isfinite() for value in found.values())
    assert all(value.isfinite().all() for value in network.state_dict().values())


def test_c4_has_one_more_batch_norm_than_the_backbone():
    count = sum(isinstance(module, nn.BatchNorm2d) for module in backbone().network.modules())
    assert sum(isinstance(module, nn.BatchNorm2d) for module in detector(C4).modules()) == count + 1


def test_an_encoder_file_and_a_random_start_give_the_same_detector_but_for_the_backbone(tmp_path):
    network = build(attributes(recipe()["network"]), 3, 64, 3)
    initialize(network, generator(5, "init/network"))
    file = tmp_path / "encoder.safetensors"
    file.write_bytes(encoder_bytes(network, recipe()))
    tensors, told = read_encoder(file)
    starts = {"file": tensors, "random": generator(0, "init/network")}
    states = {
        name: build_detector(backbone_of(told, start), PYRAMID, 2, generator(0, "init/detector")).state_dict()
        for name, start in starts.items()
    }
    trunk = [name for name in states["file"] if name.startswith("backbone.body.")]
    assert all(torch.equal(states["file"][n], tensors[n.replace("backbone.body.", "backbone.")]) for n in trunk)
    assert all(torch.equal(states["file"][n], states["random"][n]) for n in states["file"] if n not in trunk)
    assert not torch.equal(states["file"][trunk[0]], states["random"][trunk[0]])


def test_building_leaves_torchs_global_generator_alone():
    base = backbone()
    torch.manual_seed(3)
    wanted = torch.rand(3)
    torch.manual_seed(3)
    build_detector(base, PYRAMID, 2, generator(0, "init/detector"))
    assert torch.equal(torch.rand(3), wanted)


def test_the_trunk_gives_what_the_network_computes():
    network = backbone().network.eval()
    x = torch.rand(2, 3, 32, 48)
    maps = Trunk(network, 4)(x)
    assert torch.equal(maps[-1].mean((2, 3)), network(x))
    assert [one.shape[1] for one in maps] == widths(network)
    assert [32 // one.shape[2] for one in maps] == [stride(network, stage) for stage in (1, 2, 3, 4)]


def test_strides_and_widths_of_resnet50_are_known():
    network = ResNet(Bottleneck, (1, 1, 1, 1), (16, 32, 64, 128))
    assert [stride(network, stage) for stage in (1, 2, 3, 4)] == [4, 8, 16, 32]
    assert widths(network) == [64, 128, 256, 512]


def test_a_gray_encoder_sees_the_gray_of_a_color_image():
    image = shapes(1).images(0)
    gray = np.asarray(Image.fromarray(image).convert("L"))
    assert np.array_equal((as_input(image, 1)[0] * 255).round().numpy().astype(np.uint8), gray)
    assert as_input(image, 3).shape == (3, *image.shape[:2])
    assert all(value.isfinite() for value in losses(detector(channels=1), channels=1).values())


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_builds_on_four_stages(name):
    settings, training = RECIPES[name]
    network = build_detector(backbone(), settings, 3, generator(0, "init/detector"))
    assert network.roi_heads.has_mask() == settings.masks == name.startswith("coco")
    assert all(0 < milestone < training.steps for milestone in training.milestones)


@pytest.mark.parametrize("settings", [PYRAMID, C4], ids=["pyramid", "c4"])
def test_a_detector_kept_in_a_file_finds_the_same(settings, tmp_path):
    settings, image, file = replace(settings, masks=True), shapes(1).images(0), tmp_path / "detector.safetensors"
    network = detector(settings)
    file.write_bytes(encoder_bytes(network, recipe()))
    other = detector(settings, seed=1)
    other.load_state_dict(read_encoder(file)[0])
    (one,), (two,) = detect(network, [image]), detect(other, [image])
    assert np.array_equal(one.boxes, two.boxes) and np.array_equal(one.scores, two.scores) and len(one.scores)
    assert network.training                                                  # asked in eval mode, and left as it was


def test_what_does_not_fit_together_is_refused():
    for settings, word in [
        (replace(PYRAMID, anchors=[[12]]), "a list for each map"),
        (replace(PYRAMID, anchors=[[12], [20], [28], [40, 50]]), "same number"),
        (replace(PYRAMID, stages=[2, 5]), "from 1 to 4"),
        (replace(PYRAMID, stages=[0, 1, 2]), "from 1 to 4"),
        (replace(PYRAMID, stages=[1, 2, 4]), "without a gap"),
        (replace(PYRAMID, stages=[]), "from 1 to 4"),
        (replace(C4, anchors=[[12], [20]]), "for 1 maps"),
    ]:
        with pytest.raises(UserError, match=word) as error:
            detector(settings)
        assert "\n" not in str(error.value)
    with pytest.raises(UserError, match="residual networks"):
        backbone_of(recipe(name="pixels"), generator(0, "init"))


def test_a_sampler_draws_what_its_generator_says_and_fills_up_with_negatives():
    labels = torch.tensor([1] * 3 + [0] * 40 + [-1] * 5)
    sampler, drawn = Sampler(16, 0.5), []
    for seed in (0, 0, 1):
        sampler.rng = np.random.default_rng(seed)
        torch.manual_seed(seed + len(drawn))
        positive, negative = sampler([labels, labels[3:]])
        drawn.append(torch.cat(positive + negative))
        assert positive[0].nonzero().flatten().tolist() == [0, 1, 2]
        assert int(negative[0].sum()) == 13 and not negative[0][labels != 0].any()
        assert int(positive[1].sum()) == 0 and int(negative[1].sum()) == 16
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])


def test_regions_are_read_where_they_are_also_in_small_padded_images():
    """40 pixels are padded to 64: torchvision's own guess from such images is a stride twice too large."""
    pool, box = detector().roi_heads.box_roi_pool, torch.tensor([[8.0, 12.0, 24.0, 28.0]])
    maps = {}
    for place, step in enumerate((4, 8, 16)):
        columns = (torch.arange(64 // step) + 0.5) * step                   # x of each place's middle
        maps[str(place)] = columns.expand(1, 1, 64 // step, -1)
    assert abs(float(pool(maps, [box], [(40, 40)]).mean()) - 18) < 1e-4     # half a place right: not aligned
    maps = {"0": ((torch.arange(16) + 0.5) * 4).expand(1, 1, 16, -1)}
    assert abs(float(c4.Pool(14, 4)(maps, [box], [(40, 40)]).mean()) - 16) < 1e-4


def test_masks_in_all_of_cocos_forms_give_the_same_pixels():
    wanted = np.zeros((9, 10), bool)
    wanted[1:3, 2:5] = wanted[6:8, 7:10] = True
    assert np.array_equal(pixels([[2, 1, 5, 1, 5, 3, 2, 3], [7, 6, 7, 8, 30, 8, 30, 6]], 9, 10), wanted)
    counts = [6, 1, 40, 4, 5, 4, 5, 4, 21]                                  # the example in COCO's own documentation
    plain = pixels({"size": [9, 10], "counts": counts}, 9, 10)
    assert plain.sum() == 13 and plain[6, 0] and plain[2:6, 5].all()
    assert np.array_equal(pixels({"size": [9, 10], "counts": "61X13mN000`0"}, 9, 10), plain)
    assert not pixels([[1, 1, 2, 2]], 9, 10).any()
    assert not pixels([], 9, 10).any()
    with pytest.raises(UserError, match="look at its annotation"):
        pixels({"size": [10, 9], "counts": counts}, 9, 10)


def test_a_polygon_has_the_pixels_whose_middles_it_holds():
    turns = np.arange(200) / 200 * 2 * np.pi
    ys, xs = np.mgrid[:60, :70] + 0.5
    for radius in (0.3, 4, 20.3, 50):                                       # the last reaches beyond the image
        polygon = np.stack([30.3 + radius * np.cos(turns), 25.6 + radius * np.sin(turns)], 1).ravel().tolist()
        distance = np.hypot(xs - 30.3, ys - 25.6)
        found = pixels([polygon], 60, 70)
        assert found[distance < 0.999 * radius].all() and not found[distance > radius].any()
