"""The self-supervised and supervised contrastive families' golden kinds, through the public functions."""

from tests import (
    golden_selfsup_batch,
    golden_selfsup_corrupted,
    golden_selfsup_detection,
    golden_selfsup_evaluate,
    golden_selfsup_moco,
    golden_selfsup_slow,
)

LATER: set[str] = set()
KINDS = (
    golden_selfsup_batch.KINDS
    | golden_selfsup_moco.KINDS
    | golden_selfsup_slow.KINDS
    | golden_selfsup_evaluate.KINDS
    | golden_selfsup_detection.KINDS
    | golden_selfsup_corrupted.KINDS
)
