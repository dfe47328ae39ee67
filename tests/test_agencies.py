"""Agencies over time: one registrar for every place and day, who was there when, the list over HTTP."""

import unicodedata
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from cooperatives.access import agencies_for
from cooperatives.agencies import agencies_on, registrar_for, registrar_of_commune
from cooperatives.choices import AgencyKind
from cooperatives.models import AdminUnit, Agency, find_commune, place_of
from htx_portal.accounts.models import Role
from tests.factories import make_commune, make_cooperative, make_founding_group, make_user
from tests.kept import put_register_reference

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LAST_OLD_DAY, FIRST_NEW_DAY = date(2025, 6, 30), date(2025, 7, 1)
FIRST, LAST = date(2020, 1, 1), date(2027, 12, 31)
BANG_PHUC = "02041"


@pytest.fixture
def reference(db):
    """The reference files as shipped."""
    put_register_reference()


def make_agency(name="Chi cục Thuế thử", **fields) -> Agency:
    """Return an agency, a tax office there since 2020 unless told otherwise."""
    fields = {"code": f"test-{Agency.objects.count()}", "kind": "tax", "valid_from": date(2020, 1, 1)} | fields
    return Agency.objects.create(name_vi=name, **fields)


def registrar_by_hand(commune: AdminUnit, day: date) -> list[str]:
    """The registrars a clerk would find by reading the whole list: each row held against place and day."""
    place = place_of(commune)
    found = []
    for agency in Agency.objects.select_related("unit"):
        here = agency.unit in (place.old_district, place.new_commune)
        ended = agency.valid_to is not None and agency.valid_to < day
        if agency.kind == "registrar" and here and agency.valid_from <= day and not ended:
            found.append(agency.code)
    return found


