"""What LoGo on SimSiam reads of params.yaml."""

from typing import ClassVar

from gristmill.parameters.local_crops import Local
from gristmill.parameters.two_views import GlobalAndLocal, TwoViewsStep


class Train(TwoViewsStep):
    """LoGo on SimSiam (Zhang et al., CVPR 2022)."""

    title: ClassVar[str] = "LoGo-SimSiam"
    local: Local
    views: GlobalAndLocal
