"""What CrossEntropy reads of params.yaml."""

from typing import ClassVar

from gristmill.parameters.sections import Images, Monitor, Step
from gristmill.parameters.two_views import Backbone, Pretraining


class Train(Step):
    """Backbone and linear classifier, trained together."""

    title: ClassVar[str] = "Cross entropy"
    network: Backbone
    views: Images
    train: Pretraining
    monitor: Monitor
