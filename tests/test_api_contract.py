"""The API keeps its contract: names, shapes, codes; the same rules and the same rows as the pages."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from cooperatives.models import Cooperative
from htx_portal.accounts.models import Role
from support_cases.models import Case, ChecklistRule, Consultation, ConsultationTopic, FollowUp
from tests.factories import (
    PASSWORD,
    load_reference_units,
    make_case,
    make_consultation,
    make_cooperative,
    make_founding_group,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def signed_in(user) -> APIClient:
    """A client that carries the token of ``user``, got as a program gets it."""
    client = APIClient()
    answer = client.post("/api/v1/auth/token/", {"username": user.username, "password": PASSWORD}, format="json")
    client.credentials(HTTP_AUTHORIZATION=f"Token {answer.json()['token']}")
    return client


@pytest.fixture
def staff():
    return signed_in(make_user(Role.STAFF))


def entry(cooperative, **changes) -> dict:
    """What a program sends to record a lượt."""
    return {
        "client_id": str(uuid4()),
        "cooperative": cooperative.pk,
        "held_on": "2023-09-05",
        "channel": "phone",
        "topics": ["loan", "tax"],
        "cases": [],
        "question": "Hỏi về vốn vay.",
        "advice": "Hướng dẫn lập phương án.",
        "outcome": "answered",
        "follow_up_on": None,
    } | changes


class TestTokens:
    def test_a_token_opens_the_api_until_it_is_revoked(self):
        client = signed_in(make_user())
        assert client.get("/api/v1/cases/").status_code == 200
        assert client.post("/api/v1/auth/token/revoke/").status_code == 204
        answer = client.get("/api/v1/cases/")
        assert (answer.status_code, list(answer.json())) == (401, ["detail"])

    def test_a_wrong_password_gives_400_with_a_message(self):
        make_user(username="an")
        answer = APIClient().post("/api/v1/auth/token/", {"username": "an", "password": "x"}, format="json")
        assert (answer.status_code, list(answer.json())) == (400, ["non_field_errors"])

    def test_a_demo_account_has_no_token_and_its_old_one_is_dead_while_the_demo_is_off(self, settings):
        user = make_user(is_demo=True)
        settings.DEMO = True
        client = signed_in(user)
        assert client.get("/api/v1/cases/").status_code == 200
        settings.DEMO = False
        assert client.get("/api/v1/cases/").status_code == 401
        asked = {"username": user.username, "password": PASSWORD}
        assert APIClient().post("/api/v1/auth/token/", asked, format="json").status_code == 400


class TestCooperatives:
    def test_kind_name_and_commune_are_enough(self, staff):
        load_reference_units()
        answer = staff.post(
            "/api/v1/cooperatives/", {"name": "Hợp tác xã Mới", "kind": "htx", "commune": "02041"}, format="json"
        )
        assert answer.status_code == 201
        body = answer.json()
        found = {name: body[name] for name in ("name", "kind", "commune", "old_commune", "new_commune", "district")}
        assert found == {
            "name": "Hợp tác xã Mới", "kind": "htx", "commune": "02041", "old_commune": "02041",
            "new_commune": "01933", "district": "064",
        }  # fmt: skip
        assert staff.get(f"/api/v1/cooperatives/{body['id']}/").json() == body

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "   "}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"kind": "company"}, "kind"),
            ({"commune": "99999"}, "commune"),
            ({"commune": ""}, "commune"),
            ({"registered_on": "2025-08-01"}, "commune"),
            ({"registered_on": "31/02/2023"}, "registered_on"),
            ({"registered_on": "2999-01-01"}, "registered_on"),
            ({"tax_code": "12345"}, "tax_code"),
            ({"phone": "gọi sau"}, "phone"),
            ({"phone": "123"}, "phone"),
            ({"email": "không phải thư"}, "email"),
            ({"members": -1}, "members"),
            ({"members": "năm"}, "members"),
            ({"charter_capital": 10**16}, "charter_capital"),
            ({"status": "sleeping"}, "status"),
            ({"district": "999"}, "district"),
        ],
    )
    @pytest.mark.once
    def test_what_cannot_be_right_is_refused_beside_its_field_and_nothing_is_written(self, staff, change, field):
        load_reference_units()
        body = {"name": "Hợp tác xã Mới", "kind": "htx", "commune": "02041"} | change
        answer = staff.post("/api/v1/cooperatives/", body, format="json")
        assert (answer.status_code, list(answer.json())) == (400, [field])
        assert all(isinstance(message, str) for message in answer.json()[field])
        assert Cooperative.objects.count() == 0

    def test_a_tax_code_already_in_the_register_is_refused(self, staff):
        make_cooperative(tax_code="4700990014")
        load_reference_units()
        body = {"name": "Hợp tác xã Khác", "kind": "htx", "commune": "02041", "tax_code": "4700990014"}
        answer = staff.post("/api/v1/cooperatives/", body, format="json")
        assert (answer.status_code, list(answer.json())) == (400, ["tax_code"])

    def test_a_doubtful_check_digit_is_a_warning_and_not_a_refusal(self, staff):
        load_reference_units()
        body = {"name": "Hợp tác xã Mới", "kind": "htx", "commune": "02041", "tax_code": "4700990015"}
        answer = staff.post("/api/v1/cooperatives/", body, format="json")
        assert answer.status_code == 201
        assert answer.json()["warnings"] == ["Mã số thuế có thể gõ sai: chữ số kiểm tra không khớp."]

    def test_a_change_of_the_phone_leaves_everything_else(self, staff):
        row = make_cooperative(representative="Triệu Thị Thử")
        answer = staff.patch(f"/api/v1/cooperatives/{row.pk}/", {"phone": "+84 912 345 678"}, format="json")
        assert answer.status_code == 200
        row.refresh_from_db()
        assert (row.phone, row.representative, row.old_district.code) == ("0912345678", "Triệu Thị Thử", "061")

    def test_a_cooperative_that_moves_counts_in_its_new_district(self, staff):
        load_reference_units()
        pk = staff.post(
            "/api/v1/cooperatives/", {"name": "Hợp tác xã Dời", "kind": "htx", "commune": "02041"}, format="json"
        ).json()["id"]
        url = f"/api/v1/cooperatives/{pk}/"
        moved = staff.patch(url, {"commune": "02191", "registered_on": "2020-01-01"}, format="json").json()
        assert (moved["commune"], moved["district"], moved["new_commune"]) == ("02191", "066", "02191")
        # Đồng Phúc of 2025 was merged from two districts, so nobody but a person knows which is meant.
        crossing = {"commune": "01933", "registered_on": "2025-08-01"}
        assert staff.patch(url, crossing, format="json").json()["district"] is None
        wrong = staff.patch(url, crossing | {"district": "066"}, format="json")
        assert (wrong.status_code, list(wrong.json())) == (400, ["district"])
        assert staff.patch(url, crossing | {"district": "064"}, format="json").json()["district"] == "064"

    def test_words_without_accents_tax_code_phone_and_both_communes_find_the_cooperative(self, staff):
        load_reference_units()
        body = {
            "name": "Hợp tác xã Đồng Phúc", "kind": "htx", "commune": "02041", "tax_code": "4700990014",
            "phone": "0912345678", "representative": "Hoàng A Páo",
        }  # fmt: skip
        pk = staff.post("/api/v1/cooperatives/", body, format="json").json()["id"]
        make_cooperative("Hợp tác xã Khác Hẳn", commune=Cooperative.objects.get().commune.parent.children.last())
        for words in ("hop tac xa dong phuc", "4700990014", "0912 345 678", "a pao", "bang phuc"):
            found = staff.get("/api/v1/cooperatives/", {"q": words}).json()
            assert [row["id"] for row in found["results"]] == [pk], words

    def test_places_as_the_portal_prints_them_and_kinds_written_short_find_the_cooperative(self, staff):
        load_reference_units()
        body = {"name": "Tổ hợp tác Nà Duồng", "kind": "tht", "commune": "02041"}
        printed = staff.post("/api/v1/cooperatives/", body, format="json").json()
        district = Cooperative.objects.get().old_district.full_name
        assert (printed["commune_name"], district) == ("xã Bằng Phúc", "huyện Chợ Đồn")
        for words in (
            printed["commune_name"],
            district,
            f"{printed['name']}, {district}",
            "THT Nà Duồng",
            "TỔ HỢP TÁC",
        ):
            assert staff.get("/api/v1/cooperatives/", {"q": words}).json()["count"] == 1, words
        staff.patch(f"/api/v1/cooperatives/{printed['id']}/", {"name": "THT Nà Duồng"}, format="json")
        assert staff.get("/api/v1/cooperatives/", {"q": "Tổ hợp tác Nà Duồng"}).json()["count"] == 1

    def test_a_cooperative_without_a_day_of_registration_is_last_both_ways(self, staff):
        for name, day in (("Sau", date(2022, 5, 5)), ("Chưa rõ", None), ("Trước", date(2020, 1, 1))):
            make_cooperative(f"Hợp tác xã {name}", registered_on=day)

        def ordered(by: str) -> list[str]:
            rows = staff.get("/api/v1/cooperatives/", {"ordering": by}).json()["results"]
            return [row["name"].removeprefix("Hợp tác xã ") for row in rows]

        assert ordered("registered_on") == ["Trước", "Sau", "Chưa rõ"]
        assert ordered("-registered_on") == ["Sau", "Trước", "Chưa rõ"]
        assert ordered("-name") == ["Trước", "Sau", "Chưa rõ"]

    def test_no_value_is_an_empty_one_where_the_register_holds_text(self, staff):
        load_reference_units()
        nothing = dict.fromkeys(("phone", "representative", "short_name", "certificate_no", "address", "email"))
        body = {"name": "Hợp tác xã Mới", "kind": "htx", "commune": "02041"} | nothing
        made = staff.post("/api/v1/cooperatives/", body, format="json")
        assert made.status_code == 201
        url = f"/api/v1/cooperatives/{made.json()['id']}/"
        staff.patch(url, {"phone": "0912345678"}, format="json")
        changed = staff.patch(url, {"phone": None, "main_activity": None}, format="json")
        assert (changed.status_code, changed.json()["phone"]) == (200, "")
        refused = staff.patch(url, {"name": None}, format="json")
        assert (refused.status_code, list(refused.json())) == (400, ["name"])

    def test_a_filter_that_cannot_be_read_is_an_error_with_its_name(self, staff):
        for name, value in (("kind", "x"), ("status", "x"), ("ocop_stars", "9"), ("congress_due_before", "mai")):
            answer = staff.get("/api/v1/cooperatives/", {name: value})
            assert (answer.status_code, list(answer.json())) == (400, [name])


class TestCases:
    def test_a_case_is_opened_with_typed_details_and_read_by_its_reference(self, staff):
        party = make_cooperative()
        body = {
            "cooperative": party.pk, "topic": "loan", "title": "Vay vốn mua máy sấy",
            "details": {"requested": 350_000_000, "lender": "vbsp"},
        }  # fmt: skip
        answer = staff.post("/api/v1/cases/", body, format="json")
        assert answer.status_code == 201
        case = answer.json()
        today = timezone.localdate()
        assert case["reference"] == f"TCT-{today:%y%m%d}-0001"
        told = {name: case["details"][name] for name in ("lender", "requested", "purpose")}
        assert told == {"lender": "vbsp", "requested": 350_000_000, "purpose": ""}
        assert staff.get(f"/api/v1/cases/{case['reference']}/").json() == case

    @pytest.mark.parametrize(
        "details", [{"requested": "nhiều"}, {"requested": -1}, {"lender": "bạn bè"}, {"màu": "đỏ"}, ["x"], "x", 5]
    )
    @pytest.mark.once
    def test_details_that_do_not_fit_the_topic_are_refused_and_nothing_is_written(self, staff, details):
        body = {"cooperative": make_cooperative().pk, "topic": "loan", "title": "Vay", "details": details}
        answer = staff.post("/api/v1/cases/", body, format="json")
        assert (answer.status_code, list(answer.json())) == (400, ["details"])
        assert Case.objects.count() == 0

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"topic": "weather"}, "topic"),
            ({"title": " "}, "title"),
            ({"cooperative": 10**30}, "cooperative"),
            ({"cooperative": None}, "cooperative"),
            ({"opened_on": "2999-01-01"}, "opened_on"),
            ({"due_on": "2001-01-01"}, "due_on"),
            ({"officer": 999_999}, "officer"),
        ],
    )
    def test_a_wrong_field_is_refused_by_its_name(self, staff, change, field):
        body = {"cooperative": make_cooperative().pk, "topic": "tax", "title": "Kê khai"} | change
        answer = staff.post("/api/v1/cases/", body, format="json")
        assert (answer.status_code, list(answer.json())) == (400, [field])
        assert Case.objects.count() == 0

    def test_only_staff_see_the_secret(self):
        cooperative = make_cooperative()
        case = make_case(cooperative)
        seen = {}
        for role in Role.values:
            user = make_user(role, cooperative=cooperative if role == Role.COOPERATIVE else None)
            client = signed_in(user)
            one = client.get(f"/api/v1/cases/{case.reference}/").json()
            many = client.get("/api/v1/cases/").json()["results"][0]
            seen[role] = ("secret" in one, "secret" in many)
        assert seen == {
            "staff": (True, True), "manager": (False, False), "cooperative": (False, False), "admin": (False, False),
        }  # fmt: skip

    def test_a_step_answers_with_the_case_and_a_refused_one_with_problems_in_words(self, staff):
        case = make_case()
        url = f"/api/v1/cases/{case.reference}/steps/"
        answer = staff.post(url, {"step": "start", "note": "", "version": 1}, format="json")
        assert (answer.status_code, answer.json()["status"], answer.json()["version"]) == (200, "advising", 2)
        again = staff.post(url, {"step": "start", "note": "", "version": 2}, format="json")
        assert (again.status_code, again.json()["problems"]) == (
            409, ["Không thể “Bắt đầu tư vấn” khi hồ sơ đang ở trạng thái “Đang tư vấn”."],
        )  # fmt: skip
        stale = staff.post(url, {"step": "withdraw", "note": "HTX đổi ý", "version": 1}, format="json")
        assert stale.status_code == 409
        case.refresh_from_db()
        assert (case.status, case.version, case.events.count()) == ("advising", 2, 2)

    def test_missing_papers_stand_in_the_way_by_name(self, staff):
        ChecklistRule.objects.create(
            topic="tax", code="return", label_vi="Tờ khai thuế", valid_from=date(2000, 1, 1), required=True
        )
        case = make_case(topic="tax")
        url = f"/api/v1/cases/{case.reference}/steps/"
        staff.post(url, {"step": "start"}, format="json")
        answer = staff.post(url, {"step": "complete"}, format="json")
        assert (answer.status_code, answer.json()["problems"]) == (409, ["Còn thiếu giấy tờ: Tờ khai thuế."])

    def test_the_history_lists_what_happened_in_order(self, staff):
        case = make_case()
        staff.post(f"/api/v1/cases/{case.reference}/steps/", {"step": "start", "note": "Gọi điện"}, format="json")
        body = staff.get(f"/api/v1/cases/{case.reference}/history/").json()
        assert [(row["step"], row["to_status"], row["note"]) for row in body["results"]] == [
            ("open", "new", ""),
            ("start", "advising", "Gọi điện"),
        ]

    def test_a_change_with_a_stale_version_is_refused_and_a_fresh_one_is_written(self, staff):
        case = make_case(topic="loan")
        url = f"/api/v1/cases/{case.reference}/"
        fresh = staff.patch(url, {"title": "Tên mới", "details": {"purpose": "Máy sấy"}, "version": 1}, format="json")
        assert (fresh.status_code, fresh.json()["title"], fresh.json()["version"]) == (200, "Tên mới", 2)
        assert fresh.json()["details"]["purpose"] == "Máy sấy"
        assert staff.patch(url, {"title": "Tên cũ", "version": 1}, format="json").status_code == 409
        case.refresh_from_db()
        assert case.title == "Tên mới"

    def test_the_overdue_filter_splits_the_cases_in_two(self, staff):
        today = timezone.localdate()
        long_ago = today - timedelta(days=30)
        late = make_case(today=today, opened_on=long_ago, due_on=today - timedelta(days=1))
        make_case(today=today, opened_on=long_ago, due_on=today)
        assert [row["reference"] for row in staff.get("/api/v1/cases/?overdue=true").json()["results"]] == [
            late.reference
        ]
        assert staff.get("/api/v1/cases/?overdue=false").json()["count"] == 1

    def test_overdue_is_yes_or_no_and_any_other_word_is_refused(self, staff):
        make_case()
        asked = {
            word: staff.get("/api/v1/cases/", {"overdue": word})
            for word in ("true", "FALSE", "1", "0", "", "x", "vang")
        }
        assert {word: answer.status_code for word, answer in asked.items()} == {
            "true": 200, "FALSE": 200, "1": 200, "0": 200, "": 200, "x": 400, "vang": 400,
        }  # fmt: skip
        assert [asked[word].json()["count"] for word in ("true", "FALSE", "1", "0", "")] == [0, 1, 0, 1, 1]
        said = staff.get("/api/v1/cases/", {"status": "x"}).json()["status"]
        assert asked["x"].json() == {"overdue": said}


class TestConsultations:
    def test_an_entry_is_recorded_once_however_often_it_is_sent(self, staff):
        cooperative = make_cooperative()
        case = make_case(cooperative, topic="loan")
        body = entry(cooperative, cases=[case.reference], follow_up_on="2023-09-12")
        first = staff.post("/api/v1/consultations/", body, format="json")
        again = staff.post("/api/v1/consultations/", body, format="json")
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert (Consultation.objects.count(), ConsultationTopic.objects.count(), FollowUp.objects.count()) == (1, 2, 1)
        assert {name: first.json()[name] for name in ("topics", "cases", "held_on", "follow_up_on")} == {
            "topics": ["loan", "tax"], "cases": [case.reference], "held_on": "2023-09-05",
            "follow_up_on": "2023-09-12",
        }  # fmt: skip

    def test_a_repeat_answers_as_the_first_did_in_whatever_order_topics_and_cases_were_sent(self, staff):
        party = make_cooperative()
        cases = [make_case(party, topic=topic).reference for topic in ("tax", "ocop")]
        sent = entry(party, topics=["tax", "ocop", "loan"], cases=cases[::-1])
        first = staff.post("/api/v1/consultations/", sent, format="json")
        again = staff.post("/api/v1/consultations/", sent, format="json")
        assert (first.status_code, again.status_code) == (201, 200)
        assert (first.json()["topics"], first.json()["cases"]) == (["loan", "ocop", "tax"], cases)
        assert first.json() == again.json()
        assert staff.get("/api/v1/consultations/").json()["results"] == [first.json()]

    def test_the_same_id_with_another_body_is_a_conflict(self, staff):
        body = entry(make_cooperative())
        staff.post("/api/v1/consultations/", body, format="json")
        answer = staff.post("/api/v1/consultations/", body | {"question": "Chuyện khác"}, format="json")
        assert (answer.status_code, Consultation.objects.get().question) == (409, "Hỏi về vốn vay.")
        assert "detail" in answer.json()

    def test_the_fifth_of_september_is_not_the_ninth_of_may(self, staff):
        answer = staff.post("/api/v1/consultations/", entry(make_cooperative(), held_on="05/09/2023"), format="json")
        assert answer.json()["held_on"] == "2023-09-05"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"held_on": "2999-01-01"}, "held_on"),
            ({"held_on": "2021-03-14"}, "held_on"),
            ({"held_on": "1023-09-05"}, "held_on"),
            ({"held_on": "2023-02-30"}, "held_on"),
            ({"held_on": None}, "held_on"),
            ({"question": ""}, "question"),
            ({"question": " \u200b\n"}, "question"),
            ({"question": "a\x00b"}, "question"),
            ({"question": "x" * 10_001}, "question"),
            ({"question": ["x"]}, "question"),
            ({"advice": "x" * 10_001}, "advice"),
            ({"topics": []}, "topics"),
            ({"topics": ["weather"]}, "topics"),
            ({"topics": "loan"}, "topics"),
            ({"topics": [{}]}, "topics"),
            ({"channel": "fax"}, "channel"),
            ({"outcome": "won"}, "outcome"),
            ({"cases": ["TCT-230905-9999"]}, "cases"),
            ({"cases": [["x"]]}, "cases"),
            ({"cooperative": 999_999}, "cooperative"),
            ({"cooperative": None}, "cooperative"),
            ({"cooperative": "x"}, "cooperative"),
            ({"client_id": "x"}, "client_id"),
            ({"client_id": None}, "client_id"),
            ({"follow_up_on": "2023-09-04"}, "follow_up_on"),
            ({"follow_up_on": "2203-09-12"}, "follow_up_on"),
        ],
    )
    @pytest.mark.once
    def test_a_wrong_entry_is_refused_beside_its_field_and_nothing_is_written(self, staff, change, field):
        answer = staff.post("/api/v1/consultations/", entry(make_cooperative()) | change, format="json")
        assert (answer.status_code, list(answer.json())) == (400, [field])
        assert all(isinstance(message, str) for message in answer.json()[field])
        assert (Consultation.objects.count(), ConsultationTopic.objects.count(), FollowUp.objects.count()) == (0, 0, 0)

    def test_a_case_of_another_cooperative_is_refused(self, staff):
        foreign = make_case(make_cooperative())
        body = entry(make_cooperative(), cases=[foreign.reference])
        answer = staff.post("/api/v1/consultations/", body, format="json")
        assert (answer.status_code, list(answer.json())) == (400, ["cases"])

    def test_a_founding_group_is_recorded_in_place_of_a_cooperative_and_never_beside_one(self, staff):
        group = make_founding_group()
        body = entry(make_cooperative()) | {"founding_group": group.pk}
        assert staff.post("/api/v1/consultations/", body, format="json").status_code == 400
        alone = body | {"cooperative": None}
        assert staff.post("/api/v1/consultations/", alone, format="json").json()["founding_group"] == group.pk

    def test_filters_find_exactly_the_entries_they_name(self, staff):
        one, two = make_cooperative(), make_cooperative()
        officer = make_user()
        wanted = make_consultation(one, by=officer, held_on=date(2023, 9, 5), channel="zalo", topics=["loan", "tax"])
        make_consultation(one, held_on=date(2023, 9, 6), topics=["ocop"])
        make_consultation(two, held_on=date(2023, 9, 4), channel="zalo", topics=["ocop"])
        for query in (
            {"held_from": "2023-09-05", "held_to": "2023-09-05"},
            {"topic": "loan"},
            {"cooperative": one.pk, "channel": "zalo"},
            {"officer": officer.pk},
        ):
            body = staff.get("/api/v1/consultations/", query).json()
            assert ([row["id"] for row in body["results"]], body["count"]) == ([wanted.pk], 1), query


class TestRoles:
    def test_who_may_not_write_gets_403_and_nothing_is_written(self):
        cooperative = make_cooperative()
        case = make_case(cooperative)
        for role in (Role.MANAGER, Role.COOPERATIVE):
            client = signed_in(make_user(role, cooperative=cooperative if role == Role.COOPERATIVE else None))
            for method, url, body in (
                ("post", "/api/v1/consultations/", entry(cooperative)),
                ("post", "/api/v1/cases/", {"cooperative": cooperative.pk, "topic": "tax", "title": "x"}),
                ("patch", f"/api/v1/cases/{case.reference}/", {"title": "x"}),
                ("post", f"/api/v1/cases/{case.reference}/steps/", {"step": "start"}),
                ("post", "/api/v1/cooperatives/", {"name": "x", "kind": "htx", "commune": "02041"}),
                ("patch", f"/api/v1/cooperatives/{cooperative.pk}/", {"phone": "0912345678"}),
            ):
                answer = getattr(client, method)(url, body, format="json")
                assert (answer.status_code, list(answer.json())) == (403, ["detail"]), (role, url)
        case.refresh_from_db()
        assert (Consultation.objects.count(), Case.objects.count(), case.version) == (0, 1, 1)

    def test_a_cooperative_sees_its_own_rows_on_every_door_and_no_others(self):
        mine, other = make_cooperative(), make_cooperative()
        my_case, other_case = make_case(mine), make_case(other)
        my_entry, other_entry = make_consultation(mine), make_consultation(other)
        client = signed_in(make_user(Role.COOPERATIVE, cooperative=mine))
        for url, key, own in (
            ("/api/v1/cooperatives/", "id", mine.pk),
            ("/api/v1/cases/", "reference", my_case.reference),
            ("/api/v1/consultations/", "id", my_entry.pk),
        ):
            assert [row[key] for row in client.get(url).json()["results"]] == [own]
        for url in (
            f"/api/v1/cooperatives/{other.pk}/",
            f"/api/v1/cases/{other_case.reference}/",
            f"/api/v1/cases/{other_case.reference}/history/",
            f"/api/v1/consultations/{other_entry.pk}/",
        ):
            assert client.get(url).status_code == 404, url

    def test_nobody_signed_in_gets_401_everywhere_but_at_the_public_doors(self):
        client = APIClient()
        for url in ("cooperatives/", "cases/", "consultations/", "reports/served/", "cases/X/", "cases/X/history/"):
            answer = client.get(f"/api/v1/{url}")
            assert (answer.status_code, list(answer.json())) == (401, ["detail"]), url
        assert client.get("/api/v1/schema/").status_code == 200
        assert client.get("/api/v1/docs/").status_code == 200

    def test_reports_are_for_those_who_review(self):
        codes = {role: signed_in(make_user(role)).get("/api/v1/reports/served/").status_code for role in Role.values}
        assert codes == {"staff": 200, "manager": 200, "cooperative": 403, "admin": 200}


class TestServed:
    def test_the_report_has_the_shape_and_the_numbers_of_the_contract(self, staff):
        load_reference_units()
        cooperative = make_cooperative()
        officer = make_user()
        make_consultation(cooperative, by=officer, held_on=date(2023, 1, 5), channel="zalo", topics=["loan", "tax"])
        make_consultation(cooperative, by=officer, held_on=date(2023, 2, 5), channel="zalo", topics=["loan"])
        make_consultation(cooperative, by=officer, held_on=date(2022, 2, 5), channel="zalo", topics=["loan"])
        make_consultation(make_founding_group(), by=officer, held_on=date(2023, 2, 5), topics=["registration"])
        body = staff.get("/api/v1/reports/served/?from=2023-01&to=2023-02&calendar=month&frame=2022").json()
        assert set(body) == {
            "period", "rule", "frame", "totals", "by_month", "by_topic", "by_unit", "by_channel", "by_officer",
            "same_period_last_year", "closed", "as_of",
        }  # fmt: skip
        assert body["period"] == {
            "calendar": "month", "from": "2023-01-01", "to": "2023-02-28", "complete": True,
            "label": "2 tháng đầu năm 2023 (01/01/2023 – 28/02/2023)",
        }  # fmt: skip
        assert body["totals"] == {"consultations": 2, "cooperatives": 1, "first_time": 1, "founding_groups": 1}
        assert body["by_month"] == [
            {"month": "2023-01", "consultations": 1, "cooperatives": 1},
            {"month": "2023-02", "consultations": 1, "cooperatives": 1},
        ]
        topics = {line["topic"]: (line["consultations"], line["cooperatives"]) for line in body["by_topic"]}
        assert topics == {
            "registration": (0, 0), "business_lines": (0, 0), "term_congress": (0, 0), "ocop": (0, 0),
            "loan": (2, 1), "tax": (1, 1), "human_resources": (0, 0), "trade_promotion": (0, 0),
        }  # fmt: skip
        served = {line["unit"]: line["consultations"] for line in body["by_unit"] if line["consultations"]}
        assert (len(body["by_unit"]), served) == (8, {"061": 2})
        assert [(line["officer"], line["consultations"]) for line in body["by_officer"]] == [(officer.pk, 2)]
        assert body["same_period_last_year"] == {"consultations": 1, "cooperatives": 1, "change_percent": 100.0}
        assert body["closed"] is False

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("from=2023-13", "from"),
            ("from=hôm+qua", "from"),
            ("from=2023-08&to=2023-01", "to"),
            ("from=1991-01&to=2023-01", "to"),
            ("calendar=lunar", "calendar"),
            ("frame=1997", "frame"),
            ("as_of=30/02/2023", "as_of"),
        ],
    )
    def test_a_question_that_cannot_be_read_is_refused_by_its_name(self, staff, query, field):
        answer = staff.get(f"/api/v1/reports/served/?{query}")
        assert (answer.status_code, list(answer.json())) == (400, [field])


class TestReportTables:
    @pytest.mark.parametrize(("as_of", "complete"), [("2023-08-30", False), ("2023-08-31", True), ("", True)])
    @pytest.mark.parametrize("code", ["served", "flow"])
    def test_a_period_is_complete_when_its_last_day_was_over_in_what_is_known(self, staff, code, as_of, complete):
        body = staff.get(f"/api/v1/reports/{code}/?period=2023-08&as_of={as_of}").json()
        assert (body["period"]["to"], body["period"]["complete"]) == ("2023-08-31", complete)


class TestStatus:
    def test_the_answer_holds_exactly_the_public_face(self):
        case = make_case(topic="loan", title="Vay cho ông Nguyễn Văn Bí Mật")
        answer = APIClient().post("/api/v1/status/", {"code": case.reference, "secret": case.secret}, format="json")
        assert answer.status_code == 200
        assert answer.json() == {
            "reference": case.reference,
            "topic": "loan",
            "status": "new",
            "status_label": "Đã tiếp nhận yêu cầu",
            "stage": "Đã tiếp nhận yêu cầu",
            "next_step": "Cán bộ của tổ công tác sẽ liên hệ với HTX.",
            "missing": [],
            "appointment": None,
            "updated_on": timezone.localdate().isoformat(),
        }

    def test_a_wrong_code_and_a_wrong_secret_are_one_and_the_same(self):
        case = make_case()
        client = APIClient()
        wrong_secret = client.post("/api/v1/status/", {"code": case.reference, "secret": "AAAAAAAAAA"}, format="json")
        wrong_code = client.post("/api/v1/status/", {"code": "TCT-990101-0001", "secret": case.secret}, format="json")
        assert (wrong_secret.status_code, wrong_code.status_code) == (404, 404)
        assert wrong_secret.content == wrong_code.content

    def test_code_and_secret_are_wanted(self):
        answer = APIClient().post("/api/v1/status/", {}, format="json")
        assert (answer.status_code, sorted(answer.json())) == (400, ["code", "secret"])


class TestStrangeBodies:
    @pytest.mark.parametrize(
        ("raw", "content_type", "code"),
        [
            (b"{", "application/json", 400),
            (b"\xff\xfe", "application/json", 400),
            (b"[" * 100_000, "application/json", 400),
            (b'{"code": NaN}', "application/json", 400),
            (b'{"code": "\\ud800", "secret": "x"}', "application/json", 400),
            (b"[]", "application/json", 400),
            (b"null", "application/json", 400),
            (b"code=x", "application/x-www-form-urlencoded", 415),
            (b"<x/>", "text/xml", 415),
            (b" " * (2 * 1024 * 1024 + 1), "application/json", 413),
        ],
    )
    @pytest.mark.once
    def test_a_body_that_cannot_be_read_gets_its_code_and_words(self, raw, content_type, code):
        answer = APIClient().post("/api/v1/status/", raw, content_type=content_type)
        assert answer.status_code == code
        assert isinstance(json.loads(answer.content), dict)

    def test_a_method_that_is_not_offered_is_405_and_an_unknown_address_404_in_json(self, staff):
        assert staff.delete("/api/v1/cases/").status_code == 405
        answer = staff.get("/api/v1/nowhere/")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Không tìm thấy."})

    def test_a_page_too_far_is_404_and_a_page_size_is_bounded(self, staff):
        make_case()
        assert staff.get("/api/v1/cases/?page=2").status_code == 404
        assert staff.get("/api/v1/cases/?page_size=100000").json()["count"] == 1


@pytest.mark.once
def test_the_openapi_document_validates_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))
