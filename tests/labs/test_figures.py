"""Every figure of the notebooks and of the readings, drawn for real: can all of us read it?

Distances between colours are those of CAM02-UCS, in which an eye can just see a distance of 1.
"""

import contextlib
import importlib
import io
import itertools
import re
import runpy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

import nbformat
import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text
from numpy import ndarray

from catalogue import LABS, ROOT
from grading.course import Course
from grading.proof.handin import instructors_answers, submit
from labkit.drawing import Kind

PAPER = "#ffffff"
AREA = 20  # pixels: a mark of a line has more
APART = 20  # at least, between colours that mean different things
LEGIBLE = 4.5  # contrast of text with what is behind it (WCAG 2.2, 1.4.3)
VISIBLE = 3.0  # contrast of a mark with its cell (WCAG 2.2, 1.4.11)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PICTURE = re.compile(r"!\[([^]]*)\]\((?:docs/)?figures/(\w+)\.png\)")  # what it shows, and its name
BYTES = 40_000  # of a picture at most: some pages have five
SIGHTS = {
    "protanopia": "protanomaly",  # by its name in colorspacious, at full severity
    "deuteranopia": "deuteranomaly",
    "tritanopia": "tritanomaly",
}
every_sight = pytest.mark.parametrize("sight", SIGHTS)


@dataclass
class Drawn:
    """A figure as a notebook or a reading shows it."""

    where: str
    figure: Figure
    alt: str
    caption: str
    pixels: ndarray  # (height, width, 4), uint8

    @property
    def is_heat_map(self) -> bool:
        return bool(self.heat_maps)

    @property
    def heat_maps(self) -> list:
        images = (image for axes in self.figure.axes for image in axes.images)
        return [image for image in images if image.get_array().ndim == 2]

    @cached_property
    def areas(self) -> list[str]:
        """The colours that fill something, the paper aside: more than the rim of a letter."""
        rgb = self.pixels[..., :3]
        around = [np.roll(rgb, shift, (0, 1)) for shift in itertools.product((-1, 0, 1), repeat=2)]
        inside = rgb[np.all([(rgb == other).all(axis=-1) for other in around], axis=0)]
        found, counts = np.unique(inside, axis=0, return_counts=True)
        return [
            to_hex(colour / 255)
            for colour, count in zip(found, counts, strict=True)
            if count >= AREA and to_hex(colour / 255) != PAPER
        ]

    def colour_behind(self, box) -> str:
        """The commonest colour in a bounding box; more of it is ground than letters."""
        height = len(self.pixels)
        rows = slice(max(height - int(box.y1), 0), height - int(box.y0))
        inside = self.pixels[rows, max(int(box.x0), 0) : int(box.x1) + 1]
        found, counts = np.unique(inside[..., :3].reshape(-1, 3), axis=0, return_counts=True)
        return to_hex(found[counts.argmax()] / 255)


@pytest.fixture(scope="module")
def script() -> dict:
    """What draws the figures of the readings."""
    return runpy.run_path(str(ROOT / "docs/draw_figures.py"))


@pytest.fixture(scope="module")
def in_readings(script) -> list[Drawn]:
    """The figures of the readings, with the words for them of each page that shows them."""
    told = [found for page in PAGES for found in PICTURE.findall(page.read_text("utf-8"))]
    assert {name for _, name in told} == set(script["FIGURES"])
    return [rendered(f"{name}.png", script["FIGURES"][name](), alt) for alt, name in told]


@pytest.fixture(scope="module")
def drawn(course: Course, in_readings) -> list[Drawn]:
    """All figures of the hand-outs with right answers, and those of a wrong mask and of weights."""
    in_labs = [figure for assignment in LABS for figure in drawn_in(course, assignment)]
    return in_labs + in_readings


def rendered(where: str, figure: Figure, alt: str, caption: str = "") -> Drawn:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=figure.dpi)
    pixels = np.frombuffer(buffer.getvalue(), np.uint8)
    height = round(figure.bbox.height)
    return Drawn(where, figure, alt, caption, pixels.reshape(height, -1, 4))