@pytest.mark.usefixtures("reference")
class TestEveryPlaceAndDay:
    def test_every_commune_has_exactly_one_registrar_on_every_day_from_2020_to_2027(self):
        spans = {}
        for agency in Agency.objects.filter(kind="registrar"):
            spans.setdefault(agency.unit_id, []).append((agency.valid_from, agency.valid_to or date.max))
        for commune in AdminUnit.objects.communes():
            place = place_of(commune)
            merged = place.old_commune is None
            units = [unit.pk for unit in (place.old_district, place.new_commune) if unit]
            here = sorted(span for unit in units for span in spans[unit])
            # A new commune across old borders has no registrar of its own for the days before it was there.
            start = FIRST_NEW_DAY if merged and place.old_district is None else FIRST
            day, found = start, 0
            while day <= LAST:
                found += sum(begins <= day <= ends for begins, ends in here) == 1
                day += timedelta(days=1)
            assert found == (LAST - start).days + 1, commune

    @given(data=st.data())
    def test_the_registrar_is_the_one_a_clerk_finds_in_the_list(self, data):
        communes = list(AdminUnit.objects.communes().order_by("pk"))
        commune = data.draw(st.sampled_from(communes))
        day = data.draw(st.one_of(st.dates(FIRST, LAST), st.sampled_from([FIRST, LAST_OLD_DAY, FIRST_NEW_DAY, LAST])))
        found = registrar_of_commune(commune, day)
        assert ([found.code] if found else []) == registrar_by_hand(commune, day)

    @pytest.mark.parametrize("code", ["01849", "01933", "02014"])
    def test_a_commune_across_old_borders_has_no_registrar_before_it_was_there(self, code):
        commune = find_commune(code, FIRST_NEW_DAY)
        assert registrar_of_commune(commune, LAST_OLD_DAY) is None
        assert registrar_of_commune(commune, FIRST_NEW_DAY).unit == commune

    def test_the_cooperative_of_bang_phuc_registers_in_cho_don_and_then_in_dong_phuc(self):
        row = make_cooperative(commune=find_commune(BANG_PHUC, date(2021, 3, 15)))
        assert registrar_for(row, LAST_OLD_DAY).name == "Phòng Tài chính – Kế hoạch huyện Chợ Đồn"
        assert registrar_for(row, FIRST_NEW_DAY).name == "Phòng Kinh tế xã Đồng Phúc"

    def test_a_hand_picked_old_district_gives_the_registrar_of_that_district(self):
        commune = find_commune("01933", FIRST_NEW_DAY)
        row = make_cooperative(commune=commune, registered_on=date(2025, 8, 1))
        assert registrar_for(row, LAST_OLD_DAY) is None
        row.old_district = AdminUnit.objects.get(code="064")
        assert registrar_for(row, LAST_OLD_DAY).code == "registrar-064"

    def test_a_founding_group_registers_where_its_commune_is(self):
        group = make_founding_group(commune=find_commune(BANG_PHUC, date(2023, 1, 10)))
        assert registrar_for(group, LAST_OLD_DAY).code == "registrar-064"
        assert registrar_for(group, FIRST_NEW_DAY).code == "registrar-01933"

    def test_a_ward_registers_at_the_division_of_a_ward(self):
        assert registrar_of_commune(find_commune("01840", FIRST_NEW_DAY), LAST).name == (
            "Phòng Kinh tế, Hạ tầng và Đô thị phường Đức Xuân"
        )

    def test_who_was_there_changes_with_the_day(self):
        names = {
            day: [agency.name for agency in agencies_on(day, AgencyKind.FINANCE)]
            for day in (date(2025, 2, 28), date(2025, 3, 1), LAST_OLD_DAY, FIRST_NEW_DAY)
        }
        planning, finance = "Sở Kế hoạch và Đầu tư tỉnh Bắc Kạn", "Sở Tài chính tỉnh Bắc Kạn"
        assert names == {
            date(2025, 2, 28): [planning, finance],
            date(2025, 3, 1): [finance],
            LAST_OLD_DAY: [finance],
            FIRST_NEW_DAY: ["Sở Tài chính tỉnh Thái Nguyên"],
        }
        assert Agency.objects.get(code="planning-bac-kan").successor.code == "finance-bac-kan"

    def test_the_registrar_is_found_in_one_query_where_the_place_is_at_hand(self, django_assert_num_queries):
        row = make_cooperative(commune=find_commune(BANG_PHUC, date(2021, 3, 15)))
        with django_assert_num_queries(1):
            registrar_for(row, LAST_OLD_DAY)


class TestRows:
    def test_both_ends_of_the_span_belong_to_it(self):
        row = make_agency(valid_from=date(2020, 1, 5), valid_to=date(2020, 1, 6))
        days = [date(2020, 1, day) for day in range(4, 8)]
        assert [row.was_there_on(day) for day in days] == [False, True, True, False]
        assert [list(agencies_on(day)) for day in days] == [[], [row], [row], []]

    def test_a_second_registrar_of_an_area_at_one_time_is_refused_beside_the_area(self):
        unit = make_commune().successor
        first = make_agency(kind="registrar", unit=unit, valid_from=date(2024, 1, 1), valid_to=date(2024, 12, 31))
        first.full_clean()
        second = Agency(code="x", kind="registrar", name_vi="Phòng", unit=unit, valid_from=date(2024, 12, 31))
        with pytest.raises(ValidationError) as refused:
            second.full_clean()
        assert refused.value.message_dict == {"unit": ["Địa bàn này đã có cơ quan đăng ký trong thời gian đó."]}
        second.valid_from = date(2025, 1, 1)
        second.full_clean()
        second.valid_from, second.valid_to = date(2023, 1, 1), date(2023, 12, 31)
        second.full_clean()
        second.valid_to = None
        with pytest.raises(ValidationError):
            second.full_clean()

    def test_a_registrar_without_an_area_and_a_span_turned_round_are_refused_by_the_database(self):
        for wrong in ({"kind": "registrar"}, {"valid_to": date(2019, 1, 1)}):
            with pytest.raises(IntegrityError), transaction.atomic():
                make_agency(**wrong)

    def test_an_agency_pasted_in_pieces_is_found_without_accents(self):
        row = make_agency(unicodedata.normalize("NFD", "Liên minh Hợp tác xã tỉnh Thử"))
        make_agency("Ngân hàng Thử")
        assert row.name == "Liên minh Hợp tác xã tỉnh Thử"
        assert list(Agency.objects.search("lien minh thu")) == [row]

    def test_the_english_name_is_read_in_english_where_there_is_one(self):
        row, plain = make_agency("Sở", name_en="Department"), make_agency("Quỹ")
        assert (row.name, plain.name) == ("Sở", "Quỹ")
        with translation.override("en"):
            assert (row.name, plain.name) == ("Department", "Quỹ")


