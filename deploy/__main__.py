"""Write the files to deploy from the code, or with ``--check`` tell which differ from it."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.roles import cloudformation, terraform

HERE = Path(__file__).parent


def files() -> dict[Path, str]:
    """Return every generated file with its text."""
    module = {HERE / "terraform" / name: text for name, text in terraform.module().items()}
    return {HERE / "ecs-pull-roles.yaml": cloudformation.template(), **module}


def drifted() -> list[Path]:
    """Return the files that are not what the code says now."""
    wrong = [p for p, text in files().items() if not p.is_file() or p.read_text("utf-8") != text]
    return wrong + [p for p in (HERE / "terraform").glob("*.tf") if p not in files()]


def write() -> None:
    """Write every file anew."""
    for path, text in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


def main(arguments: list[str]) -> int:
    """Write, or check; returns the exit status."""
    if "--check" not in arguments:
        write()
        return 0
    wrong = [str(p.relative_to(HERE.parent)) for p in drifted()]
    if wrong:
        sys.stderr.write(f"{', '.join(wrong)}: run `make deploy-templates`\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
