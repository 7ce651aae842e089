"""What a user can mend is one line at the end of a `kedro` command; an error of the program keeps its traceback."""

import errno
import re
import sys
from collections.abc import Iterator
from types import TracebackType

from gristmill.errors import UserError

OUTSIDE = {  # errors of the machine, whatever was being done
    errno.ENOSPC: "the disk is full; make room and run the same command again",
    errno.EDQUOT: "the disk quota is used up; make room and run the same command again",
    errno.EROFS: "the folder is read-only; Gristmill must be able to write there",
    errno.EACCES: "no permission; Gristmill must be able to read and write there",
}


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those it came from: Kedro wraps what a node or a data set raises."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__


def explain(error: BaseException) -> str | None:
    """One line for an error that a user can mend, None for one of the program."""
    for cause in chain(error):
        if isinstance(cause, UserError):
            return " ".join(str(cause).split())
        if isinstance(cause, OSError) and cause.errno in OUTSIDE:
            place = f"{cause.filename}: " if cause.filename else ""
            return place + OUTSIDE[cause.errno]
        told = from_kedro(cause)
        if told:
            return told
    return None


def from_kedro(error: BaseException) -> str | None:
    """What Kedro says in several lines, in one."""
    text = " ".join(str(error).split())
    if type(error).__name__ == "DatasetError":
        files = [e.filename for e in chain(error) if isinstance(e, FileNotFoundError) and e.filename]
        if files:
            return f"{files[0]}: not there; `dvc repro` makes it"
        empty = re.match(r"No partitions found in '(.*)'", text)
        if empty:
            return f"{empty[1]}: nothing in it; `dvc repro` makes it"
    if type(error).__name__ == "DataValidationError":
        return text
    unknown = re.match(r"(Failed to find the pipeline named '.*'\.) .*? function\.(.*)", text)
    if unknown:
        return unknown[1] + unknown[2]
    nodes = re.match(r"Pipeline does not contain nodes? named (.*)", text)
    return text if nodes else None


def tell_user_errors() -> None:
    """From now on a user's error that nobody caught is printed as one line; the status is 1 as for any other."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        line = explain(error)
        if line is None:
            before(kind, error, trace)
        else:
            print(line, file=sys.stderr)

    sys.excepthook = hook
