"""The models of AWS's services, cut down to what the bot ever calls.

botocore keeps every operation of a service in memory, and gives every client a method for each: of
EC2 that is 25 MB and 700 methods, of which the bot calls two dozen. What is left out here no role of
the bot may call either: both follow from :mod:`bot.actions`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore.loaders import Loader

from bot.actions import ALL

Model = dict[str, Any]

SUFFIXES = (".json", ".json.gz")


class Models:
    """Reads the files of models for botocore's loader."""

    def exists(self, path: str) -> bool:
        """Tell whether there is a file at *path*, which is without its suffix."""
        return any(Path(path + suffix).is_file() for suffix in SUFFIXES)

    def load_file(self, path: str) -> Any:
        """Return what the file at *path* says; None where there is none."""
        for file in (Path(path + suffix) for suffix in SUFFIXES):
            if file.is_file():
                said = file.read_bytes()
                said = gzip.decompress(said) if file.suffix == ".gz" else said
                found = json.loads(said, object_pairs_hook=_undocumented)
                if Path(path).name != "service-2":
                    return found
                # What is kept lies scattered in the memory of all that was read: a copy does not.
                return json.loads(json.dumps(called(found, Path(path).parts[-3])))
        return None


@cache
def models() -> Loader:
    """Return what loads the models of services, each once for the whole process."""
    return Loader(file_loader=Models())


@cache
def regions() -> frozenset[str]:
    """Return the Regions of AWS, of every partition; a mistyped one is not among them."""
    session = botocore.session.Session()
    session.register_component("data_loader", models())
    parts = session.get_available_partitions()
    return frozenset(r for p in parts for r in session.get_available_regions("ecr", p))


def called(model: Model, service: str) -> Model:
    """Return *model* with the operations that the bot calls, and the shapes that they take."""
    operations = {n: o for n, o in model["operations"].items() if f"{service}:{n}" in ALL}
    shapes: Model = {}
    named = list(_shapes(operations))
    while named:
        if (name := named.pop()) not in shapes:
            shapes[name] = model["shapes"][name]
            named += _shapes(shapes[name])
    return {**model, "operations": operations, "shapes": shapes}


def _shapes(part: Any) -> Iterator[str]:
    """Yield the names of the shapes that *part* of a model refers to."""
    if isinstance(part, dict):
        if isinstance(name := part.get("shape"), str):
            yield name
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _shapes(one)


def _undocumented(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {k: v for k, v in pairs if k != "documentation" or not isinstance(v, str)}