@contextlib.contextmanager
def hand_out(folder: Path) -> Iterator[dict[str, ModuleType]]:
    """Its modules by their names, which are those of another hand-out's, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        importlib.import_module("lab")
        own = {
            name: module
            for name, module in sys.modules.items()
            if folder in Path(getattr(module, "__file__", None) or "").parents
        }
        yield own
    for name in own:
        del sys.modules[name]


def drawn_in(course: Course, assignment: str) -> list[Drawn]:
    seen = []
    folder = course.folder("source", assignment)
    with hand_out(folder) as modules, pytest.MonkeyPatch.context() as patch:

        def show(draw: Callable[[], Figure], alt: str, caption: str) -> None:
            seen.append(rendered(where, draw(), alt, caption))

        patch.setattr("labkit.drawing.emit", show)  # in place of handing the picture to Jupyter
        if "model.pictures" in modules:  # a curve of one text looks like that of seven
            patch.setattr(modules["model.pictures"], "PASSAGES", 1)
        answers = instructors_answers(course, assignment)
        for name, content in submit(course, assignment, "ada", answers).files.items():
            namespace: dict[str, object] = {}
            for cell in nbformat.reads(content.decode(), as_version=4).cells:
                if cell.cell_type == "code":
                    where = f"{name}, {cell.id}"
                    with contextlib.redirect_stdout(io.StringIO()):
                        exec(cell.source, namespace)
        if assignment == "lab02":
            where = "the self-check"
            for check, wrong in (
                (modules["lab"].check_window_mask, one_too_wide),
                (modules["lab"].check_masked_attention, never_divided),
            ):
                with pytest.raises(modules["lab"].CheckFailed) as failure:
                    check(wrong)
                failure.value.picture()
    return seen


def one_too_wide(seq_len: int, window_size: int) -> ndarray:
    back = np.subtract.outer(np.arange(seq_len), np.arange(seq_len))
    return (back < 0) | (back > window_size)


def never_divided(Q: ndarray, K: ndarray, V: ndarray, mask: ndarray) -> tuple[ndarray, ndarray]:
    weights = np.exp(np.where(mask, -np.inf, Q @ K.T / Q.shape[-1] ** 0.5))
    return weights @ V, weights


def as_seen(colour: str | tuple | ndarray, sight: str) -> ndarray:
    space = {"name": "sRGB1+CVD", "cvd_type": SIGHTS[sight], "severity": 100}
    return np.clip(cspace_convert(to_rgb(colour), space, "sRGB1"), 0, 1)


def distance(one: str, other: str, sight: str) -> float:
    return float(deltaE(as_seen(one, sight), as_seen(other, sight), input_space="sRGB1"))


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it: from 1 for the same luminance to 21 for black on white."""
    values = np.array([to_rgb(one), to_rgb(other)])
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ (0.2126, 0.7152, 0.0722))
    return (light + 0.05) / (dark + 0.05)


def test_every_cell_that_shows_a_figure_is_looked_at(drawn, in_readings, course: Course):
    calls = sum(
        cell.source.count("lab.show_") - cell.source.count("lab.show_progress")
        for assignment in LABS
        for path in course.release_notebooks(assignment)
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    )
    assert len(drawn) - len(in_readings) == calls + 2
    assert [one.where for one in drawn].count("the self-check") == 2


def test_every_figure_says_in_words_what_it_shows(drawn):
    for one in drawn:
        assert len(one.alt) > 60, f"{one.where} has no alternative text"
        # below a picture of a self-check stands its message, around that of a reading its text
        is_told = one.where == "the self-check" or one.where.endswith(".png")
        assert one.caption or is_told, f"{one.where} has no caption"
        axes = [axes for axes in one.figure.axes if axes.images or axes.patches or axes.lines]
        assert all(a.get_title() or a.get_ylabel() for a in axes), f"{one.where} has no title"
        assert all(a.get_xlabel() or a.get_ylabel() for a in axes), f"{one.where}: unnamed axes"


@every_sight
def test_colours_stay_apart(sight, drawn):
    for one in drawn:
        if not one.is_heat_map:
            for pair in itertools.combinations(one.areas, 2):
                assert distance(*pair, sight) >= APART, f"{one.where}: {pair}"


@every_sight
def test_a_larger_weight_is_darker(sight, drawn):
    maps = [image for one in drawn for image in one.heat_maps]
    assert maps
    for image in maps:
        seen = [as_seen(image.cmap(value), sight) for value in np.linspace(0, 1, 21)]
        lightness = [cspace_convert(colour, "sRGB1", "CAM02-UCS")[0] for colour in seen]
        assert np.all(np.diff(lightness) < -1), "each step of 0.05 can be seen"


