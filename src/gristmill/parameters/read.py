"""Reading params.yaml as DVC does (YAML 1.2), and the spellings that other readers take for something else.

DVC, Kedro and `dvc exp run -S` read the same file with three parsers; what they disagree about is refused.
"""

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.tokens import AliasToken, AnchorToken, ScalarToken

from gristmill.errors import UserError

FILE = "params.yaml"
TRAPS = [  # (a plain value as written, what is wrong with it)
    (r"[-+]?0\d[\d_]*", "a leading zero means base 8 to some readers and base 10 to others; leave it out"),
    (r"[-+]?\d[\d_]*[eE][-+]?\d+", "text for some readers; write a point and a sign, as in 1.0e-3 or 1.0e+3"),
    (r"[-+]?\d[\d_]*\.[\d_]*[eE]\d+", "text for some readers; give the exponent a sign, as in 1.0e+3"),
    (r"0o[0-7]+", "text for some readers; write a decimal number"),
    (r"(?i)yes|no|on|off", "a truth value for some readers, text for others; write true or false"),
    (r"[-+]?\d+(:\d\d?)+(\.\d*)?", "a number to base 60 for some readers; quote it"),
    (r"\d{4}-\d\d?-\d\d?.*", "a date for some readers, text for others; quote it"),
    (r"<<", "merge keys are written out by `dvc exp run -S`; repeat the keys"),
]


def text_of(path: Path = Path(FILE)) -> str:
    """The text of a parameter file; one line where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; run this in the project's folder") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text at byte {error.start}") from None
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None


def read(path: Path = Path(FILE)) -> dict[str, Any]:
    """The content of a parameter file.

    Raises:
        UserError: no such file, or not YAML; says the line.
    """
    text = text_of(path)
    try:
        content = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        problem = str(error.problem or error.context).splitlines()[0].strip()
        raise UserError(f"{path}: line {line}: {problem}") from None
    except ReaderError as error:
        line, what = text.count("\n", 0, error.position) + 1, f"the character U+{error.character:04X}"
        raise UserError(f"{path}: line {line}: {what} is not allowed; take it out") from None
    except ValueError as error:
        raise UserError(f"{path}: {impossible(text)}{error}; quote it if it is text") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: no parameters in it; expected sections such as train: and experiments:")
    return content


def impossible(text: str) -> str:
    """`line 3: 2020-13-45: `, the first value that looks like a date and is none; empty where it is not found."""
    yaml = YAML(typ="safe", pure=True)
    for token in yaml.scan(text):
        if isinstance(token, ScalarToken) and token.plain:
            try:
                YAML(typ="safe", pure=True).load(token.value)
            except MarkedYAMLError:  # it is whole only in its place
                continue
            except ValueError:
                return f"line {token.start_mark.line + 1}: {token.value}: "
    return ""


def traps(text: str) -> list[str]:
    """Lines that Kedro, DVC and `dvc exp run -S` would read differently, or that -S would spoil."""
    found = []
    for token in YAML(typ="safe", pure=True).scan(text):
        line = f"{FILE}: line {token.start_mark.line + 1}"
        if isinstance(token, AnchorToken | AliasToken):
            found.append(f"{line}: anchors are written out by `dvc exp run -S`; repeat the values")
        elif isinstance(token, ScalarToken):
            value = str(token.value)
            if "${" in value:
                found.append(f"{line}: {value}: `dvc exp run -S` writes the value out; repeat it yourself")
            elif token.plain:
                found += [f"{line}: {value}: {why}" for form, why in TRAPS if re.fullmatch(form, value)][:1]
    return found
