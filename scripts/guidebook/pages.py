"""
Read a guide: its prose, and what in it is run, in the order of the page.

A guide is Markdown. These are run:

- ``console`` blocks: lines that begin with ``$`` are commands, the others what they print;
- ``http`` blocks: a request, and in a ``json`` block right below what answers it;
- ``python`` blocks, and in a ``text`` block right below what they print;
- ``toml`` and ``ini`` blocks whose first line is ``# PATH`` are files that the reader writes;
- comments ``<!-- by hand: ... -->`` hold in Python what the prose lets the reader do by hand, in Excel or on a map;
- comments ``<!-- keep: NAME = REGEX -->`` keep what the next block prints, as NAME in all later ones;
- pictures.

``…`` in what is printed stands for anything, on a line of its own for any lines. ``exit=2`` behind ``console`` says
that the commands of the block end with that code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

ANYTHING = "…"
_PIECE = re.compile(
    r"^```(?P<kind>\w+)(?P<more>[^\n]*)\n(?P<body>.*?)^```$"
    r"|^<!-- (?P<note>keep|by hand): (?P<what>.*?)-->$"
    r"|^!\[(?P<alt>[^\]]*)\]\((?P<picture>[^)]+)\)$",
    re.MULTILINE | re.DOTALL,
)
RUN = ("console", "http", "python")
SHOWN = {"json", "text"}
# From here on a line that is printed is the page's line with other figures.
LIKE = 0.6


@dataclass(frozen=True)
class Step:
    """
    One thing that is run, written or pictured.

    Parameters
    ----------
    kind
        ``console``, ``http``, ``python``, ``file``, ``hand`` or ``picture``.
    body
        Command, request, program, text of the file, or the picture's path from the page.
    printed
        What the page says that it prints; None where it says nothing.
    code
        Exit code that a command ends with.
    keeps
        Names, and the regular expressions that find their values in what is printed.
    place
        Line of the page.
    span
        Begin and end of ``printed`` in the page's text.
    """

    kind: str
    body: str
    printed: str | None = None
    code: int = 0
    keeps: dict[str, str] = field(default_factory=dict)
    place: int = 0
    span: tuple[int, int] = (0, 0)


def steps_of(path: Path) -> list[Step]:
    """Return what is run in a guide, in order."""
    text, found, keeps = path.read_text(encoding="utf-8"), list[Step](), dict[str, str]()
    pieces = list(_PIECE.finditer(text))
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        if piece["note"] == "keep":
            name, _, pattern = piece["what"].partition("=")
            keeps[name.strip()] = pattern.strip()
            continue
        made = list(_steps(piece, following, text, keeps))
        if made:
            keeps = {}
        found += made
    return found


def _steps(piece: re.Match[str], following: re.Match[str] | None, text: str, keeps: dict[str, str]) -> Iterator[Step]:
    place = text.count("\n", 0, piece.start()) + 1
    if piece["picture"]:
        yield Step("picture", piece["picture"], place=place)
    elif piece["note"]:
        yield Step("hand", piece["what"].strip(), place=place)
    elif piece["kind"] == "console":
        yield from _commands(piece, keeps, place)
    elif piece["kind"] in RUN:
        told = (
            following is not None and following["kind"] in SHOWN and not text[piece.end() : following.start()].strip()
        )
        shown = following if told else None
        printed, span = (shown["body"], shown.span("body")) if shown else (None, (0, 0))
        yield Step(piece["kind"], piece["body"], printed, keeps=keeps, place=place, span=span)
    elif piece["kind"] in {"toml", "ini"} and piece["body"].startswith("# "):
        yield Step("file", piece["body"], place=place)


def _commands(piece: re.Match[str], keeps: dict[str, str], place: int) -> Iterator[Step]:
    begun = re.search(r"exit=(\d+)", piece["more"])
    offset = piece.start("body")
    for each in re.finditer(r"^\$ (?P<command>(?:.*\\\n)*.*)\n(?P<printed>(?:(?!\$ ).*\n)*)", piece["body"], re.M):
        span = (offset + each.start("printed"), offset + each.end("printed"))
        command = each["command"].replace("\\\n", " ")
        yield Step("console", command, each["printed"], int(begun[1]) if begun else 0, keeps, place, span)


def prose_of(path: Path) -> str:
    """Return what a guide says outside blocks, comments, code and addresses of links."""
    text = re.sub(r"^```.*?^```$|<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`\n]+`|\]\([^)]*\)", " ", text)


def fits(expected: str, found: str) -> bool:
    """Tell whether what was printed is what the page says."""
    lines = [line.strip() for line in expected.strip("\n").splitlines()]
    parts = [r"(?:.*\n)*" if line == ANYTHING else rf"[ \t]*{_line(line)}[ \t]*\n" for line in lines]
    return re.fullmatch("".join(parts), found.strip("\n") + "\n" if found.strip() else "") is not None


def _line(line: str) -> str:
    return ".*".join(map(re.escape, line.split(ANYTHING)))


def renewed(expected: str, found: str) -> str:
    """Return what the page showed of what is printed, as it is printed now; what it left out stays left out."""
    there, place, lines = [line.rstrip() for line in found.strip("\n").splitlines()], 0, []
    for line in (each.rstrip() for each in expected.strip("\n").splitlines()):
        if line.strip() == ANYTHING:
            lines.append(line)
            continue
        near = max(range(place, len(there)), key=lambda n: _likeness(line, there[n]), default=None)
        if near is not None and _likeness(line, there[near]) > LIKE:
            lines.append(line if re.fullmatch(_line(line), there[near]) else there[near])
            place = near + 1
    short = "".join(f"{line}\n" for line in lines)
    return short if fits(short, found) else f"{short}{ANYTHING}\n"


def _likeness(line: str, other: str) -> float:
    if re.fullmatch(_line(line), other):
        return 1.0
    return SequenceMatcher(None, line, other, autojunk=False).ratio()
