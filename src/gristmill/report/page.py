"""The page: one file, nothing from the network."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gristmill.report.choice import two_views
from gristmill.report.claims import Claim, judge_claims
from gristmill.report.families import Families
from gristmill.report.families_sentences import families_sentences, short_families_sentences
from gristmill.report.families_tables import families_table
from gristmill.report.few_claims import judge_few_claims
from gristmill.report.few_sentences import few_sentences
from gristmill.report.few_tables import few_tables
from gristmill.report.found import found_tables
from gristmill.report.inline import data_uri, drawing, picture_size
from gristmill.report.longer import Longer
from gristmill.report.longer_classes import LongerClasses
from gristmill.report.longer_classes_sentences import classes_sentences, readings
from gristmill.report.longer_classes_tables import all_tables
from gristmill.report.longer_sentences import longer_sentences
from gristmill.report.longer_tables import longer_tables
from gristmill.report.longer_views import LongerViews
from gristmill.report.longer_views_sentences import longer_view_sentences
from gristmill.report.longer_views_tables import longer_view_tables
from gristmill.report.pictures import Picture
from gristmill.report.probes import Probes
from gristmill.report.probes_claims import judge_probe_claims
from gristmill.report.probes_sentences import probe_sentences
from gristmill.report.probes_tables import probe_tables
from gristmill.report.provenance import machine, origins, versions
from gristmill.report.published import published_tables
from gristmill.report.published_view_tables import published_view_tables
from gristmill.report.results import TaskFacts, summarize
from gristmill.report.sentences import sentences
from gristmill.report.tables import Table, result_tables
from gristmill.report.two_views import view_runs
from gristmill.report.two_views_claims import judge_view_claims
from gristmill.report.two_views_sentences import view_sentences
from gristmill.report.two_views_tables import view_tables
from gristmill.report.words import dataset_name

HERE = Path(__file__).parent
NOTHING_ASKED = Probes()
MOST_MEGABYTES = 20  # of a page: what would make it larger is left out, and the page says so


@dataclass(frozen=True)
class Family:
    """What the page says of methods with coarse labels, with few, or with none and all.

    Attributes:
        name: of its places in the page.
        longer: sentences and tables of longer trainings.
    """

    name: str
    title: str
    sentences: list[str]
    tables: list[Table]
    claims: list[Claim]
    groups: dict[str, list[list[Picture]]]
    longer: list[tuple[list[str], list[Table]]] = field(default_factory=list)

    def there(self) -> bool:
        """Whether anything was run."""
        return bool(self.tables or self.longer or any(self.groups.values()))


def make_page(
    results: pd.DataFrame,
    runs: Sequence[dict[str, Any]],
    tasks: Mapping[str, TaskFacts],
    pictures: Sequence[Picture],
    files: Mapping[str, dict[str, str]] | None = None,
    states: Mapping[str, str] | None = None,
    bf16: bool = False,
    explorers: Sequence[dict[str, Any]] = (),
    longer: Sequence[Longer] = (),
    few: Sequence[LongerClasses] = (),
    histories: Mapping[str, pd.DataFrame] | None = None,
    longer_two_views: Sequence[LongerViews] = (),
    together: Sequence[Families] = (),
    asked: Probes = NOTHING_ASKED,
) -> str:
    """The report as one HTML file.

    Args:
        results: a row a seed (`results.name_rows`).
        runs: what params.yaml says of each experiment.
        tasks: facts of each task.
        pictures: in the order in which they are shown.
        files: experiment -> path -> md5.
        states: experiment -> what is wrong with its results.
        bf16: whether `precision: auto` means bf16 here.
        explorers: as `explorer.explorers` gives them.
        longer: longer trainings of these data sets, with coarse labels.
        few: those with few labels.
        histories: experiment -> its history.
        longer_two_views: those of methods of two views.
        together: all families side by side, one for each data set.
        asked: what encoders answered.
    """
    summary, states = summarize(results), dict(states or {})
    script, explore = ((HERE / name).read_text("utf-8") for name in ("script.js", "explorer.js"))
    room = MOST_MEGABYTES * 10**6 - sum(len(content) * 4 // 3 for one in pictures for content in one.files.values())
    kept = fitting(explorers, room)
    views = view_runs(results, tasks, histories or {})
    others = [run for run in runs if not two_views(run["method"])]
    families = [
        Family(
            "coarse",
            "Coarse labels",
            sentences(results, summary, tasks),
            [
                *result_tables(results, summary, tasks, others, states),
                *found_tables(results, summary, tasks, others, states),
            ],
            judge_claims(results, summary, tasks, longer),
            grouped(of_family(pictures, "coarse")),
            [(longer_sentences(one), longer_tables(one, results)) for one in longer],
        ),
        Family(
            "few",
            "Few labels",
            few_sentences(results, summary, tasks, histories or {}),
            few_tables(results, summary, tasks, others, states) + published_tables(results, others),
            judge_few_claims(results, summary, tasks),
            grouped(of_family(pictures, "few")),
            [(classes_sentences(one) + readings(one, one.main_tail()), all_tables(one)) for one in few],
        ),
        Family(
            "views",
            "No labels, all labels",
            view_sentences(views),
            view_tables(views, runs, states) + published_view_tables(results, runs, histories or {}),
            judge_view_claims(views, longer_two_views, together),
            grouped(of_family(pictures, "views")),
            [(longer_view_sentences(one), longer_view_tables(one)) for one in longer_two_views],
        ),
        Family(
            "probes",
            "Other data, few labels, corruption",
            probe_sentences(asked),
            probe_tables(asked),
            judge_probe_claims(asked),
            grouped(of_family(pictures, "probes")),
        ),
    ]
    template = environment().get_template("template.html")
    return template.render(
        style=Markup((HERE / "style.css").read_text("utf-8") + (HERE / "explorer.css").read_text("utf-8")),
        script=Markup(script),
        explore=Markup(explore),
        policy=policy(script, explore),
        explorers=kept,
        left_out=[each["title"] for each in explorers if each not in kept],
        most_megabytes=MOST_MEGABYTES,
        datasets=[dataset_name(name) for name in dict.fromkeys(run["dataset"] for run in runs)],
        runs=runs,
        families=[family for family in families if family.there()],
        together=all_together(together, pictures),
        origins=origins(runs, files or {}, states),
        versions=versions(),
        machine=machine(runs, bf16),
        csv=data_uri(results.to_csv(index=False), "text/csv"),
    )


def all_together(together: Sequence[Families], pictures: Sequence[Picture]) -> Family | None:
    """The section that shows all families in one table; None without any."""
    return Family(
        "together",
        "All families, side by side",
        [said for families in together for said in short_families_sentences(families)],
        [],
        [],
        grouped(of_family(pictures, "together")),
        [(families_sentences(families), [families_table(families)]) for families in together],
    ) if together else None  # fmt: skip


def environment() -> Environment:
    """Everything is escaped that is not marked as ours."""
    found = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=bound,
    )
    found.filters.update(drawing=drawing, uri=data_uri, size=picture_size, dataset=dataset_name)
    return found


def bound(value: object) -> object:
    """Words of ours that no line shall break: `n = 3`."""
    return value.replace("n = ", "n\u00a0=\u00a0") if type(value) is str else value


def policy(*scripts: str) -> str:
    """A Content-Security-Policy: these scripts, pictures that stand in the page, nothing from anywhere else."""
    digests = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {digests}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def fitting(explorers: Sequence[dict[str, Any]], room: int) -> list[dict[str, Any]]:
    """The explorers that fit into so many bytes, in their order."""
    kept = []
    for each in explorers:
        size = len(json.dumps(each))
        if size <= room:
            kept.append(each)
            room -= size
    return kept


def of_family(pictures: Sequence[Picture], family: str) -> list[Picture]:
    """The pictures of one family of methods."""
    return [picture for picture in pictures if picture.family == family]


def grouped(pictures: Sequence[Picture]) -> dict[str, list[list[Picture]]]:
    """Section -> pictures that stand side by side."""
    sections: dict[str, list[list[Picture]]] = {"longer": [], "figures": [], "look": []}
    for picture in pictures:
        section = sections[picture.section]
        if picture.pair and section and section[-1][0].pair == picture.pair:
            section[-1].append(picture)
        else:
            section.append([picture])
    return sections
