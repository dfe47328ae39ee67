"""The 108 lượt of the first eight months of 2023: from the rows, the file, the page, the API and the workbook.

Every figure is counted here in plain Python over rows read one by one, and only then asked of the portal.
"""

import csv
import html
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import TestCase, override_settings
from openpyxl import load_workbook

from cooperatives.models import AdminUnit, Cooperative
from htx_portal.accounts.models import User
from support_cases.models import Consultation, ConsultationTopic
from tests.kept import put_demo_set

FIRST, LAST = date(2023, 1, 1), date(2023, 8, 31)
FIRST_ADMINISTRATIVE, LAST_ADMINISTRATIVE = date(2022, 12, 15), date(2023, 8, 14)
ASKED = {"from": "2023-01", "to": "2023-08"}
LABEL = "8 tháng đầu năm 2023 (01/01/2023 – 31/08/2023)"


@dataclass(frozen=True)
class Entry:
    """One row of the table of consultations, with the topics that hang on it."""

    pk: int
    cooperative: int | None
    founding_group: int | None
    held_on: date
    channel: str
    officer: str
    topics: tuple[str, ...]


def all_entries():
    """Every consultation as it stands in its table, put together by hand."""
    topics = {}
    for pk, topic in ConsultationTopic.objects.values_list("consultation_id", "topic"):
        topics.setdefault(pk, []).append(topic)
    names = dict(User.objects.values_list("pk", "full_name"))
    rows = Consultation.objects.values_list(
        "pk", "cooperative_id", "founding_group_id", "held_on", "channel", "officer_id"
    )
    return [
        Entry(pk, cooperative, group, held_on, channel, names[officer], tuple(sorted(topics[pk])))
        for pk, cooperative, group, held_on, channel, officer in rows
    ]


def lines(entries, key_of):
    """Lượt and distinct cooperatives for each key; an entry may have several keys."""
    served, parties = Counter(), {}
    for entry in entries:
        for key in key_of(entry):
            served[key] += 1
            parties.setdefault(key, set()).add(entry.cooperative)
    return {key: (served[key], len(parties[key])) for key in served}


def api_lines(listed, key):
    """The same out of a breakdown of the API, lines of nothing left out."""
    return {line[key]: (line["consultations"], line["cooperatives"]) for line in listed if line["consultations"]}


