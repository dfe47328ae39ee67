"""The lượt by territory: old districts and communes, new communes, side by side, and sums that agree."""

from datetime import date
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from cooperatives.models import AdminUnit, Cooperative, find_commune
from support_cases.consultations import Entry, log_consultation
from support_cases.reports.answers import Answer, answer
from support_cases.reports.kinds import Names
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Period
from support_cases.reports.places import Difference, differences, places, units_of
from support_cases.reports.served import SERVED
from support_cases.reports.territory import TERRITORY
from tests.factories import load_reference_units, make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 2, 1)
NEW = date(2025, 7, 1)


@pytest.fixture(autouse=True)
def counted_anew(settings):
    """No cache, said explicitly: every report is counted."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


@pytest.fixture
def serve():
    """Record a lượt of a cooperative on a day."""
    load_reference_units()
    officer = make_user()

    def record(party: Cooperative, *days: date) -> Cooperative:
        for day in days:
            entry = Entry(
                client_id=uuid4(), party=party, held_on=day, channel="phone", topics=["tax"], question="Hỏi",
                outcome="answered",
            )  # fmt: skip
            log_consultation(entry, by=officer, today=TODAY)
        return party

    return record


def in_old(code: str, **fields) -> Cooperative:
    """A cooperative in an old commune."""
    return make_cooperative(commune=find_commune(code, date(2023, 1, 1)), registered_on=date(2020, 1, 1), **fields)


def in_new(code: str, **fields) -> Cooperative:
    """A cooperative known by its new commune alone."""
    return make_cooperative(commune=find_commune(code, NEW), registered_on=NEW, **fields)


def asked(kind, period: str, frame: str = "2022", calendar: str = MONTH) -> Answer:
    return answer(kind, Period.parse(period, calendar), frame=frame, today=TODAY)


def lines(found: Answer, table: str) -> dict[str, tuple]:
    """Lượt and HTX of every line with lượt, by its code."""
    at = found.table(table).column_codes.index("consultations")
    rows = {row.code: tuple(cell.value for cell in row.cells[at : at + 2]) for row in found.table(table).rows}
    return {code: values for code, values in rows.items() if values[0]}


def test_bằng_phúc_reports_under_chợ_đồn_in_2024_and_under_the_new_đồng_phúc_in_the_frame_of_2025(serve):
    """Old commune 02041 lay in the old district 064 and went into the new commune 01933 with three of Ba Bể."""
    serve(in_old("02041"), date(2024, 6, 5), date(2024, 6, 20), date(2025, 8, 1))
    serve(in_old("01933"), date(2024, 6, 6))
    for period, chợ_đồn, đồng_phúc, total in (("2024", (2, 1), (3, 2), (3, 2)), ("2025-08", (1, 1), (1, 1), (1, 1))):
        found = asked(TERRITORY, period)
        assert lines(found, "district")["064"] == lines(found, "frame_2022")["064/02041/01933"] == chợ_đồn
        assert lines(found, "frame_2025")["01933"] == đồng_phúc
        assert lines(found, "frame_2025")["01933/02041/064"] == chợ_đồn
        assert lines(found, "district")["total"] == lines(found, "frame_2025")["total"] == total
    units = {frame: asked(SERVED, "2024", frame).table("unit") for frame in ("2022", "2025")}
    assert (units["2022"].value("064", "consultations"), units["2022"].value("061", "consultations")) == (2, 1)
    assert units["2025"].value("01933", "consultations") == 3
    names = {row.code: (row.name, row.cells[0].value) for row in asked(TERRITORY, "2024").table("frame_2022").rows}
    assert names["064/02041/01933"] == ("– xã Bằng Phúc", "xã Đồng Phúc")


def test_the_new_commune_that_took_the_name_of_a_district_is_not_that_district(serve):
    serve(in_old("02020"), date(2024, 6, 5))
    found = asked(TERRITORY, "2024")
    names = {row.code: row.name for table in ("district", "frame_2025") for row in found.table(table).rows}
    assert (names["064"], names["02020"]) == ("huyện Chợ Đồn", "xã Chợ Đồn")


def test_a_unit_is_the_sum_of_what_lies_in_it_and_of_its_own(serve):
    """Cooperatives founded after the merger have no old commune; in Đồng Phúc not even a district by themselves."""
    serve(in_old("02041"), date(2025, 8, 1))
    serve(in_new("02044"), date(2025, 8, 2), date(2025, 8, 3))
    serve(in_new("01933", old_district=AdminUnit.objects.get(code="064")), date(2025, 8, 4))
    serve(in_new("01933"), date(2025, 8, 5))
    found = asked(TERRITORY, "2025")
    assert lines(found, "frame_2022") == {
        "064": (4, 3), "064/02041/01933": (1, 1), "064//01933": (1, 1), "064//02044": (2, 1),
        "": (1, 1), "//01933": (1, 1), "total": (5, 4),
    }  # fmt: skip
    assert lines(found, "frame_2025") == {
        "01933": (3, 3), "01933/02041/064": (1, 1), "01933//064": (1, 1), "01933//": (1, 1),
        "02044": (2, 1), "02044//064": (2, 1), "total": (5, 4),
    }  # fmt: skip
    assert lines(found, "sums") == dict.fromkeys(("district", "old_commune", "commune", "total"), (5, 4))
    assert [row.cells[3].value for row in found.table("sums").rows] == [0, 0, 0, 0]


def test_every_unit_has_its_line_also_where_nobody_was_served(serve):
    found = asked(TERRITORY, "2024")
    assert len(found.table("district").rows) == 8 + 1
    assert len(found.table("frame_2022").rows) == 8 + 108 + 1
    assert len(found.table("frame_2025").rows) == 37 + 108 + 1


def test_the_tables_cost_no_more_queries_with_more_places(serve, django_assert_max_num_queries):
    for code in ("02041", "01933", "01864", "02146", "01834"):
        serve(in_old(code), date(2024, 6, 5))
    with django_assert_max_num_queries(8):
        assert len(asked(TERRITORY, "2024").tables) == 4


# --- The check ------------------------------------------------------------------------------------


def units(*more: str, **options) -> str:
    out = StringIO()
    call_command("report_units", *more, stdout=out, **options)
    return out.getvalue()


def test_the_sums_of_both_frames_are_printed_and_agree(serve):
    serve(in_old("02041"), date(2022, 6, 5), date(2024, 6, 5))
    serve(in_new("01933"), date(2025, 8, 1))
    said = units("--frame", "2022", "--against", "2025", "--check-sum")
    assert "(01/01/2022 – 31/12/2025)" in said
    assert [line.split() for line in said.splitlines() if line.startswith(("Cộng", "Tổng"))] == [
        ["Tổng", "cộng", "3", "2"],
        ["Cộng", "theo", "huyện", "cũ", "3", "2"],
        ["Cộng", "theo", "xã", "cũ", "3", "2"],
        ["Cộng", "theo", "xã", "mới", "3", "2"],
        ["Tổng", "cộng", "3", "2"],
    ]
    assert "  – xã Bằng Phúc ↔ xã Đồng Phúc " in said
    assert "  – xã Bằng Phúc ↔ huyện Chợ Đồn " in units("--frame", "2025", "--against", "2022")
    assert said.endswith("Các tổng theo hai hệ địa bàn bằng nhau.\n")


def test_period_calendar_and_day_are_those_of_the_page(serve):
    serve(in_old("02041"), date(2024, 6, 14), date(2024, 6, 15))
    june = units("--period", "2024-06", "--calendar", "administrative", "--check-sum")
    assert "(15/05/2024 – 14/06/2024)" in june
    assert "Tổng cộng" + " " * 66 + "1" in june
    assert "Tổng cộng" in units("--period", "2024-06", "--as-of", "2024-07-15")


def test_the_administrative_year_of_the_last_december_is_taken_in(serve):
    serve(in_old("02041"), date(2024, 12, 20))
    assert "(15/12/2023 – 14/12/2025)" in units("--calendar", ADMINISTRATIVE, "--check-sum")


def test_without_entries_there_is_nothing_to_differ(serve):
    assert "bằng nhau" in units("--check-sum")


@pytest.mark.parametrize(
    "options",
    [
        ["--frame", "2022", "--against", "2022"],
        ["--frame", "2025", "--against", "2025"],
        ["--period", "2024-13"],
        ["--as-of", "31/02/2024"],
        ["--frame", "2023"],
    ],
)
def test_a_question_that_cannot_be_read_is_refused(serve, options):
    with pytest.raises(CommandError):
        units(*options)


def test_a_cooperative_in_another_district_than_its_old_commune_is_named_and_fails_the_check(serve):
    row = serve(in_old("02041"), date(2024, 6, 5))
    Cooperative.objects.filter(pk=row.pk).update(
        old_district=AdminUnit.objects.get(code="061"), new_commune=find_commune("02020", NEW)
    )
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("report_units", "--check-sum", stdout=out)
    assert (str(refusal.value), refusal.value.returncode) == ("Có 2 chỗ không khớp.", 1)
    assert "xã Bằng Phúc: có HTX mà sổ đăng ký ghi huyện cũ khác huyện Chợ Đồn." in out.getvalue()
    assert "xã Bằng Phúc: có HTX mà sổ đăng ký ghi xã mới khác xã Đồng Phúc." in out.getvalue()
    assert "bằng nhau" in units("--period", "2023", "--check-sum")


def test_figures_that_do_not_add_up_are_found_wherever_they_are(serve):
    serve(in_old("02041"), date(2024, 6, 5))
    serve(in_old("01933"), date(2024, 6, 5))
    right = asked(TERRITORY, "2024").figures
    known = units_of(places(right), Names())
    assert differences(right, known) == []
    for dimension in right:
        for key in right[dimension]:
            wrong = {name: dict(found) for name, found in right.items()}
            wrong[dimension][key] = [wrong[dimension][key][0] + 1, wrong[dimension][key][1]]
            found = differences(wrong, known)
            assert found, (dimension, key)
            assert all(isinstance(one, Difference) and one.counted != one.summed for one in found)
