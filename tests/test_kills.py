"""A run that is killed again and again ends with the bits of one that was not."""

import importlib.util
from pathlib import Path

from tests.project import PARAMETERS, ROOT


def test_three_kills_of_dvc_repro_change_no_bit(tmp_path: Path):
    spec = importlib.util.spec_from_file_location("kills", ROOT / "scripts" / "kills.py")
    assert spec is not None and spec.loader is not None
    kills = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kills)
    params = tmp_path / "params.yaml"
    one = "".join(line for line in PARAMETERS.splitlines(keepends=True) if "title: SupCE" not in line)
    params.write_text(one.replace("epochs: 1", "epochs: 12").replace("seeds: [0, 1]", "seeds: [0]"))
    lines = kills.trial(tmp_path, 3, 0, params)
    assert "files equal those of the undisturbed run" in lines[-1]
    assert sum("last written" in line for line in lines) >= 2, lines
