"""What the semi-supervised methods are made of: none of it asks the device for a number in the middle of a step."""

from types import SimpleNamespace

import torch

from gristmill.losses.agreement import agreed
from gristmill.losses.blend import blend, blending_weights
from gristmill.losses.consistency import confident, masked_cross_entropy
from gristmill.losses.logit_adjustment import adjusted, log_prior
from gristmill.losses.mutual_information import triplet_loss
from gristmill.losses.reweighting import class_balanced_weights, ldam_loss, ldam_margins, weighted_cross_entropy
from gristmill.losses.semantic import alignment_loss, semantic_probabilities
from gristmill.networks.average import Average
from gristmill.networks.classifier import build_classifier
from gristmill.networks.prototypes import ClassQueues, LabelWindow
from tests.train.test_loop import Counting


def test_none_of_the_pieces_of_a_step_waits_for_the_device():
    network = build_classifier(SimpleNamespace(name="small", widths=[8, 16], blocks=1), 1, 3)
    average, queues, window = Average(network, 0.9), ClassQueues([4, 2, 3], 16), LabelWindow(3, 2)
    counts, images, labels = torch.tensor([9.0, 3.0, 1.0]), torch.randn(6, 1, 8, 8), torch.tensor([0, 1, 2, 0, 0, 1])
    with Counting() as count:
        queues.push(average(images)[1], labels)
        centers = queues.prototypes()
        logits, features = network(images)
        semantic = semantic_probabilities(features, centers, 0.05)
        label, mask = confident(blend(logits.softmax(1), semantic, blending_weights(window.counts, 0.3)), 0.5)
        window.push(label)
        weights, margins = class_balanced_weights(counts, 0.999), ldam_margins(counts)
        losses = [
            masked_cross_entropy(logits, label, mask),
            masked_cross_entropy(logits, *agreed(features, centers, 0.85)),
            alignment_loss(semantic, features, centers, 0.05),
            weighted_cross_entropy(adjusted(logits, log_prior(counts)), labels, weights),
            ldam_loss(logits, labels, margins, weights),
            triplet_loss(logits, logits, logits),
        ]
        torch.stack(losses).sum().backward()
        average.follow(network, torch.tensor(0.5))
        window.end_step(1, 10)
    assert count.found == []
