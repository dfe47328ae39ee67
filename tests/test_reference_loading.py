"""`load_reference`: missing rows are added, edited rows stay, a bad file is told by name and line."""

import shutil
from datetime import date
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from cooperatives.models import (
    AdminUnit,
    Agency,
    ConditionalLine,
    DeadlineOverride,
    Holiday,
    LegalRule,
    LoanProgramme,
    OcopProductSet,
    RegistrationProcedure,
    TaxObligation,
    VsicChange,
    VsicLine,
    find_commune,
)
from cooperatives.reference import BadDataFile
from support_cases.models import ChecklistRule, LegalBasis, ReminderRule
from support_cases.reference import load_reference

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FILES = {
    "units.csv": 155, "vsic.csv": 172, "vsic_changes.csv": 11, "conditional_lines.csv": 50, "legal_rules.csv": 159,
    "agencies.csv": 63, "holidays.csv": 69, "loan_programmes.csv": 8, "ocop_product_sets.csv": 11,
    "procedures.csv": 27, "tax_obligations.csv": 26, "tax_overrides.csv": 9,
    "checklist.csv": 138, "legal_bases.csv": 29, "reminder_rules.csv": 22,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped reference files that a test may change."""
    return shutil.copytree(settings.FIXTURES_DIR / "reference", tmp_path / "reference")


def all_rows():
    """Everything in the reference tables, primary keys included."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (
            AdminUnit,
            VsicLine,
            VsicChange,
            ConditionalLine,
            LegalRule,
            Agency,
            Holiday,
            LoanProgramme,
            OcopProductSet,
            RegistrationProcedure,
            TaxObligation,
            DeadlineOverride,
            ChecklistRule,
            LegalBasis,
            ReminderRule,
        )
    ]


def change(path, old, new):
    """Replace one text that must be there in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_an_empty_database_gets_every_row(folder):
    assert load_reference(folder) == FILES
    assert AdminUnit.objects.count() == 155
    assert AdminUnit.objects.new_communes().count() == 37
    assert AdminUnit.objects.old_districts().count() == 8
    assert AdminUnit.objects.exclude(successor=None).count() == 109  # 108 communes and the province
    assert ChecklistRule.objects.count() == 138


def test_a_code_is_another_commune_before_and_after_the_merger(folder):
    load_reference(folder)
    before, after = (find_commune("01864", day) for day in (date(2025, 6, 30), date(2025, 7, 1)))
    assert (before.name, after.name) == ("Bộc Bố", "Bằng Thành")
    assert before.successor == after
    assert before.parent.name == "Pác Nặm"


def test_business_lines_are_found_without_accents(folder):
    load_reference(folder)
    assert VsicLine.objects.get(version="2018", code="0111").search_key == "0111 trong lua"


def test_a_second_run_adds_nothing_and_changes_nothing(folder, django_assert_max_num_queries):
    load_reference(folder)
    before = all_rows()
    with django_assert_max_num_queries(20):
        assert sum(load_reference(folder).values()) == 0
    assert all_rows() == before


def test_an_edited_row_stays_as_staff_left_it(folder):
    load_reference(folder)
    LegalRule.objects.filter(key="annual_update.due").update(value="11-30", note="Theo công văn của tỉnh")
    AdminUnit.objects.filter(code="058").update(name="Bắc Kạn (cũ)")
    assert sum(load_reference(folder).values()) == 0
    assert LegalRule.objects.get(key="annual_update.due").value == "11-30"
    assert AdminUnit.objects.get(code="058").name == "Bắc Kạn (cũ)"


def test_a_new_row_in_a_file_is_added_and_alone(folder):
    load_reference(folder)
    with (folder / "holidays.csv").open("a", encoding="utf-8", newline="") as file:
        file.write("2027-01-01,off,Tết Dương lịch,C,\n")
    assert +load_reference(folder) == {"holidays.csv": 1}
    assert Holiday.objects.get(day=date(2027, 1, 1)).name == "Tết Dương lịch"


def test_a_file_saved_by_excel_with_a_byte_order_mark_is_read(folder):
    text = (folder / "vsic.csv").read_text(encoding="utf-8")
    (folder / "vsic.csv").write_text(text.replace("\n", "\r\n"), encoding="utf-8-sig", newline="")
    assert load_reference(folder)["vsic.csv"] == 172


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("holidays.csv", "2022-01-01,off", "01/01/2022,off", "holidays.csv, dòng 2: day"),
        ("holidays.csv", "2022-01-01,off", "2022-01-01,free", "holidays.csv, dòng 2: kind"),
        ("holidays.csv", "2022-01-31,", "2022-01-01,", "holidays.csv, dòng 3: khóa này đã có ở dòng trên"),
        ("holidays.csv", "day,kind", "ngay,kind", "holidays.csv, dòng 2: cột không khớp"),
        ("vsic.csv", "2018,0111,Trồng lúa,", "2018,0111,", "vsic.csv, dòng 2: số ô không khớp"),
        ("vsic.csv", "2018,0111,Trồng lúa,", "2018,0111,Trồng, lúa,", "vsic.csv, dòng 2: số ô không khớp"),
        ("units.csv", "06,1900-01-01,,\n", "05,1900-01-01,,\n", "trỏ tới đơn vị không có: 05"),
        ("agencies.csv", ",registrar,", ",sign,", "agencies.csv, dòng 18: kind"),
        ("agencies.csv", ",finance-bac-kan,", ",finance-cu,", "trỏ tới cơ quan không có: finance-cu"),
        ("agencies.csv", ",058,1900-01-01,", ",059,1900-01-01,", "trỏ tới đơn vị không có: 059"),
        ("agencies.csv", ",01840,2025-07-01,", ",,,", "agencies.csv: bảng không nhận"),
        ("checklist.csv", ",1,1,2022-01-01", ",có,1,2022-01-01", "checklist.csv, dòng 2: required"),
        ("checklist.csv", "2022-01-01,2024-06-30", "2022-01-01,2021-06-30", "checklist.csv: bảng không nhận"),
    ],
)
def test_a_bad_file_is_told_by_name_and_line_and_leaves_nothing(folder, name, old, new, said):
    change(folder / name, old, new)
    with pytest.raises(BadDataFile) as refusal:
        load_reference(folder)
    assert said in str(refusal.value)
    assert all_rows() == [[] for _ in FILES]


def test_the_command_counts_by_file_and_is_silent_when_asked():
    out = StringIO()
    call_command("load_reference", stdout=out)
    assert out.getvalue().splitlines() == [f"{name}: thêm {count} dòng" for name, count in FILES.items()]
    silent = StringIO()
    call_command("load_reference", stdout=silent, verbosity=0)
    assert silent.getvalue() == ""


def test_the_command_tells_a_missing_file_in_one_line(settings, tmp_path):
    settings.FIXTURES_DIR = tmp_path
    with pytest.raises(CommandError, match=r"Không đọc được units\.csv") as refusal:
        call_command("load_reference")
    assert "\n" not in str(refusal.value)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_add_every_row_once():
    start, failed = Barrier(2), []

    def run():
        try:
            start.wait()
            call_command("load_reference", verbosity=0)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [len(rows) for rows in all_rows()] == [*FILES.values()]
