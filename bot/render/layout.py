"""Where everything in the picture of the path stands: one column, as narrow as a phone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.render.metrics import Font, font
from bot.render.waypoints import Lane, Row, Scene

WIDTH, EDGE = 360.0, 14.0
RAIL, SIDE = 28.0, 50.0  # where the trunk runs, and where the lanes do
BESIDE = 22.0  # from a rail to its texts
LABEL, ID, NOTE, TITLE, SMALL = 13.0, 16.0, 13.5, 18.0, 13.0
LINE = 1.32
GAP, TIGHT, LANE_GAP = 9.0, 5.0, 9.0
INSIDE = 7.0  # between the edge of the card and its words
# Ids that tell themselves what they are of.
TELLING = ("vpce-", "sg-", "nat-", "igw-", "acl-", "rtb-")
Line = Literal["calm", "faint", "doubt"]


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; *y* is its base line."""

    x: float
    y: float
    size: float
    style: str
    text: str
    width: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what it covers."""
        return self.x, self.y - self.size * 0.88, self.x + self.width, self.y + self.size * 0.22


@dataclass(frozen=True, slots=True)
class Sign:
    """A mark on a rail."""

    x: float
    y: float
    mark: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Card:
    """What lies behind the hop that closes the way."""

    y: float
    height: float
    x: float


@dataclass(frozen=True, slots=True)
class Rail:
    """A piece of a rail, from one height to another; *bend* is where it turns to, if it does."""

    x: float
    top: float
    bottom: float
    line: Line
    bend: float | None = None


@dataclass(slots=True)
class Sheet:
    """The picture as it grows downwards."""

    height: float = EDGE
    texts: list[Text] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    rails: list[Rail] = field(default_factory=list)

    def write(self, text: str, x: float, size: float, style: str, lines: int = 3) -> None:
        """Write *text* below what is there, in as many lines as it takes, *lines* at most."""
        found = face(style)
        room = WIDTH - EDGE - x
        clean = found.clean(text)
        parts = (
            [found.shortened(clean, size, room)]
            if style == "id"
            else found.lines(clean, size, room)
        )
        if len(parts) > lines:
            parts = [*parts[: lines - 1], found.shortened("".join(parts[lines - 1 :]), size, room)]
        for part in parts:
            y = self.height + size * 0.98
            self.texts.append(Text(x, y, size, style, part, found.width(part, size)))
            self.height += size * LINE


def face(style: str) -> Font:
    """Return the font of a style."""
    return font(
        {"id": "ids-regular", "title": "words-bold", "loud": "words-bold"}.get(
            style, "words-regular"
        )
    )


def draw(scene: Scene, title: str, where: Sequence[str], foot: Iterable[str], badge: str) -> Sheet:
    """Return *scene* laid out, with its *title*, the place it is about, and notes at its foot."""
    sheet = Sheet()
    mark = next((m for m in ("closed", "unknown") if _has(scene, m)), "open")
    sheet.signs.append(Sign(RAIL, EDGE + 14, mark, 1.35))
    sheet.write(title, RAIL + BESIDE, TITLE, "title", lines=2)
    for line in where:
        sheet.write(line, RAIL + BESIDE, SMALL, "soft", lines=1)
    sheet.height += 6
    sheet.cards.append(Card(sheet.height, 0, EDGE))  # a thin line: no height
    sheet.height += 4
    walk = _Walk(sheet, badge)
    walk.along((scene.start, *scene.trunk), RAIL)
    if len(scene.lanes) == 1:
        walk.along((*scene.lanes[0].rows, *scene.lanes[0].targets), RAIL)
    else:
        walk.part(scene.lanes)
    sheet.height += 6
    for line in foot:
        sheet.write(line, EDGE, SMALL, "soft", lines=2)
    sheet.height += EDGE
    return sheet


def _has(scene: Scene, mark: str) -> bool:
    rows = [*scene.trunk, *(r for lane in scene.lanes for r in (*lane.rows, *lane.targets))]
    return any(r.mark == mark for r in rows)


@dataclass(slots=True)
class _Walk:
    """Puts rows one below the other, and the rail between their marks."""

    sheet: Sheet
    badge: str
    last: float | None = None
    closed: bool = False

    def along(self, rows: Iterable[Row], x: float) -> None:
        for row in rows:
            self._row(row, x)

    def part(self, lanes: Sequence[Lane]) -> None:
        """Let the rail part into *lanes*, one below the other."""
        fork, closed = self.last or 0.0, self.closed
        for lane in lanes:
            self.sheet.height += LANE_GAP
            self.last, self.closed = None, closed
            rows, signs = (*lane.rows, *lane.targets), len(self.sheet.signs)
            self.along(rows, SIDE)
            turn = self.sheet.signs[signs].y
            self.sheet.rails.append(
                Rail(RAIL, fork, turn, _line(rows[0], closed=closed), bend=SIDE)
            )

    def _row(self, row: Row, x: float) -> None:
        sheet, loud = self.sheet, row.mark == "closed"
        sheet.height += TIGHT if _brief(row, x) else GAP
        top = sheet.height
        sheet.height += INSIDE if loud else 0
        at = self._centre(row, x)
        if self.last is not None:
            sheet.rails.append(Rail(x, self.last, at, _line(row, closed=self.closed)))
        self.last, self.closed = at, self.closed or loud
        sheet.signs.append(
            Sign(x, at, row.mark if row.mark != "open" or row.kind == "target" else "pass")
        )
        self._words(row, x)
        if loud:
            sheet.height += INSIDE
            sheet.cards.append(Card(top, sheet.height - top, x - 16))
            sheet.height += 2

    def _centre(self, row: Row, x: float) -> float:
        """Return how high the mark of *row* stands when its words begin here."""
        return self.sheet.height + (ID if _brief(row, x) else LABEL) * 0.64

    def _words(self, row: Row, x: float) -> None:
        sheet, left = self.sheet, x + BESIDE
        if _brief(row, x):
            sheet.write(row.id, left, ID, "id")
            return
        if row.kind == "target":
            self._goal(row, left)
            return
        loud, aside = row.mark == "closed", row.mark == "aside"
        words = {"closed": self.badge, "open": "", "aside": row.note or row.word}
        said = filter(None, (row.label, words.get(row.mark, row.word)))
        sheet.write(" · ".join(said), left, LABEL, "loud" if loud else "label", lines=2)
        if row.id:
            sheet.write(row.id, left, ID, "id")
        if row.note and not aside:
            sheet.write(row.note, left, NOTE, "alarm" if loud else "label")

    def _goal(self, row: Row, left: float) -> None:
        """Write what is to be reached, on one line where there is room."""
        word = "" if row.mark == "open" else row.word
        said = " · ".join(filter(None, (row.label, word)))
        plain, top = face("label"), self.sheet.height
        self.sheet.write(row.id, left, ID, "id")
        beside = left + self.sheet.texts[-1].width + 8
        if beside + plain.width(plain.clean(said), LABEL) <= WIDTH - EDGE:
            below, self.sheet.height = self.sheet.height, top + (ID - LABEL) * 0.98
            self.sheet.write(said, beside, LABEL, "label")
            self.sheet.height = below
        else:
            self.sheet.write(said, left, LABEL, "label", lines=2)


def _brief(row: Row, x: float) -> bool:
    """Tell whether the id of *row* says all: of an open hop beside the trunk."""
    return x != RAIL and row.mark == "open" and row.kind != "target" and row.id.startswith(TELLING)


def _line(row: Row, *, closed: bool) -> Line:
    if closed:
        return "faint"
    return "doubt" if row.mark == "unknown" else "calm"
