"""Learning rates by name, at the edges of a run."""

import pytest

from gristmill.train.schedules import SCHEDULES


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize(("epochs", "warmup", "steps"), [(1, 0, 1), (5, 0.125, 8), (4, 0, 3), (2, 2, 3)])
def test_every_schedule_gives_one_finite_rate_a_step_that_never_exceeds_the_highest(name, epochs, warmup, steps):
    rates = SCHEDULES[name](0.1, epochs, warmup, steps)
    assert len(rates) == epochs * steps and all(0 <= rate <= 0.1 for rate in rates)
    assert (rates[0] == 0) == (warmup > 0)


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
