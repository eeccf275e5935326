"""The picture of the path: the way of the packets from the task to the registry, hop by hop.

The same words are in its alt text, for those who do not see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bot.render import layout, metrics
from bot.render.waypoints import NAME, Scene, scene
from bot.render.words import TEMPLATES, Surface, clip, say, visible
from bot.report import Report

ALT = 1000  # characters that Slack takes: alt_txt_too_large
# Twice as many pixels as units; a picture that is longer than most has no more pixels than they.
ZOOM, USUAL = 2.0, 660.0


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, ready to be drawn, and what it says in words."""

    svg: str
    height: float
    alt: str
    title: str
    comment: str

    @property
    def png(self) -> bytes:
        """The picture as pixels. What draws it is loaded here, where a picture is wanted."""
        from resvg_py import svg_to_bytes

        zoom = ZOOM * min(1, USUAL / self.height) ** 0.5
        return svg_to_bytes(
            svg_string=self.svg, skip_system_fonts=True, font_files=metrics.files(), zoom=zoom
        )


def wanted(report: Report) -> bool:
    """Tell whether a fault of the network was found, and the picture shows it."""
    if report.journey is None or not report.journey.closed:
        return False
    groups = {e.finding.cause.group for e in report.confirmed}
    return not groups or "network" in groups


def picture(report: Report, language: str) -> Picture | None:
    """Return the picture of the way that *report* looked at, None where nobody looked."""
    found = scene(report, language)
    if found is None:
        return None
    alt, title = _alt(found, language), _say("file", language)
    place = [f"{report.subject.region} · {report.subject.account}"]
    sheet = layout.draw(
        found, _title(found, language), place, _foot(found, language), _say("badge", language)
    )
    svg = _template().render(
        width=int(layout.WIDTH), height=round(sheet.height), edge=layout.EDGE, language=language,
        title=title, alt=alt, texts=sheet.texts, signs=sheet.signs, cards=sheet.cards,
        rails=sheet.rails,
    )  # fmt: skip
    return Picture(svg, sheet.height, alt, title, _comment(found, language))


def _title(found: Scene, language: str) -> str:
    if found.closing:
        return _say("title_closed", language, hop=found.closing[0].label)
    rows = [*found.trunk, *(r for lane in found.lanes for r in (*lane.rows, *lane.targets))]
    doubtful = any(r.mark == "unknown" for r in rows)
    return _say("title_unknown" if doubtful else "title_open", language)


def _comment(found: Scene, language: str) -> str:
    if not found.closing:
        return ""
    first = found.closing[0]
    return _say("comment", language, "slack", hop=first.label, id=first.id, note=first.note)


def _foot(found: Scene, language: str) -> list[str]:
    told = [("alike", found.alike), ("working", found.working)]
    return [_say(block, language, subnets=list(s)) for block, s in told if s]


def _alt(found: Scene, language: str) -> str:
    said = _say(
        "alt", language, closing=found.closing, start=found.start, trunk=found.trunk,
        lanes=found.lanes, alike=found.alike, working=found.working,
    )  # fmt: skip
    return clip(" ".join(str(visible(said)).split()), ALT)


def _say(block: str, language: str, surface: Surface = "terminal", **values: Any) -> str:
    context: Mapping[str, Any] = values
    return say(NAME, block, language, context, surface)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=_plain,
    )  # fmt: skip
    return environment.get_template("picture.svg.j2")


def _plain(value: object) -> object:
    """Return *value* as XML may hold it; a number without more digits than anybody sees."""
    return f"{value:.6g}" if isinstance(value, float) else visible(value)
