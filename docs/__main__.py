"""Write the pages of the causes from the code and the templates, or with ``--check`` tell which differ."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.catalogue import CAUSES
from docs.frame import names
from docs.index import index
from docs.pages import page

HERE = Path(__file__).parent / "causes"


def files() -> dict[Path, str]:
    """Return every generated page with its text."""
    found = {HERE / file: index(language) for language, file in names("README").items()}
    for cause in CAUSES:
        found |= {HERE / file: page(cause, language) for language, file in names(cause.id).items()}
    return found


def drifted() -> list[Path]:
    """Return the pages that are not what the code says now, and those of no cause."""
    now = files()
    wrong = [p for p, text in now.items() if not p.is_file() or p.read_text("utf-8") != text]
    return wrong + [p for p in sorted(HERE.glob("*")) if p not in now]


def write() -> None:
    """Write every page anew, and take away those of no cause."""
    HERE.mkdir(exist_ok=True)
    now = files()
    for path, text in now.items():
        path.write_text(text, "utf-8")
    for path in set(HERE.glob("*.md")) - now.keys():
        path.unlink()


def main(arguments: list[str]) -> int:
    """Write, or check; returns the exit status."""
    if "--check" not in arguments:
        write()
        return 0
    wrong = [str(p.relative_to(HERE.parent.parent)) for p in drifted()]
    if wrong:
        sys.stderr.write(f"{', '.join(wrong)}: run `make docs`\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
