"""What happens around Kedro's runs: locks, the watch over dvc, resume folders, and who may save."""

import os
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from gristmill.errors import UserError
from gristmill.parameters.resolve import TRAINING
from gristmill.pipelines import guard, resume, used
from gristmill.pipelines.configure import node_step, step_config
from gristmill.pipelines.resume import first_process


class Runs:
    """One object for a whole Kedro session."""

    def __init__(self) -> None:
        self.ran: dict[str, dict[str, Any]] = {}  # file below data/config -> settings and code that a step ran with

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Of several processes only the first saves, and they share trainings alone; a report shows what is there."""
        others = [node.name for node in pipeline.nodes if "train" not in node.tags]
        if int(os.environ.get("WORLD_SIZE", "1")) > 1 and others:
            raise UserError(
                f"several processes can share a training only, not '{others[0]}': "
                "torchrun --nproc-per-node 2 -m kedro run --nodes=<method>.<experiment>.train"
            )
        if not first_process():
            for name in pipeline.all_outputs():
                catalog[name] = MemoryDataset(copy_mode="assign")
        if all("report" in node.tags for node in pipeline.nodes):  # a page can be wanted before all is run
            for name in pipeline.inputs():
                if not name.startswith("param") and not catalog.exists(name):
                    catalog[name] = MemoryDataset(None, copy_mode="assign")

    @hook_impl
    def before_node_run(self, node: Node, inputs: dict[str, Any]) -> None:
        """A training takes its experiment's lock; a step notes what it runs with."""
        found = node_step(node.name)
        if found is None or not first_process():
            return
        step, name = found
        if step in TRAINING:
            guard.hold(experiment_of(node))
        used.forget(name)
        settings = next(value for key, value in inputs.items() if key.startswith("params:"))
        self.ran[name] = step_config(step, settings)

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline) -> None:
        """The results are saved: what was kept to resume is not needed any more."""
        for name, config in self.ran.items():
            used.keep(name, config)
        if first_process():
            for node in pipeline.nodes:
                if "train" in node.tags:
                    resume.forget(experiment_of(node))


def experiment_of(node: Node) -> str:
    """The experiment in `<method>.<experiment>.train`."""
    return node.name.split(".")[1]