def test_no_weight_is_told_from_a_small_one_by_its_colour_alone(drawn):
    for one in drawn:
        for image in one.heat_maps:
            zeros = np.ma.getmaskarray(image.get_array()).sum()
            written = sum(text.get_text() == "0" for text in image.axes.texts)
            assert image.axes.patch.get_hatch() or written == zeros, one.where


def test_what_differs_in_colour_differs_in_mark(course: Course, script):
    """Or in the sign that is written in the cell, which the legend names first."""
    seen, scopes = 0, [script]
    for lab in LABS:
        with hand_out(course.folder("source", lab)) as modules:
            scopes += [vars(each) for name, each in modules.items() if name.startswith("figures")]
    for scope in scopes:
        kinds = [kind for kind in scope.values() if isinstance(kind, Kind)]
        looks = {(k.colour, k.frame): (k.mark, "  " in k.label and k.label[:3]) for k in kinds}
        assert len(set(looks.values())) == len(looks), looks
        seen += len(looks)
    assert seen >= 12


def test_text_is_legible_on_what_is_behind_it(drawn):
    for one in drawn:
        texts = [t for t in one.figure.findobj(Text) if t.get_text().strip() and t.get_visible()]
        assert len(texts) > 4, one.where
        for text in texts:
            box = text.get_window_extent()
            height, width = one.pixels.shape[:2]
            if box.y1 < 0 or box.y0 > height or box.x1 < 0 or box.x0 > width:
                continue  # a tick beyond an axis is not drawn
            behind = one.colour_behind(box)
            measured = contrast(text.get_color(), behind)
            assert measured >= LEGIBLE, f"{one.where}: {text.get_text()!r}: {measured:.1f}"


def test_marks_are_visible_on_their_cells(drawn):
    seen = 0
    for one in drawn:
        for axes in one.figure.axes:
            for marks in (m for m in axes.collections if isinstance(m, PathCollection)):
                (ink,) = marks.get_facecolor()
                for key, query in marks.get_offsets():
                    cell = axes.images[0].get_array()[int(query), int(key)]
                    assert contrast(ink, cell) >= VISIBLE, f"{one.where}: {to_hex(ink)} in a cell"
                    seen += 1
    assert seen > 100


def test_figures_bring_their_own_paper_for_dark_pages(drawn):
    pictures = {one.where: one.pixels / 255 for one in drawn}
    pictures |= {path.name: imread(path) for path in (ROOT / "docs/figures").glob("*.png")}
    for where, pixels in pictures.items():
        assert pixels.shape[2] == 3 or (pixels[..., 3] == 1).all(), f"{where} is see-through"
        assert (pixels[:: len(pixels) - 1, [0, -1]] == 1).all(), f"{where}: no white paper"


def test_the_words_for_a_mask_say_how_many_pairs_it_opens(in_readings):
    seen = 0
    for one in in_readings:
        titles = " ".join(axes.get_title() for axes in one.figure.axes)
        for count in re.findall(r"(\d+) pairs", titles):
            assert re.search(rf"\b{count}\s+pairs", one.alt), f"{one.where}: {count}"
            seen += 1
    assert seen > 15


def test_the_pictures_of_the_readings_are_those_that_are_drawn(script, tmp_path):
    """Up to what another version of matplotlib does to letters and edges."""
    script["main"](tmp_path)
    kept = sorted((ROOT / "docs/figures").iterdir())
    assert [path.name for path in kept] == sorted(path.name for path in tmp_path.iterdir())
    for path in kept:
        assert path.stat().st_size < BYTES, f"{path.name} is large"
        before, after = (blurred(imread(each)) for each in (path, tmp_path / path.name))
        assert before.shape == after.shape, path.name
        assert np.abs(before - after).max() < 0.25, f"{path.name}: run docs/draw_figures.py"


def blurred(pixels: ndarray, size: int = 12) -> ndarray:
    """The mean colours of squares: smaller than a cell of a mask, larger than an edge."""
    height, width = (length // size for length in pixels.shape[:2])
    squares = pixels[: height * size, : width * size].reshape(height, size, width, size, -1)
    return squares.mean(axis=(1, 3))


@pytest.mark.parametrize(
    ("sight", "pair"),
    [
        ("protanopia", ("#8c564b", "#228833")),
        ("deuteranopia", ("#d62728", "#2ca02c")),
        ("tritanopia", ("#1f77b4", "#17a0a0")),
    ],
)
def test_the_simulation_finds_colours_that_are_mixed_up(sight, pair):
    assert distance(*pair, sight) < APART
    assert deltaE(*map(to_rgb, pair), input_space="sRGB1") > APART
