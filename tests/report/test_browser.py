"""The page in a real browser."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.report.test_page import EVIL, page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for found in map(shutil.which, BROWSERS) if found), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"no browser here (looked for {', '.join(BROWSERS)})")

LOOK = """
const frame = document.querySelector("iframe"), view = frame.contentWindow, page = frame.contentDocument;
const root = page.documentElement, button = page.getElementById("mode");
const see = () => ({
  mode: root.dataset.mode, pressed: button.getAttribute("aria-pressed"), scroll: root.scrollWidth,
  paper: view.getComputedStyle(page.body).backgroundColor, ink: view.getComputedStyle(page.body).color,
  images: [...page.querySelectorAll("img")].filter((i) => i.offsetWidth).map((i) => i.className + i.naturalWidth),
  label: view.getComputedStyle(page.querySelector("svg text")).fill,
});
const before = see();
button.click();
const after = see();
const wide = [...page.querySelectorAll("main *")].filter((e) => !e.closest(".wide, .drawing, svg"))
  .filter((e) => e.getBoundingClientRect().right > view.innerWidth + 1).map((e) => e.outerHTML.slice(0, 80));
document.title = JSON.stringify(
  {width: view.innerWidth, before, after, wide, hidden: button.hidden, title: page.title, text: page.body.innerText});
"""


def ask(content: str, width: int, folder: Path) -> dict[str, Any]:
    """What a browser says of the page in a window of that width (its own windows are never so narrow as a phone)."""
    file = folder / f"{width}.html"
    frame = f'<iframe srcdoc="{html.escape(content)}" style="border:0;width:{width}px;height:900px"></iframe>'
    file.write_text(f"<title></title>{frame}<script>onload = () => {{{LOOK}}}</script>", "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000"]
    options += [f"--user-data-dir={folder}/u", "--window-size=1800,1000"]
    command = [str(BROWSER), *options, "--dump-dom", file.as_uri()]
    found = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    title = re.search(r"<title>(.*?)</title>", found, re.DOTALL)
    assert title and title[1], "the browser did not run the test's script"
    return json.loads(html.unescape(title[1]))


@pytest.mark.parametrize("width", [390, 1600])
def test_page_fits_and_turns_dark(width: int, tmp_path: Path):
    seen = ask(page(), width, tmp_path)
    assert seen["width"] == width
    assert seen["wide"] == []
    for state in (seen["before"], seen["after"]):
        assert state["scroll"] <= width
        assert state["label"] == state["ink"]  # drawings have the page's color
        assert state["images"] and all(name.startswith(state["mode"]) for name in state["images"])
        assert not any(name.endswith(("t0", "k0")) for name in state["images"])  # all were decoded
    assert not seen["hidden"]
    assert {seen["before"]["mode"], seen["after"]["mode"]} == {"light", "dark"}
    assert seen["before"]["paper"] != seen["after"]["paper"]
    assert seen["before"]["pressed"] != seen["after"]["pressed"]


def test_names_do_not_run(tmp_path: Path):
    seen = ask(page(name=EVIL, title=EVIL), 390, tmp_path)
    assert seen["title"] == "Gristmill · Omniglot"
    assert EVIL in seen["text"]
    assert seen["before"]["scroll"] <= 390
