"""Which code a step can reach, and what counts as a change of it."""

import ast
import contextlib
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from gristmill.fingerprint import reached, strip
from tests.project import PARAMETERS, ROOT

PACKAGE = ROOT / "src" / "gristmill"
TEXT = '''"""A module."""
import os  # why


def f(x):
    """What it does."""
    note = """a

      b  # stays
    """
    return x + 1  # plus one
'''


@pytest.mark.parametrize(
    "changed",
    [
        TEXT.replace("# why", "# because"),
        TEXT.replace("  # plus one", ""),
        TEXT.replace("What it does.", "Says é and\n\n    more."),
        TEXT.replace("import os", "import os\n\n\n# a line of its own\n"),
        TEXT.replace("A module.", "The module."),
    ],
)
def test_comments_docstrings_and_blank_lines_do_not_count(changed: str):
    assert changed != TEXT
    assert strip(changed) == strip(TEXT)


@pytest.mark.parametrize(
    "changed",
    [
        TEXT.replace("x + 1", "x + 2"),
        TEXT.replace("b  # stays", "b  # goes"),
        TEXT.replace('"""a\n\n', '"""a\n'),
        TEXT.replace("import os", "import sys"),
    ],
)
def test_everything_else_counts(changed: str):
    assert changed != TEXT
    assert strip(changed) != strip(TEXT)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_is_left_of_a_module_says_the_same(path: Path):
    """The tree without docstrings is the same before and after."""

    def tree(text: str) -> str:
        whole = ast.parse(text)
        for node in ast.walk(whole):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Expr(ast.Constant(...))]
        return ast.dump(whole)

    text = path.read_text("utf-8")
    assert tree(strip(text)) == tree(text)


def test_packages_hold_no_code():
    assert [path for path in PACKAGE.rglob("__init__.py") if path.read_text("utf-8").strip()] == []


def test_only_methods_and_sources_are_imported_by_name():
    """What is imported by name cannot be seen in a text: `step_code` tells the fingerprint of it."""
    users = {path.name for path in PACKAGE.rglob("*.py") if "import_module" in path.read_text("utf-8")}
    assert users == {"lookup.py"}


def test_what_training_reaches():
    found = reached(("gristmill.pipelines.train", "gristmill.methods.maskcon"))
    assert "gristmill.losses.contrast" in found
    assert "gristmill.train.loop" in found
    assert "gristmill.methods.grafit" not in found
    assert "gristmill.evaluate.recall" not in found  # a line of Recall@K evaluates again and trains nothing
    assert not [name for name in found if name.startswith(("gristmill.parameters", "gristmill.figures"))]



RUN = """
import os, pickle, sys
step, settings, inputs = pickle.load(open("inputs.pickle", "rb"))
if step == "prepare":
    from gristmill.pipelines.prepare import prepare
    prepare("digits", settings)
elif step == "task":
    from gristmill.pipelines import task
    make = task.split_long_tail if "long_tail" in settings else task.group_coarse
    make(*inputs, settings)
elif step == "train":
    from gristmill.pipelines.train import train
    train("parity", lambda settings: {}, *inputs, settings)
else:
    from gristmill.pipelines.evaluate import evaluate
    images, table, encoders, history = inputs
    evaluate(images, table, {seed: lambda: pickle.loads(made) for seed, made in encoders.items()}, history, settings)
modules = [module for name, module in sys.modules.items() if name.startswith("gristmill.")]
loaded = {module.__name__ for module in modules if not (module.__file__ or "__init__.py").endswith("__init__.py")}
from gristmill.pipelines.configure import step_code
print(*sorted(loaded - set(step_code(step, settings))))
"""

TAIL = {"validation": 0, "head": 9, "ratio": 3, "unlabeled_head": 9, "unlabeled_ratio": 3, "reversed": True}


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple]:
    """Settings and inputs of each step of a tiny run."""
    import yaml

    from gristmill.networks.build import read_encoder
    from gristmill.pipelines.parameters import for_nodes
    from gristmill.pipelines.prepare import prepare
    from gristmill.pipelines.task import group_coarse
    from gristmill.pipelines.train import train

    settings = for_nodes(yaml.safe_load(PARAMETERS))
    images, table = prepare("digits", settings["datasets"]["digits"])
    task = group_coarse(table, settings["tasks"]["digits_parity"])
    run = settings["maskcon"]["parity"]
    folder = tmp_path_factory.mktemp("run")
    with contextlib.chdir(folder):
        encoders, history = train("parity", lambda settings: {}, images, task, run["train"])
        made = {}
        for seed, content in encoders.items():
            Path(f"{seed}.safetensors").write_bytes(content())
            made[seed] = pickle.dumps(read_encoder(Path(f"{seed}.safetensors")))
    return {
        "prepare": (settings["datasets"]["digits"], ()),
        "task": (settings["tasks"]["digits_parity"], (table,)),
        "task long_tail": ({"dataset": "digits", "long_tail": {**TAIL, "seeds": [0]}}, (table,)),
        "train": (run["train"], (images, task)),
        "evaluate": (run["evaluate"], (images, task, made, history)),
    }


@pytest.mark.parametrize("step", ["prepare", "task", "task long_tail", "train", "evaluate"])
def test_a_step_loads_nothing_that_its_fingerprint_does_not_know(step: str, steps: dict[str, tuple], tmp_path: Path):
    (tmp_path / "inputs.pickle").write_bytes(pickle.dumps((step.split()[0], *steps[step])))
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", RUN]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
