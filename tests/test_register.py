"""`enter_cooperative`: what it stores, what it refuses and with which words, and that a refusal writes nothing."""

import random
import unicodedata
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from cooperatives.errors import InvalidEntry
from cooperatives.models import AdminUnit, Cooperative, find_commune
from cooperatives.register import enter_cooperative, similar_to, warnings_about
from tests.contents import nothing_written
from tests.factories import load_reference_units, make_commune, make_cooperative
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 11, 23)
LAST_OLD_DAY = date(2025, 6, 30)
FIRST_NEW_DAY = date(2025, 7, 1)


@pytest.fixture
def territory(db):
    """All units of the reference file."""
    load_reference_units()


def fresh(**fields) -> Cooperative:
    """A cooperative not yet entered, right in everything unless told otherwise."""
    values = {"name": "Hợp tác xã Đồng Phúc", "kind": "htx", "registered_on": date(2021, 3, 15)} | fields
    if "commune" not in values:
        values["commune"] = make_commune()
    return Cooperative(**values)


def refusal(row: Cooperative, **how) -> dict[str, list[str]]:
    """The messages by field with which the row is refused, and nothing written."""
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        enter_cooperative(row, today=TODAY, **how)
    return {field: [str(message) for message in messages] for field, messages in refused.value.problems.items()}


def test_kind_name_and_commune_are_enough():
    row = enter_cooperative(Cooperative(name="HTX Nà Phặc", kind="htx", commune=make_commune()), today=TODAY)
    row.refresh_from_db()
    assert (row.name, row.tax_code, row.registered_on, row.phone) == ("HTX Nà Phặc", None, None, "")
    assert (row.legal_status, row.actual_state) == ("active", "operating")


def test_what_was_typed_is_stored_in_one_form():
    name = unicodedata.normalize("NFD", "  Hợp tác xã   Đồng\u200b Phúc\t")
    row = fresh(
        name=name,
        tax_code=" 4700 9900 14 ",
        phone="+84 912.345.678",
        representative=unicodedata.normalize("NFD", "Bàn  Văn Páo"),
        address="thôn  Nà Lại ",
        certificate_no=" 00123 ",
    )
    stored = Cooperative.objects.get(pk=enter_cooperative(row, today=TODAY).pk)
    assert stored.name == "Hợp tác xã Đồng Phúc"
    assert stored.tax_code == "4700990014"
    assert stored.phone == "0912345678"
    assert stored.representative == "Bàn Văn Páo"
    assert stored.address == "thôn Nà Lại"
    assert stored.certificate_no == "00123"


@pytest.mark.parametrize("typed", ["４７００９９００１４", "4700990014", "4700 990 014", "\u200b4700990014\n"])
def test_a_tax_code_is_stored_as_ten_plain_digits(typed):
    assert enter_cooperative(fresh(tax_code=typed), today=TODAY).tax_code == "4700990014"


@pytest.mark.parametrize("typed", ["", "   ", None])
def test_cooperatives_without_a_tax_code_do_not_clash(typed):
    rows = [enter_cooperative(fresh(name=f"HTX Số {n}", tax_code=typed), today=TODAY) for n in (1, 2)]
    assert [row.tax_code for row in rows] == [None, None]


PHONE = "Số điện thoại bắt đầu bằng 0 và có 9 đến 11 chữ số."


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("registered_on", TODAY + timedelta(days=1), "Ngày đăng ký không thể ở tương lai."),
        ("registered_on", date(1945, 9, 1), "Ngày đăng ký quá xa trong quá khứ, xin kiểm tra năm."),
        ("tax_code", "470099001", "Mã số thuế gồm 10 chữ số (đơn vị phụ thuộc: thêm gạch nối và 3 chữ số)."),
        ("phone", "không có", PHONE),
        ("phone", "912345678", PHONE),
        ("phone", "09123", PHONE),
    ],
)
def test_what_cannot_be_right_is_refused_with_words_beside_its_field(field, typed, message):
    assert refusal(fresh(**{field: typed})) == {field: [message]}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", " \u200b "),
        ("name", None),
        ("name", "x" * 201),
        ("kind", ""),
        ("kind", "cty"),
        ("email", "khong-phai-thu"),
        ("members", -1),
        ("members", 1_000_001),
        ("charter_capital", 10**15 + 1),
        ("legal_status", "?"),
    ],
)
def test_what_a_column_cannot_hold_is_refused_beside_its_field(field, typed):
    problems = refusal(fresh(**{field: typed}))
    assert list(problems) == [field]
    assert len(problems[field]) == 1


