"""Territory with validity in time: old and new communes, the same codes, the mapping between them."""

from collections import Counter
from datetime import date

import pytest

from cooperatives.errors import InvalidEntry
from cooperatives.models import AdminUnit, find_commune, place_of
from tests.factories import load_reference_units

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LAST_OLD_DAY = date(2025, 6, 30)
FIRST_NEW_DAY = date(2025, 7, 1)
NOT_THEN = {"commune": ["Không có xã, phường, thị trấn mang mã này vào ngày đăng ký."]}
NEVER = {"commune": ["Không có xã, phường, thị trấn mang mã này."]}


@pytest.fixture(autouse=True)
def territory(db):
    """All units of the reference file."""
    load_reference_units()


def refusal(code: str, day: date | None) -> dict[str, list[str]]:
    with pytest.raises(InvalidEntry) as refused:
        find_commune(code, day)
    return {field: [str(message) for message in messages] for field, messages in refused.value.problems.items()}


@pytest.mark.parametrize(
    ("day", "name", "above"),
    [
        (date(2000, 1, 1), "xã Bộc Bố", "huyện Pác Nặm"),
        (LAST_OLD_DAY, "xã Bộc Bố", "huyện Pác Nặm"),
        (FIRST_NEW_DAY, "xã Bằng Thành", "tỉnh Thái Nguyên"),
        (date(2026, 11, 23), "xã Bằng Thành", "tỉnh Thái Nguyên"),
        (None, "xã Bằng Thành", "tỉnh Thái Nguyên"),
    ],
)
def test_code_01864_means_the_commune_that_carried_it_on_the_day(day, name, above):
    found = find_commune("01864", day)
    assert found.full_name == name
    assert found.parent.full_name == above


def test_bang_thanh_old_and_new_are_two_units_with_two_codes():
    old, new = find_commune("01858", LAST_OLD_DAY), find_commune("01864", FIRST_NEW_DAY)
    assert old.name == new.name == "Bằng Thành"
    assert old.successor == new
    assert refusal("01858", FIRST_NEW_DAY) == NOT_THEN


def test_bang_phuc_lies_in_old_cho_don_and_in_new_dong_phuc():
    bang_phuc = find_commune("02041", date(2023, 9, 5))
    place = place_of(bang_phuc)
    assert place.commune == place.old_commune == bang_phuc
    assert place.old_district.full_name == "huyện Chợ Đồn"
    assert place.old_district.code == "064"
    assert (place.new_commune.code, place.new_commune.full_name) == ("01933", "xã Đồng Phúc")


def test_old_dong_phuc_has_the_code_of_the_new_one_and_another_district_than_bang_phuc():
    place = place_of(find_commune("01933", LAST_OLD_DAY))
    assert place.old_district.code == "061"
    assert place.new_commune == find_commune("01933", FIRST_NEW_DAY)
    assert place.new_commune != place.old_commune


@pytest.mark.parametrize("code", ["01849", "01933", "02014"])
def test_a_new_commune_across_old_borders_leaves_the_old_district_open(code):
    commune = find_commune(code, FIRST_NEW_DAY)
    place = place_of(commune)
    assert (place.commune, place.new_commune) == (commune, commune)
    assert (place.old_commune, place.old_district) == (None, None)


def test_all_other_new_communes_decide_their_old_district():
    places = {unit.code: place_of(unit) for unit in AdminUnit.objects.new_communes()}
    assert len(places) == 37
    assert {code for code, place in places.items() if place.old_district is None} == {"01849", "01933", "02014"}
    assert all(place.old_commune is None and place.new_commune.code == code for code, place in places.items())
    per_district = Counter(place.old_district.code for place in places.values() if place.old_district)
    assert per_district == {"058": 2, "060": 3, "061": 4, "062": 5, "063": 3, "064": 6, "065": 5, "066": 6}


def test_every_old_commune_decides_both_frames():
    old = AdminUnit.objects.communes().filter(valid_to=LAST_OLD_DAY).select_related("parent", "successor__parent")
    places = [place_of(unit) for unit in old]
    assert len(places) == 108
    per_district = Counter(place.old_district.code for place in places)
    assert per_district == {
        "058": 8, "060": 10, "061": 15, "062": 10, "063": 14, "064": 20, "065": 14, "066": 17,
    }  # fmt: skip
    assert {place.new_commune.pk for place in places} == {unit.pk for unit in AdminUnit.objects.new_communes()}
    assert all(place.new_commune.valid_from == FIRST_NEW_DAY for place in places)


def test_on_every_day_a_code_has_at_most_one_bearer():
    for day in (date(2022, 1, 1), LAST_OLD_DAY, FIRST_NEW_DAY, date(2026, 11, 23)):
        codes = list(AdminUnit.objects.communes().valid_on(day).values_list("code", flat=True))
        assert len(codes) == len(set(codes)) == (108 if day <= LAST_OLD_DAY else 37)


def test_a_code_that_ended_is_found_without_a_day_and_not_on_a_day_after():
    assert find_commune("02041", None).full_name == "xã Bằng Phúc"
    assert find_commune("02041", LAST_OLD_DAY).full_name == "xã Bằng Phúc"
    assert refusal("02041", FIRST_NEW_DAY) == NOT_THEN


@pytest.mark.parametrize("code", ["99999", "", "064", "19", "1864", "01864 ", "xã"])
@pytest.mark.parametrize("day", [None, LAST_OLD_DAY, FIRST_NEW_DAY])
def test_what_is_no_code_of_a_commune_is_refused(code, day):
    assert refusal(code, day) == NEVER


def test_the_level_word_tells_places_of_one_name_apart():
    names = AdminUnit.objects.filter(name="Chợ Đồn")
    assert sorted(unit.full_name for unit in names) == ["huyện Chợ Đồn", "xã Chợ Đồn"]
    assert find_commune("01843", FIRST_NEW_DAY).full_name == "phường Bắc Kạn"
    assert find_commune("02020", LAST_OLD_DAY).full_name == "thị trấn Bằng Lũng"
