"""Map sheets: Chinese that shows, a scale that is true, labels that keep clear of each other, one file or none."""

from __future__ import annotations

import os
import re
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import shapely
from drawn import A, B
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure
from matplotlib.image import imread

from gridplan.errors import ExportError
from gridplan.exports import Dossier, export_all
from gridplan.exports.fonts import find_face, reduced
from gridplan.exports.labels import Labels
from gridplan.exports.mapping import FILLS, colours
from gridplan.exports.mapsheet import DPI
from gridplan.exports.paper import SIZES, lay_out
from gridplan.words import word


@pytest.fixture(scope="module", autouse=True)
def _font() -> None:
    try:
        find_face()
    except ExportError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Chinese font: {error}")


@pytest.fixture(scope="module")
def folder(dossier: Dossier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sheets") / "maps"
    export_all(dossier, {"sheets": out}, paper="A4")
    return out


def fonts_in(pdf: bytes) -> list[TTFont]:
    """Return the fonts embedded in a PDF as TrueType files."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    found = [zlib.decompress(each) for each in streams if each[:1] == b"\x78"]
    return [TTFont(BytesIO(each)) for each in found if each[:4] in (b"\x00\x01\x00\x00", b"true")]


def test_there_is_a_sheet_for_each_community(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{code}.{kind}" for code in (A, B) for kind in ("pdf", "png")
    ]


def test_the_pdf_embeds_chinese_outlines_as_truetype(folder: Path) -> None:
    pdf = (folder / f"{A}.pdf").read_bytes()
    family = find_face().family.replace(" ", "").encode()
    assert re.search(rb"/BaseFont /[A-Z]{6}\+" + family, pdf)
    assert b"/FontFile2" in pdf
    assert b"/FontFile3" not in pdf
    fonts = fonts_in(pdf)
    assert fonts
    assert all("glyf" in font and "CFF " not in font for font in fonts)
    outlines = [font["glyf"][name] for font in fonts for name in font.getGlyphOrder()]
    assert sum(glyph.numberOfContours > 0 for glyph in outlines) > 50


def test_every_character_has_a_glyph_and_what_is_lacking_is_told(tmp_path: Path) -> None:
    text = [word("said.no_division", "zh"), word("said.no_division", "en"), "东风社区网格图", "𠮷\U0010fffd"]
    lacking = reduced(find_face(), text, tmp_path / "f.ttf")
    with TTFont(tmp_path / "f.ttf") as font:
        cmap = font.getBestCmap()
        wanted = set("".join(text)) - lacking
        assert all(ord(letter) in cmap for letter in wanted)
        drawn = [font["glyf"][cmap[ord(letter)]].numberOfContours for letter in wanted if ord(letter) > 0x2E7F]
        assert all(count > 0 for count in drawn)
    assert lacking == {"\U0010fffd"}


def test_without_a_chinese_font_the_error_names_a_package() -> None:
    with pytest.raises(ExportError, match="fonts-noto-cjk"):
        find_face(families=["No Such Face"])


def test_the_png_is_the_page_at_its_scale(dossier: Dossier, folder: Path) -> None:
    pixels = imread(folder / f"{A}.png")
    short, long = (round(side / 25.4 * DPI) for side in SIZES["A4"])
    assert sorted(pixels.shape[:2]) == pytest.approx([short, long], abs=2)
    # The fills of the two grids cover what 400 m by 200 m cover at that scale, less lines, houses and names.
    colour = (pixels[:, :, :3] * 255).round().astype(int)
    used = [tuple(int(fill[at : at + 2], 16) for at in (1, 3, 5)) for fill in FILLS]
    filled = sum((np.abs(colour - fill).max(axis=2) <= 1).sum() for fill in used)
    page = lay_out(400, 200, 2, 3, "A4")
    whole = (400_000 / page.scale / 25.4 * DPI) * (200_000 / page.scale / 25.4 * DPI)
    assert 0.75 * whole < filled < whole


@pytest.mark.parametrize(
    ("extent", "paper", "scale"), [((170, 150), "A4", 1000), ((600, 700), "A3", 2500), ((3000, 900), "A3", 8000)]
)
def test_paper_and_scale(extent: tuple[int, int], paper: str, scale: int) -> None:
    page = lay_out(*extent, n_grids=8, n_lines=4)
    assert (page.paper, page.scale) == (paper, scale)
    _, _, across, up = page.frame
    assert extent[0] * 1000 / page.scale <= across
    assert extent[1] * 1000 / page.scale <= up


def test_what_fits_no_sheet_is_refused() -> None:
    with pytest.raises(ExportError, match="do not fit a sheet"):
        lay_out(100_000, 100_000, 8, 4)


def test_labels_keep_clear_of_each_other() -> None:
    axes = Figure().add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 100), ylim=(0, 100))
    labels = Labels(axes, 1000)
    rng = np.random.default_rng(3)
    written = [labels.write("北大街", *rng.uniform(0, 100, 2), 8, angle=rng.uniform(-90, 90)) for _ in range(200)]
    assert 5 < sum(written) < 100
    taken = labels.taken
    assert len(taken) == sum(written)
    assert not [1 for i, one in enumerate(taken) for two in taken[:i] if shapely.intersects(one, two)]


def test_neighbours_have_different_fills(dossier: Dossier) -> None:
    fills = colours(dossier.plan.grids)
    shapes = dossier.plan.grids.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="touches")
    assert len(one)
    assert all(fills[i] != fills[j] for i, j in zip(one, two, strict=True))


def test_the_same_dossier_gives_the_same_file(dossier: Dossier, folder: Path, tmp_path: Path) -> None:
    export_all(dossier.only([A]), {"sheets": tmp_path / "again"}, paper="A4")
    assert (tmp_path / "again" / f"{A}.pdf").read_bytes() == (folder / f"{A}.pdf").read_bytes()
