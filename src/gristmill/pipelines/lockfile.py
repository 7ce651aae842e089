"""What DVC recorded: dvc.lock, and the settings files that it keeps in its cache."""

import configparser
import hashlib
import json
from pathlib import Path
from typing import Any

import yaml


def locked_stages(path: Path = Path("dvc.lock")) -> dict[str, dict[str, Any]]:
    """Stage -> `cmd`, `deps`, `outs` (path -> md5), as they were when it last ran well."""
    if not path.exists():
        return {}
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every value as text, fast
    stages = yaml.load(path.read_text("utf-8"), Loader=loader).get("stages") or {}
    return {
        name: {
            "cmd": stage["cmd"],
            **{kind: {item["path"]: item["md5"] for item in stage.get(kind, [])} for kind in ("deps", "outs")},
        }
        for name, stage in stages.items()
    }


def config_text(content: dict[str, Any]) -> str:
    """A settings file as `configure` writes it."""
    return json.dumps(content, indent=2, sort_keys=True)


def md5(content: bytes) -> str:
    """As DVC hashes a file."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def recorded(digest: str) -> dict[str, Any] | None:
    """A settings file by its md5 from DVC's cache, None where the cache no longer has it."""
    path = cache_folder() / "files" / "md5" / digest[:2] / digest[2:]
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def cache_folder() -> Path:
    """`dvc cache dir`."""
    config = configparser.ConfigParser()
    config.read([".dvc/config", ".dvc/config.local"], "utf-8")
    return Path(".dvc", config.get("cache", "dir", fallback="cache"))


def stage_of(kind: str, step: str) -> str:
    """The name of a step in dvc.yaml, where blendings have an evaluation of their own: all of a template are alike."""
    return {"blend_pseudo_labels": "blend"}.get(step, "evaluate_blend" if kind == "blendings" else step)
