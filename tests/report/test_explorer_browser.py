"""The explorer in a real browser: with a mouse, with a keyboard, on a phone, in the dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest

from gristmill.evaluate.neighbours import neighbours
from gristmill.report.draw_look import placed
from gristmill.report.explorer import GRID, explorers
from gristmill.report.page import make_page
from tests.report.browser import BROWSER, DRIVER, Page, browsing
from tests.report.sample import make_explorers, make_looks
from tests.report.test_explorer import numbers
from tests.report.test_page import EVIL, page
from tests.report.test_view_looks import make_view_looks
from tests.report.two_views_sample import make_view_metrics, make_view_results, make_view_runs

missing = [name for name, found in (("chromium", BROWSER), ("chromedriver", DRIVER)) if not found]
pytestmark = pytest.mark.skipif(bool(missing), reason=f"not here: {' and '.join(missing)}")

READ = """
const all = (name) => [...document.querySelectorAll(name)], shown = (element) => element.getClientRects().length > 0;
const plots = all(".explorer .plot").filter(shown);
return {
  title: document.title, said: document.querySelector(".said").innerText, hash: location.hash,
  legend: all(".legend li").map((item) => item.innerText), text: document.querySelector(".explorer").innerText,
  focus: document.activeElement.ariaLabel || document.activeElement.name || document.activeElement.tagName,
  maps: plots.map((plot) => plot.querySelector(".field canvas").toDataURL()),
  cards: plots.map((plot) => plot.querySelector(".card")).filter(shown).map((card) => ({
    text: card.innerText, tiles: card.querySelectorAll(".few .tile").length,
    hits: card.querySelectorAll(".few .hit").length,
  })),
  panels: plots.map((plot) => ({
    title: plot.querySelector("figcaption b").innerText, text: plot.querySelector(".panel").innerText,
    cosines: [...plot.querySelectorAll("ol small")].map((small) => small.innerText),
    labels: [...plot.querySelectorAll("ol button")].map((button) => button.ariaLabel),
  })),
  form: Object.fromEntries(new FormData(document.querySelector(".explorer form"))),
  wide: [document.documentElement.scrollWidth, innerWidth],
};
"""
LOOK, DATA = make_looks()[0], make_explorers()[0]
SAMPLES = DATA["samples"]
ALONE = 5  # an image that no other one hides: see test_the_image_that_is_pointed_at_lies_alone


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser for all tests."""
    with browsing(tmp_path_factory.mktemp("profile")) as found:
        yield found


def start(
    browser: Page, folder: Path, content: str = "", state: str = "", width: int = 1600, dark: bool = False
) -> dict[str, Any]:
    """Open a page and bring its maps into the window."""
    file = folder / "report.html"
    file.write_text(content or page(), "utf-8")
    browser.open(f"{file.as_uri()}{state}", width, dark)
    browser.run("document.querySelector('.maps').scrollIntoView({behavior: 'instant'})")
    browser.run("scrollBy({top: -120, behavior: 'instant'})")
    browser.settle()
    return browser.run(READ)


def place(browser: Page, image: int, plot: int = 0) -> tuple[float, float]:
    """Where an image's point is in the window, while the map is not zoomed."""
    script = "return document.querySelectorAll('.field canvas')[args[0]].getBoundingClientRect()"
    box = browser.run(script, plot)
    x, y = numbers(DATA["methods"][plot]["points"], "<u2").reshape(-1, 2)[image] / GRID
    return box["x"] + 12 + x * (box["width"] - 24), box["y"] + 12 + (1 - y) * (box["width"] - 24)


def kept(seen: dict[str, Any]) -> str:
    """The image in the address."""
    return parse_qs(seen["hash"].partition("?")[2], keep_blank_values=True)["at"][0]


def test_the_image_that_is_pointed_at_lies_alone():
    for method in DATA["methods"][:2]:
        points = numbers(method["points"], "<u2").reshape(-1, 2).astype(float) / GRID
        away = np.linalg.norm(points - points[ALONE], axis=1)
        assert np.sort(away)[1] > 0.06


def test_under_the_pointer_stand_the_image_its_labels_and_five_neighbors(browser: Page, tmp_path: Path):
    before = start(browser, tmp_path)
    assert before["cards"] == []
    browser.point(*place(browser, ALONE))
    seen = browser.run(READ)
    (card,) = seen["cards"]
    row = LOOK.test.iloc[ALONE]
    assert card["text"].split("\n")[:3] == [row["fine_name"], row["label_name"], row["sample"]]
    nearest = neighbours(LOOK.features, 5)[ALONE]
    fine = LOOK.test["fine"].to_numpy()
    assert (card["tiles"], card["hits"]) == (5, int((fine[nearest] == fine[ALONE]).sum()))
    assert all(old != new for old, new in zip(before["maps"], seen["maps"], strict=True))  # lights up in both maps
    browser.point(5, 300)
    after = browser.run(READ)
    assert after["cards"] == [] and after["maps"] == before["maps"]


