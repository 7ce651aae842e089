"""The graph: which step takes what and gives what. The steps themselves are the modules beside this one."""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from kedro.pipeline import Node, Pipeline, pipeline

from gristmill.parameters.few_labels import FewLabelsStep
from gristmill.parameters.resolve import STEPS, entries, evaluation, method_step, slug, title, training_steps
from gristmill.parameters.sections import Classes
from gristmill.pipelines.blend_pseudo_labels import blend_pseudo_labels
from gristmill.pipelines.configure import configure, step_code
from gristmill.pipelines.evaluate import evaluate
from gristmill.pipelines.evaluate_classes import evaluate_classes
from gristmill.pipelines.prepare import prepare
from gristmill.pipelines.pretrain import pretrain
from gristmill.pipelines.probe_encoders import probe_encoders
from gristmill.pipelines.report import draw, tabulate, write_page
from gristmill.pipelines.summary import collect, plot_curves, plot_pseudo_labels, summarize
from gristmill.pipelines.task import group_coarse, split_long_tail
from gristmill.pipelines.train import train
from gristmill.report.choice import explored

EVIDENCE = (  # longer trainings, as committed
    "evidence.omniglot", "evidence.fashion", "evidence.fashion_classes", "evidence.families",
    "evidence.two_views", "evidence.two_views_history", "evidence.two_views_pairs",
)  # fmt: skip
TRAINED: dict[str, tuple[Callable[..., Any], list[str]]] = {  # kind of entry -> its training step, and what that gives
    "experiments": (train, ["encoders", "history"]),
    "pretrainings": (pretrain, ["states", "history"]),
    "blendings": (blend_pseudo_labels, ["encoders", "history"]),
}


def create_pipelines(parameters: dict[str, Any]) -> dict[str, Pipeline]:
    """Pipelines by name: a method's, a title's, `configure`, `data`, `report`, and `__default__` with everything.

    Args:
        parameters: the content of params.yaml, checked.
    """
    trained, tasks = entries(parameters), parameters["tasks"]
    experiments = {name: entry for name, (kind, entry) in trained.items() if "evaluate" in STEPS[kind]}
    first = Pipeline([Node(configure, "parameters", "config", name="configure")])
    data = sum((data_pipeline(name, entry) for name, entry in tasks.items()), first)
    own = {name: run_pipeline(name, kind, entry) for name, (kind, entry) in trained.items()}
    runs = {}
    for name, entry in experiments.items():
        before = own[entry["start"]] if "start" in entry else Pipeline([])
        runs[name] = first + data_pipeline(entry["task"], tasks[entry["task"]]) + before + own[name]
    asked = [(name, one) for name in parameters.get("probes", {}) for one in parameters["probe"]["experiments"]]
    probes = sum((probe_pipeline(parameters, *pair) for pair in asked), Pipeline([]))
    report = report_pipeline(experiments, asked, corrupted(parameters) if asked else {})
    found = {"configure": first, "data": data}
    for name, entry in experiments.items():
        called = slug(title(entry))
        found[called] = found.get(called, Pipeline([])) + runs[name]
    for method in {entry["method"] for entry in experiments.values()}:
        mine = [name for name, entry in experiments.items() if entry["method"] == method]
        summary = summary_pipeline(method, mine)
        if issubclass(method_step(method, next(iter(training_steps(method)))), FewLabelsStep):
            summary += labels_pipeline(method, {experiments[name]["task"] for name in mine})
        found[method] = sum((runs[name] for name in mine), summary)
        report += summary
    found["probes"] = sum((runs[name] for name in {one for _, one in asked}), probes)
    return {**found, "report": report, "__default__": sum([*found.values(), *own.values()], report)}


def data_pipeline(task: str, entry: dict[str, Any]) -> Pipeline:
    """A task and the data set that it is on."""
    dataset = entry["dataset"]
    images, table = (f"prepared.{dataset}.{what}" for what in ("images", "table"))
    making = split_long_tail if entry.get("long_tail") else group_coarse
    preparing = update_wrapper(partial(prepare, dataset), prepare)
    return Pipeline(
        [
            Node(preparing, f"params:datasets.{dataset}", [images, table], name=f"prepare.{dataset}"),
            Node(
                making,
                [table, f"params:tasks.{task}"],
                f"tasks.{task}.table",
                name=making.__name__,
                namespace=f"tasks.{task}",
            ),
        ]
    )


def run_pipeline(experiment: str, kind: str, entry: dict[str, Any]) -> Pipeline:
    """The steps of what is trained, in the namespace `<method>.<experiment>`."""
    function, outputs = TRAINED[kind]
    training = update_wrapper(partial(function, experiment, partial(step_code, function.__name__)), function)
    taken = ["images", "table", *(["states"] if "start" in entry else []), f"params:{function.__name__}"]
    steps = [Node(training, taken, outputs, name=function.__name__, tags="train")]
    if "evaluate" in STEPS[kind]:
        judge = evaluate_classes if evaluation(entry["method"]) is Classes else evaluate
        taken = ["images", "table", "encoders", "history", "params:evaluate"]
        steps.append(Node(judge, taken, ["features", "metrics"], name="evaluate", tags="evaluate"))
    inputs = {"images": f"prepared.{entry['dataset']}.images", "table": f"tasks.{entry['task']}.table"}
    if "start" in entry:
        inputs["states"] = f"{entry['method']}.{entry['start']}.states"
    return pipeline(Pipeline(steps), namespace=f"{entry['method']}.{experiment}", inputs=inputs)