def test_all_mistakes_are_named_at_once():
    row = fresh(name="", tax_code="12", phone="x", registered_on=TODAY + timedelta(days=1))
    assert sorted(refusal(row)) == ["name", "phone", "registered_on", "tax_code"]


def test_the_first_and_the_last_possible_day_are_accepted():
    assert enter_cooperative(fresh(registered_on=TODAY), today=TODAY).pk
    assert enter_cooperative(fresh(name="HTX Xưa", registered_on=date(1945, 9, 2)), today=TODAY).pk


def test_a_tax_code_can_be_in_the_register_once():
    make_cooperative(tax_code="4700990014")
    assert list(refusal(fresh(tax_code="4700 990 014"))) == ["tax_code"]
    assert enter_cooperative(fresh(tax_code="4700990014-001"), today=TODAY).pk


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_enter_one_tax_code_at_once_one_is_told():
    commune = make_commune()

    def enter(name):
        row = Cooperative(name=name, kind="htx", commune=commune, tax_code="4700990014")
        return lambda: enter_cooperative(row, today=TODAY)

    results = at_once(*(enter(f"HTX Số {n}") for n in range(4)))
    assert len(of_kind(results, Cooperative)) == 1
    assert [list(r.problems) for r in of_kind(results, InvalidEntry)] == [["tax_code"]] * 3
    assert Cooperative.objects.count() == 1


def test_a_wrong_check_digit_is_a_warning_and_no_refusal():
    row = enter_cooperative(fresh(tax_code="4700990015"), today=TODAY)
    assert warnings_about(row) == ["Mã số thuế có thể gõ sai: chữ số kiểm tra không khớp."]
    assert warnings_about(make_cooperative(tax_code="4700990021")) == []


def test_the_same_name_in_the_same_commune_is_a_warning():
    first = make_cooperative("Hợp tác xã Đồng Phúc")
    elsewhere = make_commune("Nà Phặc", code="01936", district="Ngân Sơn", district_code="062")
    make_cooperative("HTX Đồng Phúc 2")
    make_cooperative("Hợp tác xã Đồng Phúc", commune=elsewhere)
    second = enter_cooperative(fresh(name="HỢP TÁC XÃ DONG PHUC"), today=TODAY)
    assert similar_to(second) == [first]
    assert warnings_about(second) == ["Có thể trùng với: Hợp tác xã Đồng Phúc."]


@pytest.mark.parametrize("code", ["99999", "", "064"])
def test_an_unknown_code_of_a_commune_is_refused(territory, code):
    row = Cooperative(name="HTX Đồng Phúc", kind="htx", registered_on=date(2021, 3, 15))
    assert refusal(row, commune_code=code) == {"commune": ["Không có xã, phường, thị trấn mang mã này."]}


def test_no_commune_at_all_is_refused():
    row = Cooperative(name="HTX Đồng Phúc", kind="htx")
    assert refusal(row) == {"commune": ["Cần chọn xã, phường, thị trấn."]}


@pytest.mark.parametrize(
    ("registered_on", "commune", "district"),
    [(LAST_OLD_DAY, "xã Bộc Bố", "060"), (FIRST_NEW_DAY, "xã Bằng Thành", "060"), (None, "xã Bằng Thành", "060")],
)
def test_a_code_means_the_commune_of_the_day_of_registration(territory, registered_on, commune, district):
    row = Cooperative(name="HTX Bộc Bố", kind="htx", registered_on=registered_on)
    enter_cooperative(row, today=TODAY, commune_code="01864")
    row.refresh_from_db()
    assert row.commune.full_name == commune
    assert row.old_district.code == district
    assert row.new_commune.full_name == "xã Bằng Thành"
    assert (row.old_commune is None) == (registered_on != LAST_OLD_DAY)


