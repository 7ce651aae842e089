"""The figure of a hierarchy: every node of the cut with its classes, whatever they are called and however many."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from gristmill.data.source import sample_table
from gristmill.figures.hierarchy import MARK, cut_off, elbows, hierarchy_tree
from gristmill.figures.save import svg
from gristmill.figures.theme import DARK, LIGHT
from gristmill.labels.coarse import group_coarse
from gristmill.labels.nouns import read_excerpt
from gristmill.labels.sketch import Branch, Sketch, from_json
from gristmill.report.draw_hierarchy import hierarchy_pictures

EVIL = "<script>alert(1)</script> $x$"
SMALL = Sketch(
    "a.csv, cut at 3 nodes",
    [
        Branch(["thing"], "thing", below=[
            Branch(["animal"], "animal", 0, ["dog", "cat"]), Branch(["car"], "car", 1, ["car"]),
        ]),
        Branch(["everything else"], "", 2, [EVIL]),
    ],
    ["pet", "car", EVIL],
    {},
)  # fmt: skip


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def dots(figure: Figure) -> int:
    """Marks of nodes of the cut."""
    return sum(line.get_marker() == "o" and line.get_color() == MARK for line in figure.axes[0].lines)


@pytest.mark.parametrize("mode", [LIGHT, DARK])
def test_nodes_of_the_cut_have_a_mark_a_count_and_names(mode):
    figure = hierarchy_tree(SMALL, mode)
    said = texts(figure)
    assert dots(figure) == 3 and {"thing", "animal", "everything else", "2", "1"} <= set(said)
    assert "pet: dog, cat" in said and "car" in said  # the coarse class only where it is called otherwise
    assert b"<script" not in svg(figure) and svg(figure) == svg(figure)


def test_lines_lead_from_a_node_to_its_last_branch():
    assert list(elbows([0, 1, 2, 2, 1, 0])) == [(0.1, 0, 4), (0.25, 1, 3)]
    assert list(elbows([])) == []


def test_a_hundred_and_a_thousand_nodes_are_drawn():
    wordnet = read_excerpt()
    keys = [key for key in wordnet.nodes if key not in {up for node in wordnet.nodes.values() for up in node.parents}]
    table = sample_table([str(i) for i in range(len(keys))], "train", np.arange(len(keys)), keys)
    for settings, count in (({"classes": 100}, 100), ({"depth": 18}, None)):
        task = group_coarse(table, {"hierarchy": {"source": "wordnet", **settings}})
        figure = hierarchy_tree(from_json(task.attrs["hierarchy"]))
        assert count is None or dots(figure) == count
        assert (" more" in texts(figure)[-1]) == (count is None)
        assert figure.get_size_inches()[1] < 45


def test_long_words_are_cut_off():
    assert cut_off("airplane, automobile", 12) == "airplane, a…" and cut_off("bird", 4) == "bird"
    assert cut_off("airplane, automobile", 11) == "airplane…" and cut_off("bird", 0) == "b…"


def test_the_page_shows_the_tree_of_each_task_that_has_one():
    table = sample_table(["a", "b", "c"], "train", np.arange(3), ["dog", "cat", "car"])
    settings = {
        "source": "wordnet",
        "classes": 2,
        "names": {"dog": "n02084071", "cat": "n02121620", "car": "n02958343"},
    }
    task = group_coarse(table, {"hierarchy": settings})
    (picture,) = hierarchy_pictures({"tree": task, "fine": group_coarse(table, {"grouping": "fine"})})
    assert picture.name == "hierarchy_tree" and list(picture.files) == ["hierarchy_tree.svg"]
    assert picture.section == "look" and picture.settings == "WordNet's excerpt, cut into 2"
    assert picture.alt == "2 coarse classes: car, carnivore"
    assert "carnivore,n02075296,carnivore,dog" in picture.data