def probe_pipeline(parameters: dict[str, Any], probe: str, experiment: str) -> Pipeline:
    """A question to the encoders of an experiment; with the data that it is about."""
    task = parameters["probes"][probe]["task"]
    entry, dataset = entries(parameters)[experiment][1], parameters["tasks"][task]["dataset"]
    taken = [f"prepared.{dataset}.images", f"tasks.{task}.table", f"{entry['method']}.{experiment}.encoders"]
    taken.append(f"params:probes.{probe}")
    asking = update_wrapper(partial(probe_encoders, f"{probe}  {experiment}"), probe_encoders)
    output = f"probes.{probe}.{experiment}.table"
    node = Node(asking, taken, output, name=f"probe.{probe}.{experiment}", tags="probe")
    return data_pipeline(task, parameters["tasks"][task]) + Pipeline([node])


def summary_pipeline(method: str, experiments: list[str]) -> Pipeline:
    """What is made of one method's runs, inside its namespace, so that the lineage shows one block a method."""
    kinds = ("metrics", "history", "features")
    results = {f"{kind}.{name}": f"{method}.{name}.{kind}" for name in experiments for kind in kinds}
    inputs = {"runs": "params:runs", "collected": f"{method}.collected"}
    return Pipeline(
        [
            Node(collect, results, f"{method}.collected", name="collect", namespace=method, tags="report"),
            Node(summarize, inputs, f"{method}.summary", name="summarize", namespace=method, tags="report"),
            Node(plot_curves, inputs, f"{method}.curves", name="plot_curves", namespace=method, tags="report"),
        ]
    )


def labels_pipeline(method: str, tasks: set[str]) -> Pipeline:
    """What is drawn of the pseudo-labels of one method."""
    inputs = {"runs": "params:runs", "settings": "params:figures", "collected": f"{method}.collected"}
    inputs |= {task: f"tasks.{task}.table" for task in sorted(tasks)}
    output = f"{method}.pseudo_labels"
    node = Node(plot_pseudo_labels, inputs, output, name="plot_pseudo_labels", namespace=method, tags="report")
    return Pipeline([node])


def corrupted(parameters: dict[str, Any]) -> dict[str, str]:
    """The tasks whose images are corrupted, and their data sets."""
    names = [probe["task"] for probe in parameters["probes"].values() if probe.get("corruptions")]
    return {name: parameters["tasks"][name]["dataset"] for name in names}


def report_pipeline(
    experiments: dict[str, dict[str, Any]], asked: list[tuple[str, str]], corrupted: dict[str, str]
) -> Pipeline:
    """What is made of all runs together: the table, the pictures, the page.

    Args:
        asked: question and experiment of every probe.
        corrupted: tasks whose images are corrupted, and their data sets.
    """
    methods = {entry["method"] for entry in experiments.values()}
    collected = {method: f"{method}.collected" for method in sorted(methods)}
    tables = {entry["task"]: f"tasks.{entry['task']}.table" for entry in experiments.values()}
    shown = {"runs": "params:runs", "settings": "params:figures", "questions": "params:probes", "results": "results"}
    shown |= {name: name for name in EVIDENCE}
    shown |= {f"table.{task}": name for task, name in tables.items()}
    shown |= {f"collected.{method}": name for method, name in collected.items()}
    for name in explored(described(experiments)):
        dataset = experiments[name]["dataset"]
        shown[f"images.{dataset}"] = f"prepared.{dataset}.images"
    shown |= {f"probe.{probe}.{name}": f"probes.{probe}.{name}.table" for probe, name in asked}
    for task, dataset in corrupted.items():
        shown |= {f"corrupted.{task}": f"tasks.{task}.table", f"images.{dataset}": f"prepared.{dataset}.images"}
    page = {"runs": "params:runs", "questions": "params:probes", "results": "results"}
    page |= {"files": "pictures", "about": "captions", "explorers": "explorers", **{name: name for name in EVIDENCE}}
    page |= {name: source for name, source in shown.items() if name.startswith(("table.", "collected.", "probe."))}
    return Pipeline(
        [
            Node(tabulate, {"runs": "params:runs", **collected}, "results", name="tabulate", tags="report"),
            Node(draw, shown, ["pictures", "captions", "explorers"], name="draw", tags="report"),
            Node(write_page, page, "page", name="write_page", tags="report"),
        ]
    )


def described(experiments: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    """What choosing the runs to look at needs to know of each."""
    return [
        {"experiment": name, "title": title(entry), **{key: entry[key] for key in ("method", "dataset", "task")}}
        for name, entry in experiments.items()
    ]
