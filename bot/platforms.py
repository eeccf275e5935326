"""Whether an image fits the platform that a task runs on. Pure.

https://github.com/containerd/platforms, https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.facts import ImagePlatform, ImagePlatforms, WantedPlatform

# ECS's names to those of images, and back.
ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
NAMES = {ours: theirs for theirs, ours in ARCHITECTURES.items()}
OTHER = {"amd64": "arm64", "arm64": "amd64"}
# An engine on the first runs the others as well, so their presence leaves the match open.
ALSO = {"amd64": ("386",), "arm64": ("arm",)}
BUILDS = {"2016": 14393, "2019": 17763, "2004": 19041, "20H2": 19042, "2022": 20348, "2025": 26100}


def named(said: str) -> WantedPlatform | None:
    """Return the platform that a text names, as ``linux/arm64/v8``."""
    os, _, rest = said.partition("/")
    architecture = rest.partition("/")[0]
    if not architecture:
        return None
    return WantedPlatform(os, architecture, "LINUX" if os == "linux" else "WINDOWS", "recorded")


def fits(wanted: WantedPlatform, offered: ImagePlatforms) -> bool | None:
    """Tell whether *offered* has an image for *wanted*; None where that stays open."""
    same = [p for p in offered.items if p.os == wanted.os]
    meant = [p for p in same if p.architecture == wanted.architecture]
    if meant and wanted.os == "windows":
        return _by_build(wanted, meant)
    if meant:
        return True
    near = any(p.architecture in ALSO.get(wanted.architecture, ()) for p in same)
    return None if near or not offered.whole else False


def other_cpu(
    wanted: WantedPlatform, offered: ImagePlatforms, others: Iterable[ImagePlatforms | None]
) -> str | None:
    """Return ECS's name of the CPU that all images of a Linux task have, if not the *wanted* one."""
    there = OTHER.get(wanted.architecture)
    if wanted.os != "linux" or there is None or fits(wanted, offered) is not False:
        return None
    other = WantedPlatform("linux", there)
    return NAMES[there] if all(o and fits(other, o) for o in (offered, *others)) else None


def shown(platforms: Iterable[ImagePlatform]) -> list[str]:
    """Return *platforms* as people write them, each once."""
    return list(dict.fromkeys("/".join(_parts(p)) for p in platforms))


def _by_build(wanted: WantedPlatform, meant: list[ImagePlatform]) -> bool | None:
    """A Windows host takes images of its own build; one of a newer build never fits."""
    host = next((n for year, n in BUILDS.items() if f"_{year}_" in f"{wanted.family}_"), None)
    builds = [_build(p.os_version) for p in meant]
    if host is None or None in builds:
        return None
    if host in builds:
        return True
    return False if all(b is not None and b > host for b in builds) else None


def _build(os_version: str | None) -> int | None:
    """Return the build in ``10.0.17763.5329``."""
    part = (os_version or "").split(".")[2:3]
    return int(part[0]) if part and part[0].isdigit() else None


def _parts(p: ImagePlatform) -> tuple[str, ...]:
    version = (p.os_version,) if p.os_version else ()
    return (p.os, p.architecture, *version)