def test_a_click_keeps_the_image_and_shows_the_nearest_of_both_methods(browser: Page, tmp_path: Path):
    start(browser, tmp_path)
    browser.point(*place(browser, ALONE), click=True)
    browser.point(5, 300)
    seen = browser.run(READ)
    assert kept(seen) == SAMPLES[ALONE] and SAMPLES[ALONE] not in seen["said"]
    assert f"Kept: {LOOK.test['fine_name'].iloc[ALONE]}" in seen["said"]
    for panel, look in zip(seen["panels"], make_looks(), strict=False):
        unit = look.features / np.linalg.norm(look.features, axis=1, keepdims=True)
        nearest = neighbours(look.features, 20)[ALONE]
        cosines = [float(text.replace("−", "-")) for text in panel["cosines"]]
        assert np.allclose(cosines, (unit @ unit[ALONE])[nearest], atol=6e-4)
        names = look.table.iloc[look.row]["fine_name"].iloc[nearest]
        assert all(name in label for name, label in zip(names, panel["labels"], strict=True))
        assert SAMPLES[ALONE] in panel["text"]
    assert [panel["title"] for panel in seen["panels"]] == ["MaskCon", "CoIns"]


def test_arrows_walk_through_the_nearest_and_escape_leaves(browser: Page, tmp_path: Path):
    start(browser, tmp_path, state=f"#explorer-omniglot?at={SAMPLES[ALONE]}")
    browser.run("document.querySelector('.field canvas').focus()")
    browser.press("Right")
    assert browser.run(READ)["focus"].startswith("1: ")
    browser.press("Right", "Right", "Left", "Right")
    seen = browser.run(READ)
    assert seen["focus"].startswith("3: ")
    browser.press("Down")
    assert int(browser.run(READ)["focus"].split(":")[0]) > 4
    browser.press("Up", "Enter")
    third = neighbours(LOOK.features, 3)[ALONE][2]
    seen = browser.run(READ)
    assert kept(seen) == SAMPLES[third] and seen["focus"].startswith("1: ")
    browser.press("Escape")
    assert browser.run(READ)["focus"].startswith("MaskCon: map of 24 drawings")
    browser.press("Escape")
    seen = browser.run(READ)
    assert kept(seen) == "" and "Click a drawing" in seen["panels"][0]["text"]


def test_a_slash_searches_a_class(browser: Page, tmp_path: Path):
    before = start(browser, tmp_path)
    browser.press("/")
    assert browser.run(READ)["focus"] == "find"
    browser.press("character03")
    seen = browser.run(READ)
    assert seen["said"].startswith("2 drawings of 1 character; Enter goes through them.")
    assert seen["maps"] != before["maps"]
    own = [sample for sample, fine in zip(SAMPLES, LOOK.test["fine"], strict=True) if fine == 3]
    found = []
    for _ in range(3):
        browser.press("Enter")
        found.append(kept(browser.run(READ)))
    assert found == [own[0], own[1], own[0]]
    browser.press("x")
    assert browser.run(READ)["said"].startswith("No character or alphabet is called “character03x”.")
    browser.press("Escape")
    seen = browser.run(READ)
    assert seen["form"]["find"] == "" and seen["focus"].startswith("MaskCon: map")
    browser.press("/", "greek")
    assert browser.run(READ)["said"].startswith("12 drawings of 6 characters")


def test_colors_change_what_the_points_say(browser: Page, tmp_path: Path):
    colors = ("fine", "coarse", "error")
    looks = {color: start(browser, tmp_path, state=f"#explorer-omniglot?color={color}") for color in colors}
    assert len({seen["maps"][0] for seen in looks.values()}) == 3
    assert looks["coarse"]["legend"] == ["Greek", "Latin"]
    assert looks["error"]["legend"][0] == "nearest: same character"
    assert {seen["form"]["color"] for seen in looks.values()} == set(looks)


def test_the_address_holds_the_view(browser: Page, tmp_path: Path):
    state = f"#explorer-omniglot?a=supfine_good&b=maskcon_good&color=error&find=latin&at={SAMPLES[7]}"
    seen = start(browser, tmp_path, state=state)
    assert seen["form"] == {"find": "latin", "color": "error", "a": "supfine_good", "b": "maskcon_good"}
    assert [panel["title"] for panel in seen["panels"]] == ["SupFine", "MaskCon"]
    assert all(SAMPLES[7] in panel["text"] for panel in seen["panels"])
    browser.run("location.hash = '#explorer-omniglot?a=nobody&b=&color=%22%5D&at=no+such&find='")
    browser.settle()
    seen = browser.run(READ)
    assert seen["form"] == {"find": "", "color": "error", "a": "supfine_good", "b": ""}
    assert [panel["title"] for panel in seen["panels"]] == ["SupFine"]
    assert "Click a drawing" in seen["panels"][0]["text"]


