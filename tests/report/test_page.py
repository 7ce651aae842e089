"""The page: whole, alone, safe."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from gristmill.report.choice import explored, looked_at
from gristmill.report.page import make_page
from gristmill.report.pictures import contents, put_together
from tests.report.sample import TITLES, make_explorers, make_metrics, make_pictures, make_results, make_runs

EVIL = "<script>document.title='run'</script>"
VOID = {"meta", "img", "br", "hr", "link", "input"}


@cache
def page(name: str = "Greek", title: str = "CoIns") -> str:
    """A page with every part."""
    titles = {**TITLES, "coins_good": (title, *TITLES["coins_good"][1:])}
    runs, metrics = make_runs(titles=titles), make_metrics(titles=titles)
    results, tasks = make_results(runs, metrics)
    md5 = {"maskcon_good": {"data/runs/maskcon_good/metrics.json": "0123456789abcdef"}}
    pictures, states = make_pictures(results, tasks, name), {"supce_bad": "stale: train"}
    return make_page(results, runs, tasks, pictures, md5, states, explorers=make_explorers(name, title))


class Reader(HTMLParser):
    """Counts elements, checks that they close, keeps the words."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def test_page_is_well_formed_with_one_heading_and_its_sections():
    reader = read(page())
    assert reader.tags.count("h1") == 1
    assert {"header", "nav", "main", "footer"} <= set(reader.tags)
    ids = [value for _, name, value in reader.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    for section in ("came-out", "results", "claims", "figures", "look", "explorer", "provenance"):
        assert section in ids
    inside = {value[1:] for tag, name, value in reader.attributes if tag == "a" and name == "href" and value[:1] == "#"}
    assert inside <= set(ids)


def test_page_needs_no_network_and_is_small():
    html = page()
    assert not re.search(r"https?:|@import|url\((?!#)", html)
    addresses = [v for _, name, v in read(html).attributes if name in ("src", "href", "xlink:href")]
    assert all(address.startswith(("#", "data:")) for address in addresses)
    assert len(html) < 8e6


def test_policy_allows_nothing_but_the_page_itself():
    (policy,) = [value for _, name, value in read(page()).attributes if name == "content" and "default-src" in value]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy and "script-src 'unsafe-inline'" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", page(), re.DOTALL)
    digests = [b64encode(sha256(script.encode()).digest()).decode() for script in scripts]
    assert len(digests) == 2 and all(f"'sha256-{digest}'" in policy for digest in digests)


def test_names_are_shown_and_never_run():
    html = page(name=EVIL, title=EVIL)
    assert EVIL not in html
    reader = read(html)
    assert reader.tags.count("script") == 3  # the page's, the explorer's, and what the explorer shows, as JSON
    assert EVIL in reader.text


def test_same_input_same_bytes():
    first = page()
    page.cache_clear()
    assert page() == first


def test_one_seed_is_not_bold_and_three_are():
    assert not re.search(r"<b>0\.\d", page())
    assert 'class="value highest"' in page()
    runs = make_runs(3)
    results, tasks = make_results(runs, make_metrics(3, 0.01))
    three = make_page(results, runs, tasks, [])
    assert re.search(r'class="value best"><b>0\.610</b> <small>± 0\.010</small>', three)


def test_stale_and_missing_runs_are_named_at_their_rows():
    html = page()
    assert re.search(r'SupCE <span class="bad">stale: train</span>', html)
    runs, metrics = make_runs(), make_metrics()
    del metrics["coins_good"]
    results, tasks = make_results(runs, metrics)
    assert re.search(r'CoIns <span class="bad">not run</span>', make_page(results, runs, tasks, []))


def test_numbers_have_their_origin():
    html = page()
    assert "data/runs/maskcon_good/metrics.json" in html and "0123456789abcdef" in html
    for shown in ("train.epochs", "views.recipe", "evaluate.k", "torch", "Python"):
        assert shown in html


def test_parts_that_were_not_run_are_absent():
    runs = make_runs()
    results, tasks = make_results(runs, {})
    html = make_page(results, runs, tasks, [])
    ids = [value for _, name, value in read(html).attributes if name == "id"]
    assert "No experiment has results yet." in html
    assert not {"claims", "figures", "look", "explorer"} & set(ids)


def test_every_picture_says_in_words_what_it_shows():
    reader = read(page())
    images = reader.tags.count("img")
    alts = [value for tag, name, value in reader.attributes if tag == "img" and name == "alt"]
    labels = [value for tag, name, value in reader.attributes if tag == "svg" and name == "aria-label"]
    assert len(alts) == images > 0 and all(len(alt) > 20 for alt in alts)
    assert len(labels) == reader.tags.count("svg") > 0 and all(len(label) > 20 for label in labels)


def test_pictures_survive_being_taken_apart():
    results, tasks = make_results(make_runs(), make_metrics())
    pictures = make_pictures(results, tasks)
    assert put_together([picture.about() for picture in pictures], contents(pictures)) == pictures


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["supce_bad", "maskcon_bad", "supce_good", "maskcon_good"], ["maskcon_good", "supce_good"]),
        (["supce_bad", "maskcon_bad", "maskcon_good"], ["maskcon_bad", "supce_bad"]),
        (["supfine_good"], []),
    ],
)
def test_runs_to_look_at_stand_beside_each_other_on_one_task(names: list[str], chosen: list[str]):
    runs = {run["experiment"]: run for run in make_runs()}
    assert looked_at([runs[name] for name in names]) == chosen


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (list(TITLES), ["maskcon_good", "supce_good", "coins_good", "supfine_good", "raw_pixels"]),
        (["supce_bad", "maskcon_bad", "coins_good"], ["maskcon_bad", "supce_bad"]),
        (["supcon_good"], ["supcon_good"]),
        ([], []),
    ],
)
def test_runs_to_explore_are_those_of_one_task_and_the_upper_bound(names: list[str], chosen: list[str]):
    runs = {run["experiment"]: run for run in make_runs()}
    assert explored([runs[name] for name in names]) == chosen


def test_what_would_make_the_page_too_large_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gristmill.report.page.MOST_MEGABYTES", 0)
    results, tasks = make_results(make_runs(), make_metrics())
    html = make_page(results, make_runs(), tasks, [], explorers=make_explorers())
    assert "Left out, because the page would exceed 0 MB: Omniglot." in read(html).text
    assert read(html).tags.count("script") == 1
