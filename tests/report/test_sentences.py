"""Sentences and verdicts that rules make from numbers."""

from gristmill.report.claims import judge_claims
from gristmill.report.results import summarize
from gristmill.report.sentences import sentences
from tests.report.sample import TITLES, make_metrics, make_results, make_runs


def said(seeds: int = 1, noise: float = 0.0, **changed: float) -> str:
    titles = {name: (*entry[:3], changed.get(name, entry[3])) for name, entry in TITLES.items()}
    results, tasks = make_results(make_runs(seeds), make_metrics(seeds, noise, titles))
    return "\n".join(sentences(results, summarize(results), tasks))


def verdicts(seeds: int = 1, noise: float = 0.0, **changed: float) -> dict[str, str]:
    titles = {name: (*entry[:3], changed.get(name, entry[3])) for name, entry in TITLES.items()}
    results, tasks = make_results(make_runs(seeds), make_metrics(seeds, noise, titles))
    return {claim.claim: claim.verdict.words() for claim in judge_claims(results, summarize(results), tasks)}


def test_first_sentence_has_every_method_in_falling_order_and_its_n():
    first = said().splitlines()[0]
    assert first == (
        "With alphabets as the only labels CoIns finds the character of 61 in 100 drawings, MaskCon 53, SupCE 45 and "
        "SupCon (queue) 38; trained on the characters themselves: SupFine 79; not trained: raw pixels 18 (n = 1)."
    )


def test_every_sentence_says_its_n():
    for seeds in (1, 3):
        assert all(f"n = {seeds}" in sentence for sentence in said(seeds, 0.01).splitlines())


def test_what_contradicts_the_paper_is_said_plainly():
    assert "The paper reports MaskCon as the best method with coarse labels; here it is not." in said()
    assert "The paper reports" not in said(maskcon_good=0.65)


def test_leads_is_said_only_where_the_interval_excludes_zero():
    assert "CoIns comes out highest, 8.0 in 100 ahead of MaskCon (not separated at n = 1)" in said()
    assert "CoIns leads, 8.0 in 100 ahead of MaskCon (95 % interval" in said(3, 0.01)


def test_a_method_below_the_floor_is_named():
    assert "Every trained method is above raw pixels" in said()
    assert "SupCon (queue) is not above raw pixels" in said(supcon_good=0.1)


def test_groupings_are_compared_method_by_method():
    both = "SupCE 50 instead of 45 and MaskCon 56 instead of 53 in 100 (not separated at n = 1)."
    assert f"With mixed groups instead of alphabets as labels: {both}" in said()


def test_no_results_make_no_sentence():
    results, tasks = make_results(make_runs(), {})
    assert sentences(results, summarize(results), tasks) == []
    assert judge_claims(results, summarize(results), tasks) == []


def test_claims_hold_or_not_by_the_numbers():
    found = verdicts(3, 0.01)
    assert found["MaskCon is the best method with coarse labels"] == "does not hold here"
    assert found["At Recall@10 CoIns is better than MaskCon"] == "holds here"
    assert found["MaskCon is better with the bad grouping than with the good one"] == "holds here"
    assert found["MaskCon comes close to SupFine with the good grouping"] == "does not hold here"
    assert verdicts(3, 0.01, maskcon_good=0.76)["MaskCon comes close to SupFine with the good grouping"] == "holds here"
    assert verdicts(3, 0.01, maskcon_good=0.76)["MaskCon is the best method with coarse labels"] == "holds here"


def test_one_seed_is_never_a_plain_verdict():
    assert all(words.endswith("; not separated at n = 1") for words in verdicts().values())


def test_claims_about_methods_that_were_not_run():
    titles = {name: entry for name, entry in TITLES.items() if not name.startswith("maskcon")}
    results, tasks = make_results(make_runs(titles=titles), make_metrics(titles=titles))
    assert {claim.verdict.words() for claim in judge_claims(results, summarize(results), tasks)} == {"not run"}
