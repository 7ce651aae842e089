"""What Kedro is told about this project; a `kedro` command imports this first."""

import warnings
from typing import Any

from kedro.config import OmegaConfigLoader

from gristmill.allocator import keep_memory
from gristmill.pipelines.failures import tell_user_errors
from gristmill.pipelines.guard import watch
from gristmill.pipelines.hooks import Runs
from gristmill.pipelines.parameters import for_nodes

watch()  # from the first moment: a dvc that is killed while this starts must not leave it behind
keep_memory()
tell_user_errors()
# nodes that collect the data of several experiments name them with their namespaces
warnings.filterwarnings("ignore", message=r".*contain(s)? '\.' characters.*")
warnings.filterwarnings("ignore", message=r".*Option '--pipeline' is deprecated.*")


class ProjectConfigLoader(OmegaConfigLoader):
    """Reads params.yaml, and hands nodes the settings that follow from it."""

    def __getitem__(self, key: str) -> dict[str, Any]:
        value = super().__getitem__(key)
        return for_nodes(value) if key == "parameters" else value


CONFIG_LOADER_CLASS = ProjectConfigLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "ignore_hidden": False,  # `dvc exp run --queue` works below .dvc/tmp
    "config_patterns": {"parameters": ["../../params.yaml"]},
}
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-telemetry", "kedro-viz")
HOOKS = (Runs(),)
