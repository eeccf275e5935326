"""An AWS estate on this machine: accounts, roles, networks, registries and services that pull.

moto in this process, made to behave like AWS where a diagnosis looks, with signatures and IAM
checked in front of it, and with an engine that works out whether each task gets its image.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playground.estate import loading  # noqa: F401 - before moto is imported

# Before moto is imported: the managed policies of AWS are wanted, its machine images are not.
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

if TYPE_CHECKING:
    from playground.estate.calls import ApiCall
    from playground.estate.faults import Fault
    from playground.estate.server import Estate

__all__ = ["ApiCall", "Estate", "Fault", "running"]


def __getattr__(name: str) -> Any:
    """Import what is heavy only when it is asked for."""
    if name == "Estate":
        from playground.estate.server import Estate

        return Estate
    if name == "ApiCall":
        from playground.estate.calls import ApiCall

        return ApiCall
    if name == "Fault":
        from playground.estate.faults import Fault

        return Fault
    raise AttributeError(name)


@contextmanager
def running(names: Collection[str] | None = None) -> Iterator[Estate]:
    """Serve an estate with the scenarios built (all of them, or those named), and stop it."""
    from playground import scenarios
    from playground.estate.server import Estate

    estate = Estate()
    estate.serve()
    try:
        scenarios.build(estate, names)
        yield estate
    finally:
        estate.stop()
