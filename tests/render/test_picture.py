"""The picture of the path: everything in its place, nothing cut off, the same said in words."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import replace
from itertools import combinations
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.egress.journey import Journey, Way
from bot.facts import Subject
from bot.network import SERVICES, Hop
from bot.network.view import Kind
from bot.render import layout, metrics
from bot.render.picture import picture, wanted
from bot.render.words import LANGUAGES, TEMPLATES, say
from tests.cases.broken import BROKEN_CASES
from tests.support.hostile import HOSTILE
from tests.support.reports import CASES, dark_report, report_of

pytestmark = pytest.mark.no_cover  # much work: tracing would double it

SVG = "{http://www.w3.org/2000/svg}"
IN = pytest.mark.parametrize("language", LANGUAGES)
NETWORK = [n for n in BROKEN_CASES if wanted(report_of(n))]
DRAWN = [n for n in CASES if report_of(n).journey]
LONG = "subnet-" + "0123456789abcdef" * 12
REASONS = ("no-route", "acl-blocks", "no-egress", "endpoint-missing", "unread", "never-heard-of-it")
WORDS = {n: (TEMPLATES / f"picture.{n}.j2").read_text("utf-8") for n in LANGUAGES}


def texts(svg):
    """What is written in the picture."""
    return [t.text for t in ET.fromstring(svg).iter(f"{SVG}text")]


def boxes(svg):
    """Left, top, right and bottom of each text, from the picture alone."""
    for t in ET.fromstring(svg).iter(f"{SVG}text"):
        size, width = float(t.get("font-size")), float(t.get("textLength"))
        x, y = float(t.get("x")), float(t.get("y"))
        yield x, y - size * 0.88, x + width, y + size * 0.22


def signs(svg):
    """Left, top, right and bottom of each mark."""
    for g in ET.fromstring(svg).iter(f"{SVG}g"):
        x, y, scale = map(float, re.findall(r"[\d.]+", g.get("transform")))
        yield x - 11 * scale, y - 11 * scale, x + 11 * scale, y + 11 * scale


def well_placed(drawn):
    """Complain of what stands outside of the picture, or over something else."""
    root = ET.fromstring(drawn.svg)
    _, _, width, height = map(float, root.get("viewBox").split())
    written, marks = list(boxes(drawn.svg)), list(signs(drawn.svg))
    for left, top, right, bottom in (*written, *marks):
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
    for one, other in (*combinations(written, 2), *((m, w) for m in marks for w in written)):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)
    for (_, *one), (_, *other) in combinations(((0, *m) for m in marks), 2):
        assert one[3] <= other[1] + 6 or other[3] <= one[1] + 6 or one[2] <= other[0] + 6


@IN
@pytest.mark.parametrize("name", DRAWN)
def test_everything_has_its_place(name, language):
    """
    No text outside of the picture, none over another one or over a mark.
    """
    well_placed(picture(report_of(name), language))


@IN
@pytest.mark.parametrize("name", NETWORK)
def test_the_closed_hop_is_marked_by_shape_and_by_word(name, language):
    """
    One is enough for who sees no colour; the same is in the title and in the comment.
    """
    drawn = picture(report_of(name), language)
    hop = report_of(name).journey.closed[0]
    shown = texts(drawn.svg)
    badge = say("picture", "badge", language, {}, "terminal")
    label = say("picture", f"hop_{hop.kind.replace('-', '_')}", language, {}, "terminal")

    assert [s for s in shown if s.endswith(f"· {badge}")]
    assert label.replace(" ", "") in "".join(shown[:2]).replace(" ", "")
    assert label.lower() in drawn.comment.lower()
    assert drawn.svg.count("#e5483b") >= 2  # the octagon: at the top, and where it is closed


@IN
@pytest.mark.parametrize("name", DRAWN)
def test_the_words_name_what_the_picture_names(name, language):
    """
    Who hears the picture hears every id that it shows, and the closed one first.
    """
    drawn = picture(report_of(name), language)
    ids = [t.text for t in ET.fromstring(drawn.svg).iter(f"{SVG}text") if t.get("class") == "id"]

    assert [] == [i for i in ids if i not in drawn.alt]
    assert len(drawn.alt) <= 1000
    assert drawn.alt in drawn.svg.replace("&#39;", "'")
    for hop in report_of(name).journey.closed[:1]:
        assert (hop.id or hop.why.get("service") or "") in drawn.alt[:80]


@pytest.mark.parametrize("name", NETWORK)
def test_the_picture_and_the_diagnosis_name_the_same(name):
    """
    What is closed in the picture is what the cause has proved.
    """
    proof = str(report_of(name).confirmed[0].finding.verdict.proof)

    for hop in report_of(name).journey.closed:
        named = hop.id or hop.why.get("service")
        # An endpoint that is missing in another Region is named with it: us-east-1.ecr.api.
        where = re.sub(r"^([a-z]+-[a-z-]+-\d)\..*", r"\1", named) if named else "closed"
        assert where in proof


@IN
@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_names_stay_text(value, language):
    """
    Whatever a name is, the picture is whole, and has no element that was not ours.
    """
    found = report_of("endpoint-missing/api")
    ways = tuple(
        replace(w, hops=tuple(replace(h, id=value, why={**h.why, "service": value, "endpoint": value})
                              for h in w.hops))
        for w in found.journey.ways
    )  # fmt: skip
    journey = replace(found.journey, ways=ways, host=value, alike=(value,), working=(value,))
    drawn = picture(replace(found, journey=journey, subject=Subject(*[value] * 4)), language)
    tags = {e.tag.removeprefix(SVG) for e in ET.fromstring(drawn.svg).iter()}

    assert {"svg", "title", "desc", "style", "rect", "path", "g", "circle", "text"} >= tags
    assert "<!" not in drawn.svg
    well_placed(drawn)
    assert drawn.png.startswith(b"\x89PNG")


hops = st.builds(
    Hop,
    st.sampled_from([*get_args(Kind), "another-kind"]),
    st.sampled_from([None, "sg-1", "vpce-0123456789abcdef0", LONG, "名前" * 40]),
    st.sampled_from(["open", "closed", "unknown"]),
    st.fixed_dictionaries({"reason": st.sampled_from(REASONS), "target": st.just(LONG)}),
)


@st.composite
def generated(draw):
    """A way to anything, of any hops."""
    found = tuple(draw(st.lists(hops, min_size=1, max_size=7)))
    closed = [i for i, h in enumerate(found) if h.state == "closed"]
    return Way(
        draw(st.sampled_from([*SERVICES, "registry", "moon"])), found, next(iter(closed), None)
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(generated(), min_size=1, max_size=7), st.sampled_from(LANGUAGES), st.booleans())
def test_any_way_has_its_place(ways, language, more):
    """
    Hops that nobody has thought of yet, and ids as long as they like.
    """
    others = (LONG, "subnet-b") if more else ()
    journey = Journey(LONG, "task", "h" * 200, tuple(ways), others, others)
    drawn = picture(replace(report_of("nat"), journey=journey), language)

    well_placed(drawn)
    assert len(drawn.alt) <= 1000
    if any(w.closing is not None for w in ways):
        assert say("picture", "badge", language, {}, "terminal") in " ".join(texts(drawn.svg))


@IN
def test_a_long_id_keeps_both_its_ends(language):
    """
    Nothing is cut off: the middle is left out.
    """
    found = report_of("no-route-to-registry")
    ways = tuple(
        replace(w, hops=(replace(w.hops[0], id=LONG), *w.hops[1:])) for w in found.journey.ways
    )
    shown = texts(picture(replace(found, journey=replace(found.journey, ways=ways)), language).svg)

    assert [s for s in shown if s.startswith("subnet-01") and s.endswith("def") and "…" in s]


@IN
@pytest.mark.parametrize("name", ["endpoint-missing/api", "transit-gateway"])
def test_the_pixels_are_those_of_a_phone(name, language):
    """
    A PNG of the right size, whole to its last row, small enough to load anywhere.
    """
    drawn = picture(report_of(name), language)
    png = drawn.png
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    parts, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        name_, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            name_ + body
        )
        parts += body if name_ == b"IDAT" else b""
        at += 12 + length

    assert (8, 6) == (depth, kind)
    assert 500 <= width <= 720
    assert abs(height / width - drawn.height / layout.WIDTH) < 0.01
    assert (4 * width + 1) * height == len(zlib.decompress(parts))
    assert len(png) <= 150_000


def test_unknown_hops_are_dashed():
    """
    What nobody could see is neither open nor closed.
    """
    drawn = picture(report_of("transit-gateway"), "en")

    assert 'stroke-dasharray="4 4"' in drawn.svg
    assert "#e5483b" not in drawn.svg
    assert "not known" in drawn.alt
    assert "stroke-dasharray" not in picture(report_of("nat"), "en").svg


def test_only_a_network_fault_wants_a_picture():
    """
    Not a missing tag, not a healthy service, not an account that nobody may read.
    """
    ways = {"public-ip-missing", "no-route-to-registry", "endpoint-missing", "s3-route-missing"}
    groups = {c: {e.finding.cause.group for e in report_of(c).confirmed} for c in NETWORK}

    assert {n.split("/")[0] for n in NETWORK} >= ways
    assert all("network" in found for found in groups.values())
    assert not wanted(report_of("nat"))
    assert not wanted(replace(report_of("endpoint-missing/api"), journey=None))
    assert picture(dark_report(journey=None), "en") is None


@IN
def test_the_fonts_have_every_character_of_the_words(language):
    """
    A new word may need a new character: see templates/fonts/README.md.
    """
    plain = set(re.sub(r"\{[%#{].*?[%#}]\}", "", WORDS[language])) - {"\n"}

    assert "" == "".join(sorted(plain - metrics.font("words-regular").advances.keys()))
    assert "" == "".join(sorted(plain - metrics.font("words-bold").advances.keys()))


def test_every_reason_of_the_network_has_words():
    """
    A reason that has none is told by its name.
    """
    code = "\n".join(p.read_text("utf-8") for p in (TEMPLATES.parent / "bot/network").glob("*.py"))
    reasons = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', code)) - {
        "network-acl", "security-group", "internet-gateway", "endpoint-security-group",
        "endpoint-policy", "gateway-endpoint", "ecr-api", "ecr-dkr", "s3-layers", "ecr-public", "starport-layer-bucket",
        "docker-hub", "awslogs-region",
    }  # fmt: skip
    worded = {r for r in reasons if f"why_{r.replace('-', '_')} " in WORDS["en"]}

    assert len(worded) > 20
    assert worded == {r for r in reasons if f"why_{r.replace('-', '_')} " in WORDS["ja"]}
    assert set() == reasons - worded
