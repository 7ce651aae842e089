"""Both bad variants of CIFARtoy share one numbering, which `label_table` can therefore state once."""

from gristmill.labels.grouping import grouping_path, read_grouping


def test_both_bad_variants_of_cifartoy_number_the_classes_alike():
    code, paper = (read_grouping(grouping_path(f"cifartoy_bad{variant}")) for variant in ("", "_paper"))
    assert code.set_index("fine")["fine_id"].to_dict() == paper.set_index("fine")["fine_id"].to_dict()
