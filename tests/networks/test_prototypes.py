"""Class queues against lists, and the window of pseudo-labels."""

from collections import deque

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gristmill.networks.prototypes import ClassQueues, LabelWindow


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    st.lists(st.integers(1, 12), min_size=1, max_size=6),
    st.integers(0, 10**6),
)
def test_queues_hold_what_lists_of_a_limited_length_would(sizes, batches, seed):
    rng = torch.Generator().manual_seed(seed)
    queues, lists = ClassQueues(sizes, 3), [deque(maxlen=size) for size in sizes]
    for batch in batches:
        features = torch.randn(batch, 3, generator=rng)
        labels = torch.randint(len(sizes), (batch,), generator=rng)
        queues.push(features, labels)
        for feature, label in zip(features, labels.tolist(), strict=True):
            lists[label].append(feature)
        means = [torch.stack(list(each)).mean(0) if each else torch.zeros(3) for each in lists]
        torch.testing.assert_close(queues.prototypes(), torch.stack(means))
        assert queues.counts.tolist() == [len(each) for each in lists]


def test_a_class_without_labels_may_have_a_queue_of_length_zero():
    queues = ClassQueues([5, 0], 2)
    queues.push(torch.ones(3, 2), torch.zeros(3, dtype=torch.long))
    assert queues.prototypes().tolist() == [[1, 1], [0, 0]]


def test_queues_and_windows_go_on_alike_from_their_state():
    def push(queues, window, step):
        rng = torch.Generator().manual_seed(step)
        labels = torch.randint(3, (6,), generator=rng)
        queues.push(torch.randn(6, 2, generator=rng), labels)
        window.push(labels)
        window.end_step(step, 100)

    first = ClassQueues([4, 2, 3], 2), LabelWindow(3, 4)
    second = ClassQueues([4, 2, 3], 2), LabelWindow(3, 4)
    for step in range(5):
        push(*first, step)
    for own, other in zip(second, first, strict=True):
        own.load_state_dict(other.state_dict())
    for step in range(5, 9):
        push(*first, step)
        push(*second, step)
    for own, other in zip(second, first, strict=True):
        assert all(torch.equal(value, other.state_dict()[name]) for name, value in own.state_dict().items())


def test_queues_keep_their_own_precision_and_take_no_gradient():
    queues = ClassQueues([2], 2)
    features = torch.ones(1, 2, dtype=torch.bfloat16, requires_grad=True)
    queues.push(features, torch.zeros(1, dtype=torch.long))
    assert queues.prototypes().dtype == torch.float32 and not queues.prototypes().requires_grad


@pytest.mark.parametrize(("steps", "counts"), [(5, [0, 4]), (4, [0, 0])])
def test_a_window_that_ends_with_the_run_is_not_taken(steps, counts):
    window = LabelWindow(2, 4)
    for step in range(4):
        window.push(torch.ones(1, dtype=torch.long))
        window.end_step(step, steps)
    assert window.counts.tolist() == counts