def plain(markup):
    """The text of a piece of markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


@pytest.mark.database
@override_settings(DEMO=True)
class TestThe108(TestCase):
    """The demo set is there once for all tests, as the command loads it for everybody."""

    entries: list[Entry]
    counted: list[Entry]

    @classmethod
    def setUpTestData(cls):
        """Load the set and read it back row by row."""
        put_demo_set()
        cls.entries = all_entries()
        cls.counted = [e for e in cls.entries if e.cooperative is not None and FIRST <= e.held_on <= LAST]

    def ask(self, path, **params):
        """The answer to `lanhdao`, who reads and does not record."""
        self.client.force_login(User.objects.get(username="lanhdao"), "htx_portal.accounts.backends.PortalBackend")
        answer = self.client.get(path, params)
        assert answer.status_code == 200, (path, params, answer.status_code)
        return answer

    def report(self, **params):
        """The report of the API."""
        return self.ask("/api/v1/reports/served/", **(ASKED | params)).json()

    def page(self, **params):
        """The text of the report page."""
        return self.ask("/bao-cao/", **(ASKED | params)).content.decode()

    def tiles(self, page):
        """The four large figures of the page by their words, each with the address it leads to."""
        found = {}
        for tile in re.findall(r'<div class="stat">(.*?)</div>', page, re.DOTALL):
            figure = re.search(r'<(?:a|span) class="stat__value"(?: href="([^"]*)")?>([^<]*)<', tile)
            words = re.search(r'<p class="stat__label">(.*?)</p>', tile, re.DOTALL)
            found[plain(words[1])] = (int(figure[2].replace(".", "")), html.unescape(figure[1] or ""))
        return found

    def figures_in(self, page, caption):
        """The lines of one table of the page: name to lượt and HTX, lines of nothing left out."""
        table = re.search(rf"<caption>{caption}</caption>(.*?)</table>", page, re.DOTALL)
        found = {}
        for row in re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL):
            cells = [plain(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)]
            if cells[1] not in ("Lượt", "0"):
                found[cells[0]] = (int(cells[1]), int(cells[2]))
        return found

    def test_the_rows_hold_108_entries_of_46_cooperatives_and_none_of_founding_groups(self):
        assert len(self.counted) == 108
        assert len({entry.cooperative for entry in self.counted}) == 46
        groups = [e for e in self.entries if e.founding_group is not None and FIRST <= e.held_on <= LAST]
        assert groups == []
        assert all((e.cooperative is None) != (e.founding_group is None) for e in self.entries)

    def test_in_other_months_founding_groups_are_beside_the_count_and_never_in_it(self):
        months = {"from": "2022-09", "to": "2023-12"}
        there = [e for e in self.entries if date(2022, 9, 1) <= e.held_on <= date(2023, 12, 31)]
        groups = [entry for entry in there if entry.founding_group is not None]
        assert len(groups) == 8
        totals = self.report(**months)["totals"]
        assert (totals["consultations"], totals["founding_groups"]) == (len(there) - len(groups), len(groups))
        tiles = self.tiles(self.page(**months))
        assert tiles["lượt HTX được tư vấn"][0] == len(there) - len(groups)
        assert tiles["lần tư vấn nhóm sáng lập"][0] == len(groups)
        book = load_workbook(BytesIO(self.ask("/bao-cao/xuat.xlsx", **months).content), read_only=True)
        head, *rows = book["Lần tư vấn"].iter_rows(values_only=True)
        marks = Counter(row[head.index("Tính lượt")] for row in rows)
        assert marks == {"có": len(there) - len(groups), "không": len(groups)}

    def test_the_shipped_file_says_the_same_as_the_rows(self):
        folder = settings.FIXTURES_DIR / "demo"
        with (folder / "cooperatives.csv").open(encoding="utf-8", newline="") as file:
            cooperatives = {row["key"] for row in csv.DictReader(file)}
        with (folder / "consultations.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["party"] in cooperatives]
        days = Counter(row["held_on"] for row in rows if FIRST.isoformat() <= row["held_on"] <= LAST.isoformat())
        assert days.total() == 108
        assert days == Counter(entry.held_on.isoformat() for entry in self.counted)

    def test_the_page_says_108_and_its_link_opens_exactly_those_rows(self):
        page = self.page()
        assert plain(re.search(r'<p class="lead">(.*?)</p>', page)[1]) == LABEL
        number, address = self.tiles(page)["lượt HTX được tư vấn"]
        assert number == 108
        parts = urlsplit(address)
        shown = []
        for number in range(1, 6):
            params = {name: values[0] for name, values in parse_qs(parts.query).items()} | {"page": number}
            listed = self.ask(parts.path, **params).content.decode()
            assert "108 lần tư vấn" in plain(listed)
            shown += [int(pk) for pk in re.findall(r'class="list__main"><a href="/tu-van/(\d+)/"', listed)]
        assert sorted(shown) == sorted(entry.pk for entry in self.counted)

    def test_the_other_tiles_say_what_the_rows_say(self):
        tiles = {words: number for words, (number, _) in self.tiles(self.page()).items()}
        assert tiles == {
            "lượt HTX được tư vấn": 108,
            "HTX không trùng": 46,
            # From January on nothing of the year came before the period.
            "HTX lần đầu trong năm": 46,
            "lần tư vấn nhóm sáng lập": 0,
        }

    def test_the_tables_of_the_page_add_up_to_the_rows(self):
        page = self.page()
        assert self.figures_in(page, "Theo cán bộ") == lines(self.counted, lambda e: [e.officer])
        assert sum(served for served, _ in self.figures_in(page, "Theo hình thức").values()) == 108
        assert sum(served for served, _ in self.figures_in(page, "Theo địa bàn").values()) == 108
        topics = sum(len(entry.topics) for entry in self.counted)
        assert sum(served for served, _ in self.figures_in(page, "Theo nội dung").values()) == topics > 108

    def test_the_api_says_108_and_breaks_it_down_as_the_rows_do(self):
        report = self.report()
        assert report["totals"] == {"consultations": 108, "cooperatives": 46, "first_time": 46, "founding_groups": 0}
        assert (report["period"]["from"], report["period"]["to"]) == ("2023-01-01", "2023-08-31")
        by_month = lines(self.counted, lambda e: [f"{e.held_on:%Y-%m}"])
        assert api_lines(report["by_month"], "month") == by_month
        assert sum(served for served, _ in by_month.values()) == 108
        assert api_lines(report["by_topic"], "topic") == lines(self.counted, lambda e: e.topics)
        assert api_lines(report["by_channel"], "channel") == lines(self.counted, lambda e: [e.channel])

    def test_both_territorial_frames_place_each_of_the_108_once(self):
        places = dict(Cooperative.objects.values_list("pk", "commune_id"))
        units = {unit.pk: unit for unit in AdminUnit.objects.all()}
        picked = dict(Cooperative.objects.values_list("pk", "old_district_id"))

        def district(entry):
            above = units[places[entry.cooperative]].parent_id
            return [units[picked[entry.cooperative] if units[above].level == "province" else above].code]

        def commune(entry):
            unit = units[places[entry.cooperative]]
            return [units[unit.successor_id].code if unit.successor_id else unit.code]

        for frame, place_of in (("2022", district), ("2025", commune)):
            by_unit = lines(self.counted, place_of)
            assert api_lines(self.report(frame=frame)["by_unit"], "unit") == by_unit
            assert sum(served for served, _ in by_unit.values()) == 108

    def test_the_same_months_of_the_year_before_stand_beside(self):
        before = [
            e for e in self.entries if e.cooperative and date(2022, 1, 1) <= e.held_on <= date(2022, 8, 31)
        ]  # fmt: skip
        assert self.report()["same_period_last_year"] == {
            "consultations": len(before),
            "cooperatives": len({entry.cooperative for entry in before}),
            "change_percent": round((108 - len(before)) * 100 / len(before), 1),
        }
        assert len(before) == 55

    def test_the_workbook_says_108_and_lists_the_entries_with_the_groups_marked(self):
        body = self.ask("/bao-cao/xuat.xlsx", **ASKED).content
        book = load_workbook(BytesIO(body), read_only=True)
        totals = {row[0]: row[1] for row in book["Số liệu chung"].iter_rows(min_row=2, values_only=True) if row[0]}
        assert totals["Lượt HTX được tư vấn"] == 108
        assert totals["HTX không trùng"] == 46
        assert totals["Lần tư vấn nhóm sáng lập (không tính lượt)"] == 0
        months = list(book["Theo tháng"].iter_rows(min_row=2, values_only=True))
        assert sum(row[1] for row in months) == 108
        head, *rows = book["Lần tư vấn"].iter_rows(values_only=True)
        counts = Counter(row[head.index("Tính lượt")] for row in rows)
        assert counts == {"có": 108}
        days = Counter(row[0].date() for row in rows if row[head.index("Tính lượt")] == "có")
        assert days == Counter(entry.held_on for entry in self.counted)

    def test_the_administrative_calendar_gives_another_number(self):
        counted = [
            e for e in self.entries if e.cooperative and FIRST_ADMINISTRATIVE <= e.held_on <= LAST_ADMINISTRATIVE
        ]
        assert len(counted) == 103
        report = self.report(calendar="administrative")
        assert report["totals"]["consultations"] == 103
        assert (report["period"]["from"], report["period"]["to"]) == ("2022-12-15", "2023-08-14")
        assert self.tiles(self.page(calendar="administrative"))["lượt HTX được tư vấn"][0] == 103
