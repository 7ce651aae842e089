"""What a user can mend is one line at the end of a `kedro` command; an error of the program keeps its traceback."""

import errno
import os
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
PLACE = re.compile(r"(?:filepath|path)=(?:\w+\()?'([^']+)'")  # in Kedro's names of data sets
SENTENCES = (  # of Kedro, with what is worth to be said of them
    r"(Failed to find the pipeline named '.*?'\.).*? function\.(.*)",
    r"(Pipeline does not contain nodes.*)",
)


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
    causes = list(chain(error))
    for cause in causes:
        if isinstance(cause, UserError):
            return " ".join(str(cause).split())
        if isinstance(cause, OSError) and cause.errno in OUTSIDE:
            named = [match[1] for text in map(str, causes) if (match := PLACE.search(text))]
            places = [cause.filename] if cause.filename else named
            return (f"{near(places[0])}: " if places else "") + OUTSIDE[cause.errno]
    for cause in causes:
        text = " ".join(str(cause).split())
        if type(cause).__name__ == "DataValidationError":
            return text
        told = unreadable(text, causes[-1]) if type(cause).__name__ == "DatasetError" else None
        found = next((match for form in SENTENCES if (match := re.match(form, text))), None)
        if told or found:
            return told or "".join(found.groups() if found else ())
    return None


def unreadable(text: str, cause: BaseException) -> str | None:
    """What is wrong with a file that a step reads; None where the trouble came in saving."""
    empty = re.match(r"No partitions found in '(.*)'", text)
    if empty:
        return f"{near(empty[1])}: nothing in it; `dvc repro` makes it"
    path = PLACE.search(text)
    if not text.startswith("Failed while loading data") or path is None:
        return None
    if isinstance(cause, FileNotFoundError):
        return f"{near(cause.filename or path[1])}: not there; `dvc repro` makes it"
    reason = (str(cause).splitlines() or [type(cause).__name__])[0]
    return f"{near(path[1])}: damaged ({reason}); delete it and run dvc repro again"


def near(path: str | bytes | int) -> str:
    """A path, from the working folder where it lies inside."""
    text = os.fsdecode(path) if not isinstance(path, int) else f"file {path}"
    inside = os.path.relpath(text)
    return text if inside.startswith("..") else inside


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