class TestTheList:
    @pytest.fixture
    def rows(self):
        return [
            make_agency("Chi cục Thuế khu vực", code="old", valid_to=LAST_OLD_DAY),
            make_agency("Thuế cơ sở", code="new", valid_from=FIRST_NEW_DAY, unit=make_commune().successor),
            make_agency("Quỹ hỗ trợ", code="fund", kind="fund"),
        ]

    def client(self, role) -> APIClient:
        client = APIClient()
        client.force_authenticate(make_user(role))
        return client

    def codes(self, query="", role=Role.STAFF):
        answer = self.client(role).get(f"/api/v1/agencies/{query}")
        assert answer.status_code == 200
        return [row["code"] for row in answer.json()["results"]]

    @pytest.mark.parametrize(
        ("query", "codes"),
        [
            ("", ["fund", "old", "new"]),
            ("?on=2025-06-30", ["fund", "old"]),
            ("?on=01/07/2025", ["fund", "new"]),
            ("?kind=tax", ["old", "new"]),
            ("?q=thue co so", ["new"]),
            ("?on=2025-06-30&kind=tax&q=khu vuc", ["old"]),
            ("?unit=01933", ["new"]),
        ],
    )
    def test_it_is_narrowed_by_day_kind_area_and_words(self, rows, query, codes):
        assert self.codes(query) == codes

    @pytest.mark.parametrize("query", ["?on=30-30-2025", "?kind=nothing", "?on=2023-02-29"])
    def test_a_filter_that_cannot_be_read_is_told_by_name(self, rows, query):
        answer = self.client(Role.STAFF).get(f"/api/v1/agencies/{query}")
        assert (answer.status_code, list(answer.json())) == (400, [query[1:].split("=")[0]])

    def test_one_row_says_everything(self, rows):
        answer = self.client(Role.MANAGER).get("/api/v1/agencies/?kind=tax&on=2025-07-01")
        (row,) = answer.json()["results"]
        assert row == {
            "id": rows[1].pk, "code": "new", "kind": "tax", "name": "Thuế cơ sở", "name_vi": "Thuế cơ sở",
            "name_en": "", "unit": "01933", "unit_name": "xã Đồng Phúc", "valid_from": "2025-07-01",
            "valid_to": None, "successor": None, "phone": "", "legal_document": "", "article": "",
            "confidence": "U", "note": "",
        }  # fmt: skip

    def test_only_those_who_review_read_it(self, rows):
        assert self.codes(role=Role.MANAGER) == self.codes(role=Role.ADMIN) == ["fund", "old", "new"]
        assert self.client(Role.COOPERATIVE).get("/api/v1/agencies/").status_code == 403
        assert APIClient().get("/api/v1/agencies/").status_code == 401
        assert list(agencies_for(make_user(Role.COOPERATIVE))) == []

    def test_nobody_writes_it(self, rows):
        client = self.client(Role.ADMIN)
        assert client.post("/api/v1/agencies/", {"code": "x"}, format="json").status_code == 405

    def test_it_costs_the_same_for_one_row_and_for_ten(self, django_assert_num_queries):
        client = self.client(Role.STAFF)
        for more in (1, 9):
            for _ in range(more):
                make_agency(unit=make_commune().successor)
            with django_assert_num_queries(2):
                client.get("/api/v1/agencies/")