def test_what_lies_under_the_pointer_stays_there_when_zoomed(browser: Page, tmp_path: Path):
    before = start(browser, tmp_path)
    x, y = place(browser, ALONE)
    wheel = """
    const [clientX, clientY] = args, canvas = document.elementFromPoint(clientX, clientY);
    canvas.dispatchEvent(new WheelEvent("wheel", {deltaY: -200, ctrlKey: true, clientX, clientY, cancelable: true}));
    """
    browser.run(wheel, x, y)
    browser.point(x, y)
    seen = browser.run(READ)
    assert SAMPLES[ALONE] in seen["cards"][0]["text"]
    browser.run("document.querySelector('.field canvas').focus()")
    browser.press(*"---")
    browser.point(5, 300)
    assert browser.run(READ)["maps"] == before["maps"]


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_one_map_and_a_tap_keeps(browser: Page, tmp_path: Path, dark: bool):
    seen = start(browser, tmp_path, width=390, dark=dark)
    assert seen["wide"][0] <= 390 and len(seen["panels"]) == 1
    browser.point(*place(browser, ALONE), touch=True)
    seen = browser.run(READ)
    assert kept(seen) == SAMPLES[ALONE] and seen["cards"] == []
    choose = "const b = document.querySelector('select[name=b]'); b.value = 'supce_good';"
    browser.run(f"{choose} b.dispatchEvent(new Event('input', {{bubbles: true}}))")
    seen = browser.run(READ)
    assert seen["wide"][0] <= 390 and len(seen["panels"]) == 2
    assert SAMPLES[ALONE] in seen["panels"][1]["text"]


@pytest.mark.parametrize(("width", "dark"), [(1600, False), (390, True)])
def test_methods_of_two_views_stand_beside_raw_pixels(browser: Page, tmp_path: Path, width: int, dark: bool):
    looks, runs = make_view_looks(), make_view_runs()
    results, tasks = make_view_results(make_view_metrics(), runs)
    html = make_page(results, runs, tasks, [], explorers=explorers(looks, placed(looks)))
    state = f"#explorer-omniglot?b=simclr_drawings&color=coarse&at={SAMPLES[3]}"
    seen = start(browser, tmp_path, html, state, width, dark)
    assert [panel["title"] for panel in seen["panels"]] == ["raw pixels", "SimCLR"] and seen["wide"][0] <= width
    assert seen["legend"] == ["Greek", "Latin"]  # of raw pixels' task, though SimCLR stands on one without alphabets
    assert browser.run("return document.querySelector('select[name=b]').options.length") == 1 + len(looks)
    choose = "const b = document.querySelector('select[name=b]'); b.value = 'cross_entropy_drawings';"
    browser.run(f"{choose} b.dispatchEvent(new Event('input', {{bubbles: true}}))")
    panel = browser.run(READ)["panels"][1]
    nearest = neighbours(looks[4].features, 20)[3]
    assert panel["title"] == "Cross entropy" and SAMPLES[3] in panel["text"]
    names = looks[4].test["fine_name"].iloc[nearest]
    assert all(name in label for name, label in zip(names, panel["labels"], strict=True))
    assert [entry for entry in browser.log() if entry["level"] == "SEVERE"] == []


def test_drawings_are_ink_on_paper_in_both_modes(browser: Page, tmp_path: Path):
    corner = "const tile = document.querySelector('.panel .tile canvas').getContext('2d');"
    corner += "return [...tile.getImageData(9, 9, 1, 1).data]"
    colors = []
    for dark in (False, True):
        before = start(browser, tmp_path, dark=dark)
        colors.append(browser.run(corner)[0])
        browser.run("document.getElementById('mode').click()")
        browser.settle()
        assert browser.run(READ)["maps"] != before["maps"]
        colors.append(browser.run(corner)[0])
    light, dark, again, back = colors
    assert (light, dark) == (back, again) and light + dark == 255


def test_names_are_shown_and_never_run(browser: Page, tmp_path: Path):
    state = f"#explorer-omniglot?at={SAMPLES[0]}"
    seen = start(browser, tmp_path, page(name=EVIL, title=EVIL), state)
    browser.point(*place(browser, ALONE))
    seen = browser.run(READ)
    assert seen["title"] == "Gristmill · Omniglot"
    assert f"{EVIL}/character00" in seen["legend"] and EVIL in seen["panels"][1]["title"]
    assert EVIL in seen["text"] and (EVIL in seen["cards"][0]["text"] or "Latin" in seen["cards"][0]["text"])
    assert browser.run("return document.querySelectorAll('script').length") == 3
    broken = [entry for entry in browser.log() if entry["level"] == "SEVERE"]
    assert broken == []
