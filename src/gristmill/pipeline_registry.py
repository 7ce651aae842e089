"""Where Kedro finds the pipelines."""

from kedro.pipeline import Pipeline

from gristmill.parameters.read import read
from gristmill.pipelines.create import create_pipelines
from gristmill.pipelines.parameters import checked


def register_pipelines() -> dict[str, Pipeline]:
    """One pipeline a method and a title, `configure`, `data`, `report`, and all of them as `__default__`."""
    return create_pipelines(checked(read()))
