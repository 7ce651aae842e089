"""What Supervised reads of params.yaml; with `balance` it is logit adjustment, class-balanced weights, LDAM or DRW."""

from typing import ClassVar

from gristmill.parameters.few_labels import ClassesStep


class Train(ClassesStep):
    """The labeled images alone."""

    title: ClassVar[str] = "Supervised"
