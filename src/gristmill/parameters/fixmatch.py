"""What FixMatch reads of params.yaml."""

from typing import ClassVar

from gristmill.parameters.few_labels import Consistency, FewLabelsStep


class Train(FewLabelsStep):
    """FixMatch (Sohn et al., NeurIPS 2020)."""

    title: ClassVar[str] = "FixMatch"
    loss: Consistency
