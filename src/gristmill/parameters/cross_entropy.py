"""What CrossEntropy reads of params.yaml."""

from typing import ClassVar

from gristmill.parameters.sections import Step, Watch
from gristmill.parameters.two_views import Backbone, Crops, Pretraining


class Train(Step):
    """Backbone and linear classifier, trained together."""

    title: ClassVar[str] = "Cross entropy"
    network: Backbone
    views: Crops
    train: Pretraining
    monitor: Watch
