"""Every golden vector of every family, by kind.

`GRISTMILL_GOLDEN=<folder>` runs another folder of the same layout. A family that the folder lacks is no error; a kind
that belongs to a later part of Gristmill is skipped by name; any other kind that is not known fails.
"""

import os

import numpy as np
import pytest

from tests import golden_coarse, golden_selfsup, golden_semisup, golden_views
from tests.golden import Case, cases

FAMILIES = {
    "coarse": golden_coarse,
    "selfsup": golden_selfsup,
    "semisup": golden_semisup,
    "views": golden_views,
}
ALL = [case for family in FAMILIES for case in cases(family)]


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.family}-{case.kind}-{case.name}")
def test_golden_vector(case: Case):
    family = FAMILIES[case.family]
    if {case.kind, f"{case.kind} {case.params.get('dataset')}"} & family.LATER:
        pytest.skip(f"{case.kind} {case.name}: belongs to a part of Gristmill that is not built yet")
    case.load()
    results = family.KINDS[case.kind](case)
    for name, expected in case.outputs.items():
        result = np.asarray(results[name])
        assert result.shape == expected.shape, name
        if expected.dtype.kind == "U":
            assert result.tolist() == expected.tolist(), name
            continue
        np.testing.assert_allclose(
            result.astype(np.float64), expected.astype(np.float64), rtol=case.rtol, atol=case.atol, err_msg=name
        )


@pytest.mark.skipif("GRISTMILL_GOLDEN" in os.environ, reason="another folder may lack a family")
def test_the_project_carries_vectors_of_every_family():
    assert {case.family for case in ALL} == set(FAMILIES)
