"""Learning rates by name, at the edges of a run."""

import pytest

from gristmill.train.schedules import SCHEDULES


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize(("epochs", "warmup", "steps"), [(1, 0, 1), (5, 0.125, 8), (4, 0, 3), (2, 2, 3)])
def test_every_schedule_gives_one_finite_rate_a_step_that_never_exceeds_the_highest(name, epochs, warmup, steps):
    rates = SCHEDULES[name](0.1, epochs, warmup, steps)
    assert len(rates) == epochs * steps and all(0 <= rate <= 0.1 for rate in rates)
    first = 0.01 if name.startswith("supcon") else 0.0
    assert rates[0] == first if warmup else rates[0] > 0 or (name == "demo_cosine" and epochs == 1)


def test_steps_drop_a_hundredfold_at_80_and_90_percent_the_first_one_step_early():
    rates = SCHEDULES["steps"](0.1, 1, 0.025, 400)
    drops = [t for t in range(11, 400) if rates[t] < rates[t - 1]]
    assert drops == [319, 360] and rates[10] == 0.1 and rates[399] == pytest.approx(1e-5)


@pytest.mark.parametrize("steps", [10, 70, 110, 1230])
def test_milestones_fall_on_whole_steps_whatever_the_rounding(steps):
    rates = SCHEDULES["steps"](1.0, 1, 0, steps)
    assert sum(rate == 1 for rate in rates) == steps * 8 // 10 - 1
    assert sum(rate > 0.005 for rate in rates) == steps * 9 // 10


def test_fixmatchs_cosine_ends_at_a_fifth():
    assert SCHEDULES["fixmatch_cosine"](1.0, 1, 0, 10_000)[-1] == pytest.approx(0.195, abs=1e-3)


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name not in ("steps", "fixmatch_cosine", "cosine")])
def test_schedules_by_epochs_have_one_rate_an_epoch_after_the_warmup(name):
    epochs = [SCHEDULES[name](0.1, 12, 2, 5)[5 * epoch : 5 * epoch + 5] for epoch in range(12)]
    assert [len(set(rates)) for rates in epochs] == [5] * 2 + [1] * 10


def test_a_cosine_from_epoch_1_is_one_epoch_ahead_and_ends_at_0():
    from_0, from_1 = (SCHEDULES[name](0.06, 200, 0, 1) for name in ("epoch_cosine", "demo_cosine"))
    assert from_0[0] == 0.06 and from_0[1:] == from_1[:-1] and from_1[-1] == 0


@pytest.mark.parametrize(
    ("name", "epochs", "drops"),
    [
        ("moco_steps", 200, [120, 160]),
        ("moco_steps", 100, [60, 80]),
        ("supcon_steps", 1000, [700, 800, 900]),
        ("supcon_steps", 500, [350, 400, 450]),
        ("supcon_linear_steps", 100, [60, 75, 90]),
    ],
)
def test_steps_fall_on_the_epochs_of_the_papers(name, epochs, drops):
    rates = SCHEDULES[name](1.0, epochs, 0, 2)
    assert [t / 2 for t in range(1, 2 * epochs) if rates[t] < rates[t - 1]] == drops


def test_supcons_warmup_ends_where_the_cosine_goes_on():
    rates = SCHEDULES["supcon_cosine"](0.5, 1000, 10, 49)
    assert rates[0] == 0.01 and rates[489] < rates[490] == rates[538] and rates[-1] == pytest.approx(0.0005)
    assert SCHEDULES["supcon_steps"](0.5, 1000, 10, 49)[490] == 0.5
