"""Changing a cooperative's list of lines: the act against a slow list kept for every day, and what it refuses."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.errors import InvalidEntry
from cooperatives.lines import LineChange, change_lines, take_back
from cooperatives.models import BusinessLine, ListRevision, VsicLine
from tests.factories import make_cooperative, make_user
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 11, 28)
BEGAN = date(2021, 3, 15)
CHANGED = date(2025, 12, 9)
ONE_DAY = timedelta(days=1)
NAMES = {
    ("2018", "0111"): "Trồng lúa",
    ("2018", "0131"): "Nhân và chăm sóc cây giống hàng năm",
    ("2018", "0132"): "Nhân và chăm sóc cây giống lâu năm",
    ("2018", "1104"): "Sản xuất đồ uống không cồn, nước khoáng",
    ("2025", "0111"): "Trồng lúa",
    ("2025", "0130"): "Nhân và chăm sóc cây giống nông nghiệp",
    ("2025", "1105"): "Sản xuất đồ uống không cồn, nước khoáng",
}


@pytest.fixture
def vsic(db):
    """A few lines of both versions by version and code."""
    return {key: VsicLine.objects.create(version=key[0], code=key[1], name_vi=name) for key, name in NAMES.items()}


@pytest.fixture
def officer(db):
    return make_user()


@pytest.fixture
def cooperative(vsic):
    """A cooperative with two lines of 2018, rice being the main one."""
    row = make_cooperative()
    row.business_lines.create(line=vsic["2018", "0111"], is_main=True, valid_from=BEGAN)
    row.business_lines.create(line=vsic["2018", "0131"], detail="Ươm chè", valid_from=BEGAN)
    return row


def record(cooperative, officer, changes, on=CHANGED, **options):
    """Record a change as the case does."""
    options.setdefault("legal_basis", "Thông báo thay đổi ngành, nghề")
    return change_lines(cooperative, changes, on=on, by=officer, today=TODAY, **options)


def listed(cooperative, day):
    """The list in force on a day: version, code, detail, main."""
    rows = cooperative.business_lines.in_force(day).select_related("line")
    return sorted((r.line.version, r.line.code, r.detail, r.is_main) for r in rows)


def every_row(cooperative):
    """All rows, past ones too."""
    rows = cooperative.business_lines.select_related("line").order_by("valid_from", "line__code")
    return [(r.line.version, r.line.code, r.detail, r.is_main, r.valid_from, r.valid_to, r.legal_basis) for r in rows]


def row(cooperative, code):
    """The row in force with a code."""
    return cooperative.business_lines.select_related("line").get(line__code=code, valid_to=None)


def refused(act):
    """The messages of the refusal by field, as text."""
    with pytest.raises(InvalidEntry) as refusal:
        act()
    return {name: [str(words) for words in said] for name, said in refusal.value.problems.items()}


def test_moved_added_and_kept_lines_have_their_dates_row_by_row(cooperative, officer, vsic):
    changes = [
        LineChange("keep", present=row(cooperative, "0111"), is_main=True),
        LineChange("move", present=row(cooperative, "0131"), line=vsic["2025", "0130"], detail="Ươm chè"),
        LineChange("add", line=vsic["2025", "1105"], detail="Nước khoáng"),
    ]
    revision = record(cooperative, officer, changes)
    assert every_row(cooperative) == [
        ("2018", "0111", "", True, BEGAN, None, ""),
        ("2018", "0131", "Ươm chè", False, BEGAN, CHANGED - ONE_DAY, ""),
        ("2025", "0130", "Ươm chè", False, CHANGED, None, "Thông báo thay đổi ngành, nghề"),
        ("2025", "1105", "Nước khoáng", False, CHANGED, None, "Thông báo thay đổi ngành, nghề"),
    ]
    assert {line.line.code for line in revision.begun.all()} == {"0130", "1105"}
    assert {line.line.code for line in revision.ended.all()} == {"0131"}
    assert (revision.recorded_by, revision.changed_on) == (officer, CHANGED)


def test_another_main_line_begins_anew_and_the_old_one_stays_beside_it(cooperative, officer):
    record(cooperative, officer, [LineChange("keep", present=row(cooperative, "0131"), is_main=True)])
    assert listed(cooperative, CHANGED - ONE_DAY) == [("2018", "0111", "", True), ("2018", "0131", "Ươm chè", False)]
    assert listed(cooperative, CHANGED) == [("2018", "0111", "", False), ("2018", "0131", "Ươm chè", True)]


def test_recording_twice_changes_nothing(cooperative, officer, vsic):
    changes = [
        LineChange("drop", present=row(cooperative, "0131")),
        LineChange("add", line=vsic["2018", "1104"]),
    ]
    first = record(cooperative, officer, changes)
    before = every_row(cooperative)
    assert record(cooperative, officer, changes, replacing=first) == first
    assert record(cooperative, officer, changes) == first
    assert every_row(cooperative) == before
    assert ListRevision.objects.count() == 1


def test_rows_typed_by_hand_are_taken_over(cooperative, officer, vsic):
    old = row(cooperative, "0131")
    changes = [LineChange("move", present=old, line=vsic["2025", "0130"], detail="Ươm chè")]
    BusinessLine.objects.filter(pk=old.pk).update(valid_to=CHANGED - ONE_DAY)
    cooperative.business_lines.create(line=vsic["2025", "0130"], detail="Ươm chè", valid_from=CHANGED, legal_basis="A")
    before = every_row(cooperative)
    revision = record(cooperative, officer, changes)
    assert every_row(cooperative) == before
    assert [line.legal_basis for line in revision.begun.all()] == ["A"]
    assert [line.pk for line in revision.ended.all()] == [old.pk]


def test_a_correction_replaces_what_was_recorded_before(cooperative, officer, vsic):
    old = row(cooperative, "0131")
    first = record(cooperative, officer, [LineChange("drop", present=old)])
    moved = [LineChange("move", present=old, line=vsic["2025", "0130"])]
    second = record(cooperative, officer, moved, on=CHANGED + ONE_DAY, replacing=first)
    assert listed(cooperative, CHANGED) == [("2018", "0111", "", True), ("2018", "0131", "Ươm chè", False)]
    assert listed(cooperative, CHANGED + ONE_DAY) == [("2018", "0111", "", True), ("2025", "0130", "", False)]
    assert list(ListRevision.objects.all()) == [second]


def test_a_change_taken_back_leaves_the_list_as_it_was(cooperative, officer, vsic):
    before = every_row(cooperative)
    take_back(record(cooperative, officer, [LineChange("add", line=vsic["2018", "1104"], is_main=True)]))
    assert every_row(cooperative) == before
    assert not ListRevision.objects.exists()


def test_a_change_that_others_were_built_on_is_not_replaced(cooperative, officer, vsic):
    first = record(cooperative, officer, [LineChange("add", line=vsic["2018", "1104"])])
    record(cooperative, officer, [LineChange("drop", present=row(cooperative, "1104"))], on=CHANGED + ONE_DAY)
    before = every_row(cooperative)
    assert list(refused(lambda: take_back(first))) == ["on"]
    assert list(refused(lambda: record(cooperative, officer, [], replacing=first, on=CHANGED - ONE_DAY))) == ["on"]
    assert every_row(cooperative) == before


def test_all_kept_is_no_change(cooperative, officer):
    assert record(cooperative, officer, [LineChange("keep", present=row(cooperative, "0111"), is_main=True)]) is None
    assert not ListRevision.objects.exists()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda c, v: [LineChange("add")], "Cần chọn ngành mới."),
        (lambda c, v: [LineChange("drop")], "Cần chọn ngành đang có trong sổ đăng ký."),
        (lambda c, v: [LineChange("burn")], "Hãy chọn giữ, bỏ, thêm, sửa hay chuyển mã."),
        (lambda c, v: [LineChange("add", present=row(c, "0131"), line=v["2018", "1104"])],
         "Ngành thêm mới không thay cho ngành đang có."),
        (lambda c, v: [LineChange("add", line=v["2018", "0131"], detail="ươm CHÈ")],
         "Trùng ngành và chi tiết với dòng khác: 0131 Nhân và chăm sóc cây giống hàng năm."),
        (lambda c, v: [LineChange("add", line=v["2025", "0111"])],
         "Trùng ngành và chi tiết với dòng khác: 0111 Trồng lúa."),
        (lambda c, v: [LineChange("drop", present=row(c, "0131"))] * 2, "Ngành này đã được rà soát ở dòng khác."),
        (lambda c, v: [LineChange("move", present=row(c, "0131"), line=v["2018", "0132"])],
         "Ngành mới phải thuộc phiên bản VSIC khác."),
        (lambda c, v: [LineChange("correct", present=row(c, "0131"), line=v["2018", "0131"], detail="Ươm chè")],
         "Chưa có gì khác với ngành đang có."),
        (lambda c, v: [LineChange("drop", present=row(c, "0111"))], "Cần chọn một ngành chính."),
        (lambda c, v: [LineChange("add", line=v["2018", "1104"], is_main=True),
                       LineChange("keep", present=row(c, "0111"), is_main=True)], "Chỉ được có một ngành chính."),
        (lambda c, v: [LineChange("drop", present=each) for each in c.business_lines.all()],
         "Danh sách sau thay đổi phải còn ít nhất một ngành."),
    ],
)  # fmt: skip
@pytest.mark.once
def test_a_change_that_cannot_be_right_is_refused_and_nothing_is_written(cooperative, officer, vsic, make, said):
    before = every_row(cooperative)
    (words,) = refused(lambda: record(cooperative, officer, make(cooperative, vsic)))["changes"]
    assert words.removeprefix("Dòng 1: ").removeprefix("Dòng 2: ") == said
    assert every_row(cooperative) == before


def test_lines_of_another_cooperative_are_not_in_the_list(cooperative, officer, vsic):
    other = make_cooperative()
    line = other.business_lines.create(line=vsic["2018", "0111"], valid_from=BEGAN)
    said = refused(lambda: record(cooperative, officer, [LineChange("drop", present=line)]))
    assert said == {"changes": ["Dòng 1: Ngành này không có trong danh sách trước ngày thay đổi."]}


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (BEGAN, "Danh sách ngành, nghề đã có thay đổi ghi từ ngày 15/03/2021; ngày thay đổi mới phải sau ngày đó."),
        (BEGAN - ONE_DAY, "Danh sách ngành, nghề đã có thay đổi ghi từ ngày 15/03/2021; ngày thay đổi mới phải sau "
                          "ngày đó."),
        (TODAY + ONE_DAY, "Ngày thay đổi không thể ở tương lai."),
        (date(1899, 1, 1), "Ngày thay đổi quá xa trong quá khứ, xin kiểm tra năm."),
    ],
)  # fmt: skip
def test_days_before_a_line_began_and_in_the_future_are_refused(cooperative, officer, vsic, on, said):
    changes = [LineChange("add", line=vsic["2018", "1104"])]
    assert refused(lambda: record(cooperative, officer, changes, on=on)) == {"on": [said]}


def test_a_basis_too_long_for_its_column_is_refused(cooperative, officer):
    assert refused(lambda: record(cooperative, officer, [], legal_basis="x" * 201)) == {
        "legal_basis": ["Căn cứ dài quá 200 ký tự."]
    }


# --- Against the oracle ------------------------------------------------------------------------------------------


class DayByDay:
    """The oracle: a list for every day, each copied from the day before; it knows nothing of rows and their ends."""

    def __init__(self, first: date, lines: list[tuple[str, str, bool]]):
        self.days = {first: list(lines)}
        self.first = first

    def on(self, day: date) -> list[tuple[str, str, bool]]:
        while day not in self.days:
            last = max(self.days)
            self.days[last + ONE_DAY] = list(self.days[last])
        return self.days[day]

    def change(self, day: date, picks) -> bool:
        """Change the list from ``day`` on; False when the result is no list that may be recorded."""
        before = self.on(day - ONE_DAY)
        after, named = [], set()
        new_main = any(main for action, _place, _new, main in picks if action != "drop")
        for action, place, new, main in picks:
            if action != "add":
                if not before or place % len(before) in named:
                    return False
                old = before[place % len(before)]
                named.add(place % len(before))
                if action == "keep":
                    after.append((old[0], old[1], main))
                    continue
                if action == "move" and old[0][:4] == new[0][:4]:
                    return False
                if action == "correct" and old[:2] == new:
                    return False
            if action != "drop":
                after.append((*new, main))
        after += [(c, d, m and not new_main) for n, (c, d, m) in enumerate(before) if n not in named]
        mains = sum(main for _code, _detail, main in after)
        doubled = len({(NAMES[c[:4], c[4:]], c[4:], d) for c, d, _main in after}) < len(after)
        if not after or doubled or mains > 1 or (mains == 0 and any(main for _c, _d, main in before)):
            return False
        self.on(day)
        self.days = {known: lines for known, lines in self.days.items() if known < day}
        self.days[day] = after
        return True


KEYS = [f"{version}{code}" for version, code in NAMES]
line_of = st.tuples(st.sampled_from(KEYS), st.sampled_from(["", "Ươm chè", "Bán buôn"]))
pick = st.tuples(
    st.sampled_from(["keep", "drop", "add", "correct", "move"]),
    st.integers(0, 5),
    line_of,
    st.sampled_from([False, False, False, True]),
)
rounds = st.lists(st.tuples(st.integers(1, 6), st.lists(pick, max_size=3)), min_size=1, max_size=5)
first_lists = st.lists(line_of, min_size=1, max_size=4, unique_by=lambda line: (line[0][4:], line[1]))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=first_lists, main=st.booleans(), turns=rounds)
def test_on_every_day_the_list_is_the_one_of_the_oracle(vsic, officer, first, main, turns):
    with transaction.atomic():
        cooperative = make_cooperative()
        oracle = DayByDay(BEGAN, [(*line, main and n == 0) for n, line in enumerate(first)])
        for key, detail, is_main in oracle.on(BEGAN):
            line = vsic[key[:4], key[4:]]
            cooperative.business_lines.create(line=line, detail=detail, is_main=is_main, valid_from=BEGAN)
        day = BEGAN
        for gap, picks in turns:
            day += timedelta(days=gap)
            compare(cooperative, officer, vsic, oracle, day, picks)
        for known in (BEGAN + timedelta(days=n) for n in range((day - BEGAN).days + 3)):
            expected = sorted((c[:4], c[4:], d, m) for c, d, m in oracle.on(known))
            assert listed(cooperative, known) == expected, known
        transaction.set_rollback(True)


def compare(cooperative, officer, vsic, oracle, day, picks):
    """Record the same difference in both; both take it or both refuse it."""
    rows = {(r.line.version + r.line.code, r.detail): r for r in cooperative.business_lines.filter(valid_to=None)}
    before = oracle.on(day - ONE_DAY)
    changes = []
    for action, place, (key, detail), main in picks:
        present = rows[before[place % len(before)][:2]] if action != "add" else None
        new = vsic[key[:4], key[4:]] if action not in ("keep", "drop") else None
        changes.append(LineChange(action, present=present, line=new, detail=detail if new else "", is_main=main))
    if oracle.change(day, picks):
        record(cooperative, officer, changes, on=day)
    else:
        assert list(refused(lambda: record(cooperative, officer, changes, on=day))) == ["changes"]


# --- Races -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_add_at_once_one_is_told_that_the_list_was_changed(cooperative, officer, vsic):
    added = [vsic["2018", "1104"], vsic["2018", "0132"]]
    acts = [lambda line=line: record(cooperative, officer, [LineChange("add", line=line)]) for line in added]
    results = at_once(*acts)
    assert len(of_kind(results, ListRevision)) == 1
    (refusal,) = of_kind(results, InvalidEntry)
    assert list(refusal.problems) == ["on"]
    assert len(listed(cooperative, CHANGED)) == 3


@pytest.mark.django_db(transaction=True)
def test_the_same_change_pressed_twice_is_recorded_once(cooperative, officer, vsic):
    changes = [LineChange("add", line=vsic["2018", "1104"])]
    results = at_once(*[lambda: record(cooperative, officer, changes)] * 3)
    assert len({revision.pk for revision in of_kind(results, ListRevision)}) == 1
    assert len(every_row(cooperative)) == 3