def test_a_code_that_was_not_valid_on_the_day_of_registration_is_refused(territory):
    row = Cooperative(name="HTX Bằng Phúc", kind="htx", registered_on=FIRST_NEW_DAY)
    assert refusal(row, commune_code="02041") == {
        "commune": ["Không có xã, phường, thị trấn mang mã này vào ngày đăng ký."]
    }


def test_bang_phuc_counts_in_cho_don_and_is_found_by_both_codes(territory):
    row = Cooperative(name="HTX Chè Shan", kind="htx", registered_on=date(2020, 1, 1))
    enter_cooperative(row, today=TODAY, commune_code="02041")
    assert list(Cooperative.objects.in_old_district("064")) == [row]
    assert list(Cooperative.objects.in_old_district("061")) == []
    assert list(Cooperative.objects.in_commune("02041")) == [row]
    assert list(Cooperative.objects.in_commune("01933")) == [row]
    assert list(Cooperative.objects.search("cho don")) == [row]
    assert list(Cooperative.objects.search("bang phuc")) == [row]
    assert list(Cooperative.objects.search("dong phuc")) == [row]


@pytest.mark.parametrize("code", ["01849", "01933", "02014"])
def test_a_commune_across_old_borders_needs_a_hand_picked_district(territory, code):
    commune = find_commune(code, FIRST_NEW_DAY)
    row = fresh(registered_on=date(2025, 9, 1), commune=commune)
    enter_cooperative(row, today=TODAY)
    assert row.old_district is None
    assert warnings_about(row) == ["Chưa rõ địa bàn huyện cũ: xã mới này gộp từ nhiều huyện, cần chọn tay."]
    for district in {old.parent for old in commune.predecessors.all()}:
        row.old_district = district
        enter_cooperative(row, today=TODAY)
        row.refresh_from_db()
        assert row.old_district == district
        assert warnings_about(row) == []


def test_a_district_that_is_no_part_of_the_new_commune_is_refused(territory):
    row = fresh(registered_on=date(2025, 9, 1), commune=find_commune("01933", FIRST_NEW_DAY))
    row.old_district = AdminUnit.objects.get(code="063")
    assert refusal(row) == {"old_district": ["Xã mới này không gộp từ huyện đã chọn."]}


def test_a_picked_district_does_not_overrule_a_commune_that_decides(territory):
    row = fresh(commune=find_commune("02041", LAST_OLD_DAY))
    row.old_district = AdminUnit.objects.get(code="061")
    enter_cooperative(row, today=TODAY)
    assert row.old_district.code == "064"


def test_moving_to_another_commune_changes_the_place_in_both_frames_and_the_search(territory):
    row = enter_cooperative(fresh(name="HTX Mận", commune=find_commune("02041", LAST_OLD_DAY)), today=TODAY)
    enter_cooperative(row, today=TODAY, commune_code="01936")
    row.refresh_from_db()
    assert (row.old_district.code, row.new_commune.code, row.old_commune.code) == ("062", "01936", "01936")
    assert list(Cooperative.objects.search("bang phuc")) == []
    assert list(Cooperative.objects.search("na phac")) == [row]


def test_a_refused_change_leaves_the_stored_row_as_it_was():
    row = make_cooperative("HTX Đồng Phúc", tax_code="4700990014")
    row.name, row.phone = "HTX Đổi Tên", "x"
    assert list(refusal(row)) == ["phone"]
    assert Cooperative.objects.get(pk=row.pk).name == "HTX Đồng Phúc"


def test_lists_stand_in_the_order_of_the_vietnamese_alphabet():
    names = ["HTX An Bình", "Hợp tác xã Ân Tình", "Tổ hợp tác Ba Bể", "HTX Dương Quang", "HTX Đôn Phong", "HTX Đồng"]
    shuffled = names[:]
    random.Random(3).shuffle(shuffled)
    for name in shuffled:
        make_cooperative(name)
    assert [row.name for row in Cooperative.objects.all()] == names


def test_the_database_itself_refuses_a_cooperative_without_a_name_or_a_place():
    row = make_cooperative()
    with pytest.raises(IntegrityError), transaction.atomic():
        Cooperative.objects.filter(pk=row.pk).update(name="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Cooperative.objects.filter(pk=row.pk).update(old_commune=None, new_commune=None)
