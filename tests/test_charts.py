"""Charts: what a bar is as long as, where it leads, and that no two series look alike in black and white."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from support_cases.reports.charts import TEXTURES, Bar, ageing, lying, small, stacked, trend

SAID = "Biểu đồ: Theo tháng. Số liệu trong bảng."
MONTHS = [str(n) for n in range(1, 13)]
FIGURES = st.lists(st.integers(0, 10_000), min_size=1, max_size=48)


def bars(values, address=""):
    return [Bar(value, str(value), address and f"{address}{at}", f"tháng {at}") for at, value in enumerate(values)]


def rects(markup):
    """The bars of each texture as (left or top, height), in order."""
    found = {}
    for group in ET.fromstring(markup).iter("g"):
        if fill := group.get("fill"):
            found.setdefault(fill, []).extend((rect.get("x"), int(rect.get("height"))) for rect in group.iter("rect"))
    return found


def test_a_trend_has_a_bar_for_each_figure_as_tall_as_its_share():
    markup = trend(MONTHS, [bars(range(10, 130, 10)), bars([0] * 11 + [60])], said=SAID)
    found = rects(markup)
    assert [tall for _x, tall in found["url(#t0)"]] == [round(160 * n / 12) for n in range(1, 13)]
    assert [tall for _x, tall in found["url(#t1)"]] == [80]
    root = ET.fromstring(markup)
    assert (root.get("role"), root.get("aria-label")) == ("img", SAID)
    words = {g.get("class"): [text.text for text in g] for g in root.iter("g") if g.get("class")}
    assert words == {"axis-label": MONTHS, "bar-label": [str(n) for n in range(10, 130, 10)]}


def test_the_sum_of_a_stack_is_written_whole_as_tables_write_it():
    series = [bars([1_200_000, 1_000]), bars([34_567, 234])]
    for draw, kind in ((stacked, "bar-label"), (lying, "row-figure")):
        root = ET.fromstring(draw(["2024", "2025"], series, said=SAID))
        words = {g.get("class"): [text.text for text in g] for g in root.iter("g") if g.get("class")}
        assert words[kind] == ["1.234.567", "1.234"]


@given(FIGURES, st.data())
def test_a_stack_is_as_tall_as_its_sum_and_its_parts_touch(first, data):
    other = data.draw(st.lists(st.integers(0, 10_000), min_size=len(first), max_size=len(first)))
    markup = stacked([str(n) for n in range(len(first))], [bars(first), bars(other)], said=SAID)
    sums = [one + two for one, two in zip(first, other, strict=True)]
    root = ET.fromstring(markup)
    edges = {}
    for rect in root.iter("rect"):
        top, tall = int(rect.get("y")), int(rect.get("height"))
        edges.setdefault(rect.get("x"), []).append((top, top + tall))
    for parts in edges.values():
        assert sorted(parts)[-1][1] == 190
        assert len(parts) == 1 or sorted(parts)[0][1] == sorted(parts)[1][0]
    # A part too small to be seen is drawn a pixel tall all the same.
    assert 28 <= min((top for parts in edges.values() for top, _foot in parts), default=30) <= 30
    assert len(edges) == len([one for one in sums if one])


@given(FIGURES)
def test_lying_bars_say_their_figure_and_the_longest_is_longest(values):
    root = ET.fromstring(ageing([f"{n} ngày" for n in range(len(values))], bars(values), said=SAID))
    wide = [float(rect.get("width").rstrip("%")) for rect in root.iter("rect")]
    assert len(wide) == len([value for value in values if value])
    assert max(wide, default=78) == 78
    texts = {g.get("class"): [text.text for text in g] for g in root.iter("g") if g.get("class")}
    assert texts["row-figure"] == [str(value) for value in values]


@given(FIGURES, st.data())
def test_lying_parts_touch_and_the_longest_sum_is_longest(first, data):
    other = data.draw(st.lists(st.integers(0, 10_000), min_size=len(first), max_size=len(first)))
    names = [f"Xã {n}" for n in range(len(first))]
    root = ET.fromstring(lying(names, [bars(first), bars(other)], said=SAID))
    edges = {}
    for rect in root.iter("rect"):
        left, wide = float(rect.get("x").rstrip("%")), float(rect.get("width").rstrip("%"))
        edges.setdefault(rect.get("y"), []).append((left, left + wide))
    for parts in edges.values():
        assert sorted(parts)[0][0] == 0
        assert len(parts) == 1 or sorted(parts)[0][1] == pytest.approx(sorted(parts)[1][0], abs=0.15)
    assert max((foot for parts in edges.values() for _left, foot in parts), default=78) == pytest.approx(78, abs=0.15)
    texts = {g.get("class"): [text.text for text in g] for g in root.iter("g") if g.get("class")}
    assert texts["row-label"] == names
    assert texts["row-figure"] == [f"{one + two:,}".replace(",", ".") for one, two in zip(first, other, strict=True)]


def axis(parts):
    """The words below the bars of ``(words, year)`` and the years below these, each with its place in percent."""
    root = ET.fromstring(
        stacked([w for w, _y in parts], [bars([1] * len(parts))], said=SAID, years=[y for _w, y in parts])
    )
    found = {g.get("class"): [(text.text, float(text.get("x").rstrip("%"))) for text in g] for g in root.iter("g")}
    return found.get("axis-label", []), found.get("axis-year", [])


@given(st.integers(2016 * 12, 2020 * 12), st.integers(1, 120))
def test_the_axis_of_months_names_the_years_and_never_two_things_at_one_place(first, number):
    months = [(str(n % 12 + 1), n // 12) for n in range(first, first + number)]
    labels, years = axis(months)
    slot = 100 / number
    named = [months[round(place / slot - 0.5)] for _words, place in labels]
    assert [words for words, _place in labels] == [words for words, _year in named]
    assert len(labels) <= 13
    assert [words for words, _place in years] == [str(months[round(place / slot)][1]) for _words, place in years]
    places = [place for _words, place in years]
    assert all(after - before >= 11.9 for before, after in pairwise(places))
    assert all(place <= 88 for place in places)
    # A month is never without its year, but for a few at either end of the axis.
    assert bool(years) == (len({year for _words, year in months}) > 1 and bool(places))


def test_the_axis_of_four_years():
    labels, years = axis([(str(n % 12 + 1), 2022 + n // 12) for n in range(48)])
    assert [words for words, _place in labels] == ["1", "5", "9"] * 4
    assert years == [("2022", 0), ("2023", 25), ("2024", 50), ("2025", 75)]
    labels, years = axis([(("I", "II", "III", "IV")[n % 4], 2022 + n // 4) for n in range(16)])
    assert [words for words, _place in labels] == ["I", "III"] * 4


def test_small_charts_share_one_scale():
    assert [tall for _x, tall in rects(small(bars([5, 10]), 10))["url(#t0)"]] == [34, 68]
    assert [tall for _x, tall in rects(small(bars([5]), 10))["url(#t0)"]] == [34]


def test_a_bar_is_a_link_with_its_words_and_the_smallest_is_seen():
    root = ET.fromstring(trend(["1", "2"], [bars([1, 100_000], "/tu-van/?a=1&b=")], said=SAID))
    links = [(a.get("href"), a.find("title").text) for a in root.iter("a")]
    assert links == [("/tu-van/?a=1&b=0", "tháng 0"), ("/tu-van/?a=1&b=1", "tháng 1")]
    assert [int(rect.get("height")) for rect in root.iter("rect")] == [1, 160]
    assert root.get("role") == "group"


@pytest.mark.parametrize("draw", [trend, stacked])
def test_charts_without_figures_or_with_markup_in_their_words_stay_whole(draw):
    assert rects(draw([], [], said="")) == {}
    assert rects(draw(["<a>", "2"], [bars([0, 0])], said='"x"')) == {"url(#t0)": []}
    assert ET.fromstring(draw(["<a>"], [bars([1])], said='"<b>')).get("aria-label") == '"<b>'


def test_every_texture_is_drawn_once_and_none_looks_like_another_in_grey():
    root = ET.fromstring(render_to_string("support/chart_textures.html"))
    patterns = {pattern.get("id"): pattern for pattern in root.iter("pattern")}
    assert list(patterns) == [f"t{n}" for n in range(TEXTURES)]
    css = (Path(settings.BASE_DIR) / "htx_portal/static/css/portal.css").read_text("utf-8")
    looks = set()
    for number, pattern in enumerate(patterns.values()):
        ground = re.search(rf"\.c{number} \{{ --ground-of-texture: ([^;]+);", css)[1]
        marks = tuple(part.get("d") or "dot" for part in pattern if part.get("class") != "ground")
        # Dark on light and light on dark are told apart; two plain dark grounds would not be.
        looks.add((marks, ground in ("var(--chart-now)", "#1a2030")))
    assert len(looks) == TEXTURES


def test_a_year_of_months_takes_little_of_a_page():
    assert len(trend(MONTHS, [bars(range(101, 113)), bars(range(90, 102))], said=SAID).encode()) < 3_000
