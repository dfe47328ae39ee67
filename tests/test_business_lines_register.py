"""Lines in the register: what VSIC 2025 proposes, the type-ahead, the page of a cooperative, the API."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cooperatives.lines import find_lines, proposals_for, understood
from cooperatives.models import ConditionalLine, LegalRule, VsicChange, VsicLine, version_on
from htx_portal.accounts.models import Role
from tests.factories import make_cooperative, make_user
from tests.kept import put_register_reference

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BEFORE, SINCE = date(2025, 11, 14), date(2025, 11, 15)
BEGAN = date(2021, 3, 15)


@pytest.fixture(autouse=True)
def reference(db):
    """The shipped reference data."""
    put_register_reference()


def line(code, version="2018"):
    return VsicLine.objects.get(version=version, code=code)


def with_lines(*codes, cooperative=None):
    """A cooperative with lines of 2018, the first being the main one."""
    row = cooperative or make_cooperative()
    for place, code in enumerate(codes):
        row.business_lines.create(line=line(code), is_main=place == 0, valid_from=BEGAN)
    return row


def proposed(*codes, day=SINCE):
    """For each line of 2018 its kind and the codes it may move to."""
    found = proposals_for(with_lines(*codes), day)
    return {p.present.line.code: (p.kind.value, [target.code for target in p.targets]) for p in found}


# Proposals


@pytest.mark.parametrize(
    ("code", "kind", "targets"),
    [
        ("0111", "same", ["0111"]),
        ("0131", "merged", ["0130"]),
        ("0232", "merged", ["0230"]),
        ("1104", "changed", ["1105"]),
        ("4661", "changed", ["4671"]),
        ("4662", "changed", ["4672"]),
        ("4663", "changed", ["4673"]),
        ("4669", "changed", ["4679"]),
        ("5510", "split", ["5510", "5520"]),
        ("3600", "unknown", []),
        ("0810", "unknown", []),
    ],
)
def test_each_line_of_2018_has_its_proposal(code, kind, targets):
    assert proposed(code) == {code: (kind, targets)}


def test_nothing_is_proposed_before_the_new_classification_and_nothing_for_its_own_lines():
    assert proposed("1104", day=BEFORE) == {}
    cooperative = make_cooperative()
    cooperative.business_lines.create(line=line("1105", "2025"), valid_from=SINCE)
    assert proposals_for(cooperative, SINCE) == []


def test_the_day_comes_from_the_rule_and_not_from_the_code():
    LegalRule.objects.filter(key="vsic.version", value="2018").update(valid_to="2025-12-31")
    LegalRule.objects.filter(key="vsic.version", value="2025").update(valid_from="2026-01-01")
    assert (version_on(date(2025, 12, 31)), version_on(date(2026, 1, 1))) == ("2018", "2025")
    assert proposed("1104", day=date(2025, 12, 31)) == {}


def test_a_rule_nobody_can_read_proposes_nothing():
    LegalRule.objects.filter(key="vsic.version", value="2025").update(value="hai nghìn")
    assert proposed("1104") == {}


def test_the_same_digits_with_another_meaning_are_no_proposal():
    """What is 1104 in 2025 is malt: without the known change a person has to look, and is told the trap."""
    VsicChange.objects.filter(from_code="1104").delete()
    (found,) = proposals_for(with_lines("1104"), SINCE)
    assert (found.kind, found.targets) == ("unknown", ())
    assert [str(note) for note in found.notes] == ["Trong VSIC 2025, mã 1104 là “Sản xuất mạch nha ủ men bia”."]


def test_two_lines_that_become_one_are_told_of_each_other():
    found = proposals_for(with_lines("0131", "0132"), SINCE)
    said = "HTX đang có các mã 0131, 0132 cùng chuyển về một mã: chuyển một dòng, bỏ dòng trùng."
    assert [str(p.notes[-1]) for p in found] == [said, said]
    assert len(proposals_for(with_lines("0131"), SINCE)[0].notes) == 1


def test_a_code_that_is_not_in_the_list_is_said_and_not_invented():
    VsicLine.objects.filter(version="2025", code="4671").delete()
    (found,) = proposals_for(with_lines("4661"), SINCE)
    assert (found.kind, found.targets) == ("unknown", ())
    assert str(found.notes[-1]) == "Mã 4671 chưa có trong danh mục của cổng."


def test_proposals_change_nothing():
    cooperative = with_lines("0131", "5510")
    before = list(cooperative.business_lines.values())
    proposals_for(cooperative, SINCE)
    assert list(cooperative.business_lines.values()) == before


def test_proposals_ask_as_often_for_many_lines_as_for_one():
    few, many = with_lines("0131"), with_lines("0111", "0131", "0132", "1104", "4669", "5510", "3600", "1076")
    with CaptureQueriesContext(
        connection,
    ) as one:
        proposals_for(few, SINCE)
    with CaptureQueriesContext(connection) as eight:
        proposals_for(many, SINCE)
    assert len(one) == len(eight) == 5


# Type-ahead


@pytest.mark.parametrize(
    ("typed", "version", "first"),
    [
        ("0131", "2018", "0131"),
        ("013", "2018", "0131"),
        ("mien dong", "2018", "1074"),
        ("MIẾN DONG", "2025", "1074"),
        ("trồng lua", "2025", "0111"),
        ("chè", "2018", "0127"),
        ("homestay", "2025", "5520"),
        ("phan bon", "2025", "2012"),
    ],
)
def test_a_line_is_found_by_code_or_words_without_accents(typed, version, first):
    found = find_lines(typed, version, 10)
    assert found[0].code == first
    assert {row.version for row in found} == {version}


def test_words_with_their_accents_come_first():
    assert [row.code for row in find_lines("chè", "2018", 2)] == ["0127", "1076"]


@pytest.mark.parametrize("typed", ["", "   ", "%", "xyz không có", "'; DROP TABLE", "0" * 300, "\u0000", "①"])
def test_nothing_is_found_for_nonsense(typed):
    assert find_lines(typed, "2018", 10) == []


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("0130", ["0130"]),
        ("0130 Nhân và chăm sóc cây giống", ["0130"]),
        ("nhan va cham soc cay giong nong nghiep", ["0130"]),
        ("trong lua", ["0111"]),
        ("thú y", ["7500"]),
        ("9999", []),
        ("", []),
    ],
)
def test_what_is_typed_into_a_field_is_understood(typed, codes):
    assert [row.code for row in understood(typed, "2025")] == codes


def test_words_of_many_lines_leave_a_choice():
    assert len(understood("bán buôn", "2025")) == 5


def test_the_lookup_answers_with_label_version_and_condition():
    client = Client()
    client.force_login(make_user())
    answer = client.get(reverse("cooperatives:vsic-lookup"), {"q": "homestay", "version": "2025"})
    row = line("5520", "2025")
    assert answer.json()["results"] == [
        {
            "id": row.pk,
            "label": "5520 Dịch vụ lưu trú ngắn ngày khác (homestay)",
            "note": "VSIC 2025; Kinh doanh lưu trú có điều kiện riêng (an ninh trật tự, phòng cháy, lưu trú du lịch).",
        }
    ]


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "x" * 5000}, {"q": "lúa", "version": "1789"}, {"q": "\ufffe"}])
def test_the_lookup_bears_any_question(query):
    client = Client()
    client.force_login(make_user())
    assert client.get(reverse("cooperatives:vsic-lookup"), query).status_code == 200


# Conditions


def test_a_condition_holds_for_its_days_its_version_and_its_code():
    rows = [line("5510"), line("0111"), line("5510", "2025")]
    said = "Kinh doanh lưu trú có điều kiện riêng (an ninh trật tự, phòng cháy, lưu trú du lịch)."
    assert ConditionalLine.objects.notes(rows, BEFORE) == {rows[0].pk: [said], rows[1].pk: [], rows[2].pk: []}
    assert ConditionalLine.objects.notes(rows, SINCE) == {rows[0].pk: [said], rows[1].pk: [], rows[2].pk: [said]}


def test_a_condition_names_its_document_where_one_was_entered():
    ConditionalLine.objects.filter(code="7500", version="2018").update(legal_document="Luật Thú y", article="Điều 108")
    words = ConditionalLine.objects.get(code="7500", version="2018").words
    assert words.endswith("giấy chứng nhận đủ điều kiện. (Luật Thú y, Điều 108)")


def test_a_change_of_code_lies_between_two_versions():
    with pytest.raises(ValidationError, match=r"Hai phiên bản phải khác nhau\."):
        VsicChange(from_version="2018", from_code="1", to_version="2018", to_code="2").full_clean()


# The page


@pytest.fixture
def cooperative():
    """A cooperative that moved its drinks and its seedlings to VSIC 2025."""
    row = with_lines("5510", "0131")
    old = row.business_lines.get(line__code="0131")
    old.valid_to = date(2025, 12, 8)
    old.save()
    row.business_lines.create(
        line=line("0130", "2025"), valid_from=date(2025, 12, 9), legal_basis="Thông báo ngày 09/12/2025"
    )
    return row


def page_text(user, cooperative, query=""):
    client = Client()
    client.force_login(user)
    answer = client.get(reverse("cooperatives:lines", args=[cooperative.pk]) + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_page_shows_the_list_of_the_day_and_the_whole_history(cooperative):
    earlier, later = (page_text(make_user(), cooperative, f"?ngay={day}") for day in ("08/12/2025", "09/12/2025"))
    history = earlier.partition("Lịch sử ngành, nghề")[2]
    assert "08/12/2025" in history and "Thông báo ngày 09/12/2025" in history
    for text, there, gone in ((earlier, "0131", "0130"), (later, "0130", "0131")):
        shown = text.partition('<h2 class="card__title">')[2].partition("<h2>")[0]
        assert f'<span class="code">{there}</span>' in shown
        assert f'<li><span><span class="code">{gone}</span>' not in shown


def test_staff_see_proposals_and_everybody_sees_conditions(cooperative):
    staff = page_text(make_user(), cooperative, "?ngay=09/12/2025")
    own = page_text(make_user(Role.COOPERATIVE, cooperative=cooperative), cooperative, "?ngay=09/12/2025")
    assert "Tách thành nhiều mã" in staff and "Có điều kiện" in staff
    assert "Tách thành nhiều mã" not in own and "Có điều kiện" in own


def test_a_stranger_sees_no_page_and_no_list(cooperative):
    client = Client()
    client.force_login(make_user(Role.COOPERATIVE, cooperative=make_cooperative()))
    assert client.get(reverse("cooperatives:lines", args=[cooperative.pk])).status_code == 404
    assert client.get(reverse("api-cooperatives-lines", args=[cooperative.pk])).status_code == 404


@pytest.mark.parametrize("typed", ["31/02/2025", "hôm nay", "2025-13-01", "<script>", "9" * 500, "\u0000"])
def test_a_day_that_is_none_is_told_beside_its_field_and_today_is_shown(cooperative, typed):
    client = Client()
    client.force_login(make_user())
    answer = client.get(reverse("cooperatives:lines", args=[cooperative.pk]), {"ngay": typed})
    assert answer.status_code == 200
    assert "Hãy ghi ngày dạng 05/09/2023." in answer.content.decode() or typed == "\u0000"
    assert "<script>alert" not in answer.content.decode()


def test_the_page_asks_as_often_for_many_lines_as_for_few():
    few, many = with_lines("0131"), with_lines("0111", "0131", "0132", "1104", "4669", "5510", "3600", "1076", "1074")
    client = Client()
    client.force_login(make_user())
    counts = []
    for row in (few, many):
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("cooperatives:lines", args=[row.pk]), {"ngay": "09/12/2025"})
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14


# The API


def api(user, path, **query):
    client = Client()
    client.force_login(user)
    return client.get(f"/api/v1/{path}", query)


def test_the_api_lists_the_lines_of_a_day_typed_and_paginated(cooperative):
    path = f"cooperatives/{cooperative.pk}/business_lines/"
    body = api(make_user(), path, on="2025-12-09").json()
    assert body.keys() == {"count", "next", "previous", "results"}
    columns = ("version", "code", "is_main", "valid_from", "valid_to")
    assert [tuple(row[column] for column in columns) for row in body["results"]] == [
        ("2018", "5510", True, "2021-03-15", None),
        ("2025", "0130", False, "2025-12-09", None),
    ]
    assert body["results"][0]["conditions"] == [
        "Kinh doanh lưu trú có điều kiện riêng (an ninh trật tự, phòng cháy, lưu trú du lịch)."
    ]
    assert api(make_user(), path).json()["count"] == 3
    assert api(make_user(), path, page_size=1).json()["next"]


def test_the_api_refuses_a_day_that_is_none(cooperative):
    answer = api(make_user(), f"cooperatives/{cooperative.pk}/business_lines/", on="31/02/2025")
    assert (answer.status_code, list(answer.json())) == (400, ["on"])


def test_the_api_finds_lines_by_code_and_words_in_a_version():
    found = api(make_user(), "vsic/", q="mien dong", version="2018").json()
    assert [(row["version"], row["code"]) for row in found["results"]] == [("2018", "1074")]
    assert [row["version"] for row in api(make_user(), "vsic/", q="1074").json()["results"]] == ["2018", "2025"]
    assert api(make_user(), "vsic/").json()["count"] == 172
    assert api(make_user(), "vsic/", version="1999").status_code == 400


def test_the_api_asks_as_often_for_many_lines_as_for_one():
    user, counts = make_user(), []
    for size in (1, 25):
        with CaptureQueriesContext(connection) as asked:
            api(user, "vsic/", page_size=size)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_api_is_for_people_who_have_signed_in(cooperative):
    for path in ("vsic/", f"cooperatives/{cooperative.pk}/business_lines/"):
        assert Client().get(f"/api/v1/{path}").status_code == 401
    own = make_user(Role.COOPERATIVE, cooperative=cooperative)
    assert api(own, f"cooperatives/{cooperative.pk}/business_lines/").status_code == 200


# The admin site


def test_an_edited_condition_remembers_who_edited_it():
    admin = make_user(Role.ADMIN)
    client = Client()
    client.force_login(admin)
    row = ConditionalLine.objects.get(version="2018", code="7500")
    values = {
        "version": "2018", "code": "7500", "licence": "veterinary", "note_vi": "Cần chứng chỉ.", "note_en": "",
        "valid_from": "20/08/2018", "valid_to": "", "legal_document": "", "article": "", "confidence": "K",
    }  # fmt: skip
    answer = client.post(reverse("admin:cooperatives_conditionalline_change", args=[row.pk]), values)
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.note_vi, row.confidence, row.edited_by) == ("Cần chứng chỉ.", "K", admin)
