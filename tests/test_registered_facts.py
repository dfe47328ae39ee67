"""What was registered when: the history of facts, founding, dependent units, suspensions, notices."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cooperatives.errors import InvalidEntry
from cooperatives.models import Branch, Contact, Cooperative, FoundingGroup, RegistrationChange
from cooperatives.registration import (
    CertificateData,
    change_registration,
    close_branch,
    fact_on,
    found_cooperative,
    name_problem,
    note_violation,
    open_branch,
    resume,
    same_named,
    suspend,
)
from tests.contents import nothing_written
from tests.factories import make_commune, make_cooperative, make_founding_group
from tests.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 11, 23)
FIRST = date(2025, 1, 1)
CERTIFICATE = CertificateData(
    name="Hợp tác xã Chè Khuổi Slao",
    issued_on=date(2026, 3, 2),
    number="4700990014",
    charter_capital=480_000_000,
    representative="Bàn Văn Thử",
    members=8,
    tax_code="4700990014",
    issuer="Phòng Kinh tế xã Đồng Phúc",
)


def refusal(act) -> dict[str, list[str]]:
    """The messages by field with which an act is refused, and nothing written."""
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        act()
    return {field: [str(message) for message in messages] for field, messages in refused.value.problems.items()}


def rows_of(cooperative) -> list[tuple]:
    """The history of a cooperative, earliest first: what, from, to, since when."""
    rows = cooperative.registration_changes.order_by("changed_on", "pk")
    return [(row.fact, row.old, row.new, row.changed_on) for row in rows]


def write(cooperative, on, source="TCT-1", **changes) -> Cooperative:
    return change_registration(cooperative, changes, on, today=TODAY, source=source)


# --- Facts over time ------------------------------------------------------------------------------


def test_a_change_is_written_with_what_was_before_and_the_register_shows_the_new():
    row = make_cooperative("Hợp tác xã Cũ", charter_capital=900_000_000)
    fresh = change_registration(
        row,
        {"name": "Hợp tác xã Mới", "charter_capital": 1_200_000_000},
        date(2025, 3, 3),
        today=TODAY,
        source="TCT-250303-0001",
        legal_basis="Nghị định 92/2024/NĐ-CP, Điều 37",
        certificate_change_no=2,
    )
    assert (fresh.name, fresh.charter_capital) == ("Hợp tác xã Mới", 1_200_000_000)
    assert rows_of(row) == [
        ("name", "Hợp tác xã Cũ", "Hợp tác xã Mới", date(2025, 3, 3)),
        ("charter_capital", "900000000", "1200000000", date(2025, 3, 3)),
    ]
    stored = RegistrationChange.objects.get(fact="charter_capital")
    assert (stored.certificate_change_no, stored.legal_basis) == (2, "Nghị định 92/2024/NĐ-CP, Điều 37")
    assert str(stored) == "Vốn điều lệ (đồng): 900.000.000 đ → 1.200.000.000 đ"
    assert list(Cooperative.objects.search("moi")) == [fresh]


def test_what_was_so_already_is_no_change():
    row = make_cooperative("Hợp tác xã Cũ")
    write(row, date(2025, 3, 3), name="Hợp tác  xã Cũ", representative="")
    assert rows_of(row) == []


def test_the_same_source_writes_over_what_it_wrote_and_takes_back_what_it_says_no_longer():
    row = make_cooperative("Hợp tác xã Cũ", representative="Ông Một")
    write(row, date(2025, 3, 3), name="Hợp tác xã Sai", representative="Bà Hai")
    again = write(row, date(2025, 3, 4), name="Hợp tác xã Đúng")
    assert (again.name, again.representative) == ("Hợp tác xã Đúng", "Ông Một")
    assert rows_of(row) == [("name", "Hợp tác xã Cũ", "Hợp tác xã Đúng", date(2025, 3, 4))]


def test_writing_the_same_again_leaves_the_very_rows():
    row = make_cooperative("Hợp tác xã Cũ")
    write(row, date(2025, 3, 3), name="Hợp tác xã Mới")
    before = list(RegistrationChange.objects.values())
    write(row, date(2025, 3, 3), name="Hợp tác xã Mới")
    assert list(RegistrationChange.objects.values()) == before


def test_a_move_changes_the_place_in_both_frames_and_can_be_taken_back():
    old, new = make_commune(), make_commune("Bằng Phúc", code="02041", district="Chợ Đồn", district_code="064")
    row = make_cooperative("Hợp tác xã Đi", commune=old)
    moved = write(row, date(2025, 3, 3), commune=new)
    assert (moved.commune, moved.old_commune, moved.old_district) == (new, new, new.parent)
    assert rows_of(row) == [("commune", "xã Đồng Phúc", "xã Bằng Phúc", date(2025, 3, 3))]
    back = write(row, date(2025, 3, 3))
    assert (back.commune, back.old_district) == (old, old.parent)
    assert rows_of(row) == []


def test_what_the_register_refuses_leaves_nothing_behind():
    row, other = make_cooperative(tax_code="4700990014"), make_cooperative()
    said = refusal(lambda: write(other, date(2025, 3, 3), tax_code="4700990014", name="Hợp tác xã Mới"))
    assert list(said) == ["tax_code"]
    assert row.tax_code == "4700990014"


steps = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from("ABCD"), st.sampled_from(["một", "hai", "ba"])), max_size=9
)


@given(steps)
@settings(max_examples=40)
def test_whatever_the_order_of_typing_every_day_shows_what_was_true_on_it(said):
    """Against a list read from the top: the last statement of the latest day up to a day holds on it."""
    row = make_cooperative(f"Hợp tác xã Gốc {Cooperative.objects.count()}", representative="gốc")
    standing: list[tuple[int, str, str]] = []

    def true_on(day: int) -> str:
        held = [(when, place, value) for place, (when, value, _source) in enumerate(standing) if when <= day]
        return max(held)[2] if held else "gốc"

    for when, value, source in said:
        write(row, FIRST + timedelta(days=when), source=source, representative=value)
        if (when, value, source) in standing:
            continue
        standing = [line for line in standing if line[2] != source]
        if true_on(when) != value:
            standing.append((when, value, source))
    row.refresh_from_db()
    assert row.representative == true_on(99)
    days = range(-1, 10)
    assert [fact_on(row, "representative", FIRST + timedelta(days=n)) for n in days] == [true_on(n) for n in days]


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_are_both_kept():
    row = make_cooperative("Hợp tác xã Cũ", representative="Ông Một")
    results = at_once(
        lambda: write(row, date(2025, 3, 3), "A", representative="Bà Hai"),
        lambda: write(row, date(2025, 3, 5), "B", representative="Cô Ba"),
    )
    assert [result for result in results if isinstance(result, Exception)] == []
    row.refresh_from_db()
    assert row.representative == "Cô Ba"
    assert rows_of(row) == [
        ("representative", "Ông Một", "Bà Hai", date(2025, 3, 3)),
        ("representative", "Bà Hai", "Cô Ba", date(2025, 3, 5)),
    ]


# --- Founding -------------------------------------------------------------------------------------


def test_a_group_becomes_a_cooperative_with_its_place_its_contact_and_its_certificate():
    group = make_founding_group("Nhóm chè Khuổi Slao", contact="Bàn Thị Mẫu", phone="0912345678")
    row = found_cooperative(group, CERTIFICATE, today=TODAY)
    stored = Cooperative.objects.get(pk=row.pk)
    facts = ("name", "kind", "tax_code", "certificate_no", "certificate_issuer", "registered_on", "charter_capital")
    assert [getattr(stored, name) for name in facts] == [
        "Hợp tác xã Chè Khuổi Slao", "htx", "4700990014", "4700990014", "Phòng Kinh tế xã Đồng Phúc",
        date(2026, 3, 2), 480_000_000,
    ]  # fmt: skip
    assert (stored.representative, stored.members, stored.phone) == ("Bàn Văn Thử", 8, "0912345678")
    # The old commune is no more on the day of the certificate; the old district stays the area in the old frame.
    assert (stored.commune, stored.old_district) == (group.commune.successor, group.commune.parent)
    assert FoundingGroup.objects.get(pk=group.pk).cooperative == stored
    assert list(stored.contacts.values_list("name", "phone")) == [("Bàn Thị Mẫu", "0912345678")]


def test_under_the_old_communes_the_place_of_the_group_is_kept():
    group = make_founding_group()
    certificate = CertificateData(name="Hợp tác xã Sớm", issued_on=date(2024, 9, 3))
    assert found_cooperative(group, certificate, today=TODAY).commune == group.commune


def test_founded_again_it_is_the_same_and_keeps_what_people_changed_since():
    group = make_founding_group()
    row = found_cooperative(group, CERTIFICATE, today=TODAY)
    Cooperative.objects.filter(pk=row.pk).update(representative="Người khác", members=None)
    corrected = CertificateData(**{**CERTIFICATE.__dict__, "number": "0102", "issued_on": date(2026, 3, 3)})
    again = found_cooperative(group, corrected, today=TODAY)
    assert again.pk == row.pk
    assert (again.certificate_no, again.registered_on) == ("0102", date(2026, 3, 3))
    assert (again.representative, again.members) == ("Người khác", 8)
    assert (Cooperative.objects.count(), Contact.objects.count()) == (1, 0)


def test_a_certificate_the_register_refuses_makes_no_cooperative():
    make_cooperative(tax_code="4700990014")
    group = make_founding_group()
    assert list(refusal(lambda: found_cooperative(group, CERTIFICATE, today=TODAY))) == ["tax_code"]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_found_one_cooperative():
    group = make_founding_group(contact="Bàn Thị Mẫu")
    found = at_once(*[lambda: found_cooperative(group, CERTIFICATE, today=TODAY)] * 3)
    assert len({getattr(row, "pk", row) for row in found}) == 1
    assert (Cooperative.objects.count(), Contact.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "name", "right"),
    [
        ("htx", "Hợp tác xã Đồng Phúc", True),
        ("htx", "HỢP TÁC XÃ Đồng Phúc", True),
        ("htx", "Hợp tác xã Đồng Phúc", True),
        ("htx", "HTX Đồng Phúc", False),
        ("htx", "Hợp tác xã", False),
        ("htx", "Hợp tác xã ...", False),
        ("htx", "Đồng Phúc hợp tác xã", False),
        ("htx", "Hợp tác xãĐồng Phúc", False),
        ("lhhtx", "Liên hiệp hợp tác xã Miến dong", True),
        ("lhhtx", "Hợp tác xã Miến dong", False),
        ("tht", "Tổ hợp tác Ong Rừng", True),
    ],
)
@pytest.mark.once
def test_a_name_begins_with_the_words_of_its_kind_and_has_one_of_its_own(kind, name, right):
    assert (name_problem(kind, name) == "") is right


def test_names_that_differ_by_accents_only_are_the_same():
    twin = make_cooperative("Hợp tác xã Đồng Phúc")
    make_cooperative("Hợp tác xã Đồng Phúc Hai")
    assert same_named("Hop tac xa Dong Phuc") == [twin]
    assert same_named("Hợp tác xã Đồng Phúc", besides=twin) == []


# --- Units, suspensions, notices ------------------------------------------------------------------


def branch(row, **fields) -> Branch:
    values = {"kind": "branch", "name": "Chi nhánh Chợ Đồn", "address": "xã Chợ Đồn", "code": "4700990014-001"}
    return open_branch(row, opened_on=date(2025, 5, 5), **{"source": "TCT-1", **values, **fields})


def test_a_unit_is_entered_once_for_each_source_and_closed_on_a_day():
    row = make_cooperative()
    branch(row)
    again = branch(row, name="Chi nhánh  Ba Bể")
    assert [unit.name for unit in row.branches.all()] == ["Chi nhánh Ba Bể"]
    close_branch(again, date(2025, 6, 1))
    assert [list(row.branches.open_on(day)) for day in (date(2025, 5, 31), date(2025, 6, 1))] == [[again], []]
    assert list(refusal(lambda: close_branch(again, date(2025, 5, 4)))) == ["__all__"]


@pytest.mark.parametrize(
    ("kind", "code", "right"),
    [
        ("branch", "4700990014-001", True),
        ("office", "4700990014-002", True),
        ("branch", "", True),
        ("branch", "00001", False),
        ("branch", "4700990014", False),
        ("location", "00001", True),
        ("location", "4700990014-001", False),
    ],
)
@pytest.mark.once
def test_a_code_has_the_shape_of_its_unit(kind, code, right):
    row = make_cooperative()
    if right:
        assert branch(row, kind=kind, code=code).code == code
    else:
        assert list(refusal(lambda: branch(row, kind=kind, code=code))) == ["code"]


def test_a_suspension_brings_its_status_and_going_on_ends_it():
    row = make_cooperative()
    start, end = date(2025, 3, 17), date(2025, 12, 31)
    fresh = suspend(row, start, end, today=TODAY, source="TCT-1")
    assert fresh.legal_status == "suspended"
    suspend(row, start, date(2025, 11, 30), today=TODAY, source="TCT-1")
    assert list(row.suspensions.values_list("starts_on", "ends_on", "resumed_on")) == [
        (start, date(2025, 11, 30), None)
    ]
    fresh = resume(row, date(2025, 10, 1), today=TODAY, source="TCT-2")
    assert fresh.legal_status == "active"
    assert row.suspensions.get().resumed_on == date(2025, 10, 1)
    assert rows_of(row) == [
        ("legal_status", "active", "suspended", start),
        ("legal_status", "suspended", "active", date(2025, 10, 1)),
    ]
    statuses = [fact_on(row, "legal_status", day) for day in (date(2025, 3, 16), start, date(2025, 10, 1))]
    assert statuses == ["active", "suspended", "active"]


def test_a_suspension_that_ends_before_it_starts_is_refused():
    row = make_cooperative()
    act = lambda: suspend(row, date(2025, 3, 17), date(2025, 3, 16), today=TODAY, source="TCT-1")  # noqa: E731
    assert list(refusal(act)) == ["__all__"]


def test_a_notice_is_noted_once_until_it_is_settled():
    row = make_cooperative()
    noticed = date(2025, 4, 1)
    note_violation(row, noticed_on=noticed, subject="Chưa báo cáo", settled_on=None, today=TODAY)
    note_violation(row, noticed_on=noticed, subject="Chưa báo cáo", settled_on=date(2025, 5, 1), today=TODAY)
    note_violation(row, noticed_on=date(2025, 6, 1), subject="Việc khác", settled_on=None, today=TODAY)
    assert list(row.violation_notices.order_by("pk").values_list("noticed_on", "settled_on")) == [
        (noticed, date(2025, 5, 1)),
        (date(2025, 6, 1), None),
    ]


@pytest.mark.parametrize(
    ("noticed", "settled", "field"),
    [
        (TODAY + timedelta(days=1), None, "noticed_on"),
        (date(2025, 4, 1), TODAY + timedelta(days=1), "settled_on"),
        (date(2025, 4, 1), date(2025, 3, 31), "__all__"),
    ],
)
def test_a_notice_that_cannot_be_right_is_refused(noticed, settled, field):
    row = make_cooperative()
    act = lambda: note_violation(row, noticed_on=noticed, subject="", settled_on=settled, today=TODAY)  # noqa: E731
    assert list(refusal(act)) == [field]
