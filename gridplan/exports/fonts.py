"""
The Chinese typeface of the map sheets: found on the machine, and reduced to the characters that a sheet uses.

What is embedded is TrueType outlines. The common Chinese fonts (Noto, Source Han) hold PostScript ones, which PDF files
of matplotlib declare as TrueType: some readers and printers refuse these. So the outlines are converted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from gridplan.errors import ExportError

#: Families taken, the best first; all hold simplified and traditional characters.
FAMILIES: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "SimHei",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
    "Noto Serif CJK SC",
    "SimSun",
)
#: Stands for a character that the font lacks.
LACKING: Final = "〓"
_LATIN: Final = "0123456789?"
_BOLD = 600
_NOTDEF = ".notdef"
# Deviation allowed when curves are converted, in units of the em.
_CURVE_SHARE = 0.001
# The first of January 1970 as fonts count it, in seconds from 1904.
_EPOCH = 2_082_844_800


@dataclass(frozen=True)
class Face:
    """
    A face of a font file.

    Parameters
    ----------
    family
        Its family.
    path, index
        File, and place in the file where that is a collection.
    """

    family: str
    path: Path
    index: int


def find_face(*, bold: bool = False, families: Iterable[str] = FAMILIES) -> Face:
    """
    Return the best Chinese face of this machine.

    Parameters
    ----------
    bold
        Whether a bold one is wanted; a regular one is taken where there is none.
    families
        Families to look for, the best first.

    Raises
    ------
    ExportError
        If none is installed.
    """
    known = font_manager.fontManager.ttflist
    for family in families:
        mine = [each for each in known if each.name == family and each.style == "normal"]
        if mine:
            best = min(mine, key=lambda each: (abs(_weight(each) - (700 if bold else 400)), each.fname))
            return Face(family, Path(best.fname), int(getattr(best, "index", 0)))
    raise ExportError(
        "map sheets need a Chinese font and none is installed: apt-get install fonts-noto-cjk (Debian, Ubuntu), "
        "dnf install google-noto-sans-cjk-fonts (Fedora, openEuler), or put NotoSansCJK-Regular.ttc into ~/.fonts; "
        f"looked for {', '.join(families)}"
    )


def _weight(entry: Any) -> int:
    return int(entry.weight) if str(entry.weight).isdigit() else (700 if "bold" in str(entry.weight) else 400)


def reduced(face: Face, text: Iterable[str], path: Path) -> frozenset[str]:
    """
    Write a TrueType font of the characters of a text.

    Parameters
    ----------
    face
        Where the outlines come from.
    text
        Texts to be written.
    path
        Font file to write (.ttf).

    Returns
    -------
    lacking
        Characters that the face has not.
    """
    wanted = {letter for line in text for letter in line if letter != "\n"} | set(_LATIN) | {LACKING}
    with TTFont(face.path, fontNumber=face.index, lazy=True) as font:
        names = font.getBestCmap()
        have = {ord(letter): names[ord(letter)] for letter in sorted(wanted) if ord(letter) in names}
        order = [_NOTDEF, *dict.fromkeys(have.values())]
        _build(font, face.family, order, have).save(path)
    return frozenset(letter for letter in wanted if ord(letter) not in have)


def _build(font: Any, family: str, order: list[str], have: dict[int, str]) -> Any:
    """Return a font of some glyphs of another, curves quadratic."""
    em = font["head"].unitsPerEm
    glyphs = font.getGlyphSet()
    outlines = {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, em * _CURVE_SHARE, reverse_direction="CFF " in font))
        outlines[name] = pen.glyph()
    widths = font["hmtx"]
    builder = FontBuilder(em, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(have)
    builder.setupGlyf(outlines)
    builder.setupHorizontalMetrics({name: widths[name] for name in order})
    builder.setupHorizontalHeader(ascent=font["hhea"].ascent, descent=font["hhea"].descent)
    plain = family.replace(" ", "")
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": plain, "fullName": family})
    builder.setupOS2(sTypoAscender=font["hhea"].ascent, sTypoDescender=font["hhea"].descent)
    builder.setupPost()
    # No mark of the moment: the same sheet is the same file.
    builder.updateHead(created=_EPOCH, modified=_EPOCH)
    builder.font.recalcTimestamp = False
    return builder.font


def dress(figure: Any, folder: Path) -> None:
    """
    Give every text of a figure the Chinese face, reduced to what the figure says.

    Parameters
    ----------
    figure
        Matplotlib figure with all its texts.
    folder
        Where the fonts may lie until the figure is written.

    Raises
    ------
    ExportError
        If no Chinese font is installed.
    """
    from matplotlib.text import Text

    texts = [each for each in figure.findobj(Text) if each.get_text()]
    for bold in (False, True):
        mine = [each for each in texts if (_text_weight(each) >= _BOLD) == bold]
        if not mine:
            continue
        path = folder / f"{'bold' if bold else 'regular'}.ttf"
        lacking = reduced(find_face(bold=bold), (each.get_text() for each in mine), path)
        for each in mine:
            each.set_text("".join(LACKING if letter in lacking else letter for letter in each.get_text()))
            each.set_fontproperties(font_manager.FontProperties(fname=str(path), size=each.get_fontsize()))


def _text_weight(text: Any) -> int:
    weight = text.get_fontweight()
    return weight if isinstance(weight, int) else (700 if weight == "bold" else 400)
