"""A grouping names every class once, or says which one it does not."""

import pytest

from gristmill.errors import UserError
from gristmill.labels.grouping import OWN, check_grouping, grouping_names, grouping_path, read_grouping

SHIPPED = [name for name in grouping_names() if name not in OWN]


def write(folder, text: str):
    path = folder / "mine.csv"
    path.write_text(text, encoding="latin-1")
    return path


def test_the_groupings_of_the_papers_are_shipped():
    assert SHIPPED == [
        "cars196", "cifar100_20", "cifartoy_bad", "cifartoy_bad_paper", "cifartoy_fine", "cifartoy_good",
        "omniglot_bad", "omniglot_good",
    ]  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_grouping_reads(name):
    grouping = read_grouping(grouping_path(name))
    assert sorted(grouping["fine_id"]) == list(range(len(grouping)))
    assert grouping["coarse"].replace("", None).nunique() >= 2


def test_fine_classes_are_numbered_as_the_file_lists_them_dropped_ones_last(tmp_path):
    grouping = read_grouping(write(tmp_path, "fine,coarse\nd,x\nb,\nNA,y\na,x\n"))
    assert grouping["fine"].tolist() == ["d", "b", "NA", "a"]
    assert grouping["fine_id"].tolist() == [0, 3, 1, 2]


def test_a_file_may_give_its_own_numbers(tmp_path):
    assert read_grouping(write(tmp_path, "fine,coarse,fine_id\nb,x,1\na,y,0\n"))["fine_id"].tolist() == [1, 0]
    with pytest.raises(UserError, match="fine_id must be the numbers 0 to 1"):
        read_grouping(write(tmp_path, "fine,coarse,fine_id\nb,x,1\na,y,1\n"))


def test_coarse_classes_are_numbered_by_name_or_as_the_file_says(tmp_path):
    by_name = read_grouping(write(tmp_path, "fine,coarse\nd,y\nb,\na,x\n"))
    assert by_name["coarse_id"].tolist() == [1, -1, 0]
    given = read_grouping(write(tmp_path, "fine,coarse,coarse_id\nd,y,0\nb,,\na,x,1\nc,x,1\n"))
    assert given["coarse_id"].tolist() == [0, -1, 1, 1] and given["fine_id"].tolist() == [0, 3, 1, 2]
    for wrong in ("d,y,0\na,x,2\n", "d,y,0\na,x,0\n", "d,y,0\na,y,1\n", "d,y,0\na,x,\n", "d,y,0\na,,1\n", "d,y,a\n"):
        with pytest.raises(UserError, match=r"mine\.csv: coarse_id must be the numbers 0 to"):
            read_grouping(write(tmp_path, f"fine,coarse,coarse_id\n{wrong}"))


def test_a_repeated_class_is_named(tmp_path):
    with pytest.raises(UserError, match=r"mine\.csv: class 'b' more than once"):
        read_grouping(write(tmp_path, "fine,coarse\na,x\nb,x\nb,y\n"))


def test_missing_and_unknown_classes_are_named(tmp_path):
    grouping = read_grouping(write(tmp_path, "fine,coarse\ncat,x\ndog,x\n"))
    check_grouping(grouping, ["cat", "dog"], "mine")
    with pytest.raises(UserError, match="grouping 'mine': class 'bird' missing from it"):
        check_grouping(grouping, ["bird", "cat", "dog"], "mine")
    with pytest.raises(UserError, match="class 'dog' not among the 2 classes of the data; did you mean 'dogs'"):
        check_grouping(grouping, ["cat", "dogs"], "mine")
    many = [f"c{i}" for i in range(9)]
    with pytest.raises(UserError, match="classes 'c0', 'c1', 'c2', 'c3', 'c4' and 4 more missing"):
        check_grouping(grouping, ["cat", "dog", *many], "mine")


@pytest.mark.parametrize(
    "text", ["", "name,group\na,b\n", 'fine,coarse\n"a,b\n', "fine,coarse\na,b,c,d\n", "fine,coarse\na\n", "\xe4"]
)
def test_another_file_is_one_line(tmp_path, text):
    with pytest.raises(UserError, match=r"mine\.csv: ") as error:
        read_grouping(write(tmp_path, text))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("wrong", "hint"), [("omniglot_god", "'omniglot_good'"), ("zzz", "known are coarse, fine, cars196")]
)
def test_an_unknown_grouping_names_the_nearest(wrong, hint):
    with pytest.raises(UserError, match=f"no such grouping '{wrong}'; .*{hint}"):
        grouping_path(wrong)
