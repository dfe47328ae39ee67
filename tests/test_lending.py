"""Acts on loans: what is recorded, what is refused with which words, sums against a slow count, two at once."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.lending import (
    Payment,
    add_disbursement,
    checks,
    hindrances,
    record_loan,
    sums,
    total_of,
    void_disbursement,
)
from cooperatives.models import Cooperative, Disbursement, LegalRule, Loan, LoanProgramme
from tests.contents import nothing_written
from tests.factories import make_cooperative, make_user
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 11, 23)
SUBMITTED = date(2023, 3, 20)
MILLION = 1_000_000


@pytest.fixture
def officer(db):
    return make_user()


def loan_of(cooperative=None, **fields) -> Loan:
    """An unsaved loan, granted in full unless told otherwise."""
    values = {
        "lender": "provincial_fund",
        "requested": 350 * MILLION,
        "approved": 350 * MILLION,
        "result": "approved",
        "submitted_on": SUBMITTED,
    } | fields
    return Loan(cooperative=cooperative or make_cooperative(), **values)


def refusal(act) -> dict[str, list[str]]:
    """The messages by field with which an act is refused, and nothing written."""
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        act()
    return {name: [str(said) for said in messages] for name, messages in refused.value.problems.items()}


# --- Recording ---------------------------------------------------------------------------------------------


def test_a_loan_is_recorded_with_payments_and_reasons(officer):
    loan = record_loan(
        loan_of(), payments=[Payment(date(2023, 4, 14), 200 * MILLION)], source="TCT-1", by=officer, today=TODAY
    )
    loan.refresh_from_db()
    (row,) = loan.disbursements.all()
    assert (loan.disbursed, loan.rest) == (200 * MILLION, 150 * MILLION)
    assert (row.paid_on, row.amount, row.source, row.recorded_by) == (
        date(2023, 4, 14), 200 * MILLION, "TCT-1", officer,
    )  # fmt: skip
    refused = loan_of(result="refused", approved=0, refusal_reason="bad_debt")
    record_loan(refused, further=["weak_plan", "weak_plan", "no_collateral"], by=officer, today=TODAY)
    assert [row.reason for row in refused.further_refusals.all()] == ["weak_plan", "no_collateral"]
    record_loan(refused, further=["no_collateral"], by=officer, today=TODAY)
    assert [row.reason for row in refused.further_refusals.all()] == ["no_collateral"]


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"result": "approved", "approved": 1}, "approved"),
        ({"result": "partial"}, "approved"),
        ({"result": "partial", "approved": 0}, "approved"),
        ({"result": "pending"}, "approved"),
        ({"result": "withdrawn"}, "approved"),
        ({"result": "refused", "refusal_reason": "bad_debt"}, "approved"),
        ({"result": "refused", "approved": 0}, "refusal_reason"),
        ({"refusal_reason": "bad_debt"}, "refusal_reason"),
        ({"requested": 0, "approved": 0, "result": "pending"}, "requested"),
        ({"requested": 10**15 + 1, "approved": 0, "result": "pending"}, "requested"),
        ({"submitted_on": TODAY + timedelta(days=1)}, "submitted_on"),
        ({"submitted_on": date(1899, 1, 1)}, "submitted_on"),
        ({"decided_on": SUBMITTED - timedelta(days=1)}, "decided_on"),
        ({"decided_on": TODAY + timedelta(days=1)}, "decided_on"),
        ({"decided_on": SUBMITTED, "result": "pending", "approved": 0}, "decided_on"),
        ({"own_capital_percent": 101}, "own_capital_percent"),
        ({"lender": "nobody"}, "lender"),
    ],
)
def test_what_contradicts_itself_is_refused_beside_its_field(officer, fields, column):
    loan = loan_of(**fields)
    assert refusal(lambda: record_loan(loan, by=officer, today=TODAY)).keys() == {column}


def test_a_main_reason_is_not_repeated_and_further_ones_need_it(officer):
    loan = loan_of(result="refused", approved=0, refusal_reason="bad_debt")
    assert refusal(lambda: record_loan(loan, further=["bad_debt"], by=officer, today=TODAY)) == {
        "refusal_reason": ["Lý do chính không ghi lại trong các lý do khác."]
    }
    granted = loan_of()
    assert refusal(lambda: record_loan(granted, further=["bad_debt"], by=officer, today=TODAY)) == {
        "refusal_reason": ["Chọn lý do chính trước khi chọn lý do khác."]
    }


def test_the_same_record_again_changes_nothing(officer):
    loan = loan_of()
    payments = [Payment(date(2023, 4, 14), 100 * MILLION)] * 2
    record_loan(loan, payments=payments, source="TCT-1", by=officer, today=TODAY)
    assert (loan.disbursed, Disbursement.objects.count()) == (200 * MILLION, 2)
    with nothing_written():
        record_loan(loan, payments=payments, source="TCT-1", by=officer, today=TODAY)


def test_payments_of_a_case_follow_it_and_others_stay(officer):
    loan = loan_of()
    first, second = Payment(date(2023, 4, 14), 100 * MILLION), Payment(date(2023, 5, 14), 50 * MILLION)
    record_loan(loan, payments=[first], source="TCT-1", by=officer, today=TODAY)
    add_disbursement(loan, paid_on=date(2023, 6, 1), amount=20 * MILLION, by=officer, today=TODAY)
    record_loan(loan, payments=[second], source="TCT-1", by=officer, today=TODAY)
    assert loan.disbursed == 70 * MILLION
    rows = [(row.amount, row.source, bool(row.voided_at), row.void_reason) for row in Disbursement.objects.all()]
    assert rows == [
        (100 * MILLION, "TCT-1", True, "Không còn trong hồ sơ TCT-1."),
        (50 * MILLION, "TCT-1", False, ""),
        (20 * MILLION, "", False, ""),
    ]


def test_a_payment_recorded_by_hand_is_taken_over_and_not_doubled(officer):
    loan = loan_of()
    record_loan(loan, by=officer, today=TODAY)
    add_disbursement(loan, paid_on=date(2023, 4, 14), amount=100 * MILLION, by=officer, today=TODAY)
    record_loan(loan, payments=[Payment(date(2023, 4, 14), 100 * MILLION)], source="TCT-1", by=officer, today=TODAY)
    assert [(row.amount, row.source) for row in Disbursement.objects.all()] == [(100 * MILLION, "TCT-1")]
    assert loan.disbursed == 100 * MILLION


def test_an_approval_below_what_was_paid_out_is_refused(officer):
    loan = loan_of()
    record_loan(loan, payments=[Payment(date(2023, 4, 14), 300 * MILLION)], by=officer, today=TODAY)
    loan.result, loan.approved = "partial", 200 * MILLION
    with nothing_written(), pytest.raises(NotAllowedNow) as refused:
        record_loan(loan, by=officer, today=TODAY)
    said = "Tổng giải ngân 300.000.000\N{NO-BREAK SPACE}đ lớn hơn số được duyệt 200.000.000\N{NO-BREAK SPACE}đ."
    assert refused.value.problems == [said]


# --- Payments ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid_on", "amount", "column"),
    [
        (date(2023, 4, 14), 0, "amount"),
        (date(2023, 4, 14), -1, "amount"),
        (date(2023, 4, 14), 350 * MILLION + 1, "amount"),
        (date(2023, 4, 14), 10**18, "amount"),
        (TODAY + timedelta(days=1), 1, "paid_on"),
        (SUBMITTED - timedelta(days=1), 1, "paid_on"),
    ],
)
def test_a_payment_that_cannot_be_is_refused(officer, paid_on, amount, column):
    loan = record_loan(loan_of(), by=officer, today=TODAY)
    act = lambda: add_disbursement(loan, paid_on=paid_on, amount=amount, by=officer, today=TODAY)  # noqa: E731
    assert refusal(act).keys() == {column}


@pytest.mark.parametrize("result", ["pending", "refused", "withdrawn"])
def test_nothing_is_paid_out_of_a_loan_that_was_not_granted(officer, result):
    reason = "bad_debt" if result == "refused" else ""
    loan = record_loan(loan_of(result=result, approved=0, refusal_reason=reason), by=officer, today=TODAY)
    with nothing_written(), pytest.raises(NotAllowedNow):
        add_disbursement(loan, paid_on=TODAY, amount=1, by=officer, today=TODAY)


def test_a_form_sent_twice_pays_once(officer):
    loan = record_loan(loan_of(), by=officer, today=TODAY)
    pay = {"paid_on": TODAY, "amount": MILLION, "by": officer, "today": TODAY, "seen": 0}
    add_disbursement(loan, **pay)
    with nothing_written(), pytest.raises(NotAllowedNow):
        add_disbursement(loan, **pay)
    assert Loan.objects.get().disbursed == MILLION


def test_a_wrong_payment_is_voided_with_a_reason_once_and_stays_readable(officer):
    loan = record_loan(loan_of(), by=officer, today=TODAY)
    row = add_disbursement(loan, paid_on=TODAY, amount=MILLION, by=officer, today=TODAY)
    for reason in ("", "  ", "x" * 201):
        assert refusal(lambda reason=reason: void_disbursement(row, reason, by=officer)).keys() == {"reason"}
    assert void_disbursement(row, "Ghi nhầm khoản khác", by=officer).voided_by == officer
    void_disbursement(row, "Lần nữa", by=officer)
    row.refresh_from_db()
    assert (Loan.objects.get().disbursed, row.void_reason) == (0, "Ghi nhầm khoản khác")


def test_the_database_itself_refuses_more_paid_than_approved_and_payments_of_nothing(officer):
    loan = record_loan(loan_of(), by=officer, today=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Loan.objects.update(disbursed=loan.approved + 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        loan.disbursements.create(paid_on=TODAY, amount=0)


@given(
    st.lists(
        st.tuples(st.sampled_from(["pay", "void"]), st.integers(0, 40), st.integers(0, 5)), min_size=1, max_size=12
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_the_sum_is_the_sum_of_what_stands_whatever_was_done(db, acts):
    with transaction.atomic():
        officer = make_user()
        loan = record_loan(loan_of(requested=100, approved=100), by=officer, today=TODAY)
        stands: dict[int, int] = {}
        for act, amount, place in acts:
            if act == "pay":
                try:
                    row = add_disbursement(loan, paid_on=TODAY, amount=amount, by=officer, today=TODAY)
                    stands[row.pk] = amount
                    allowed = True
                except InvalidEntry:
                    allowed = False
                assert allowed == (0 < amount <= 100 - sum(stands.values()) + (amount if allowed else 0))
            elif stands:
                pk = sorted(stands)[place % len(stands)]
                void_disbursement(Disbursement.objects.get(pk=pk), "Ghi sai", by=officer)
                del stands[pk]
            assert Loan.objects.get(pk=loan.pk).disbursed == sum(stands.values()) <= 100
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_of_two_payments_at_once_that_together_are_too_much_one_is_refused():
    officer = make_user()
    loan = record_loan(loan_of(), by=officer, today=TODAY)

    def pay():
        return add_disbursement(loan, paid_on=TODAY, amount=200 * MILLION, by=officer, today=TODAY)

    results = at_once(pay, pay)
    assert len(of_kind(results, Disbursement)) == len(of_kind(results, InvalidEntry)) == 1
    loan.refresh_from_db()
    assert loan.disbursed == 200 * MILLION == sum(row.amount for row in loan.disbursements.all())


@pytest.mark.django_db(transaction=True)
def test_many_payments_and_records_at_once_lose_nothing():
    officer = make_user()
    loan = record_loan(loan_of(), by=officer, today=TODAY)

    def pay():
        return add_disbursement(loan, paid_on=TODAY, amount=10 * MILLION, by=officer, today=TODAY)

    def record():
        return record_loan(
            Loan.objects.get(pk=loan.pk),
            payments=[Payment(date(2023, 4, 14), 5 * MILLION)],
            source="TCT-1",
            by=officer,
            today=TODAY,
        )

    results = at_once(pay, record, pay, record, pay)
    assert of_kind(results, Exception) == []
    loan.refresh_from_db()
    assert loan.disbursed == 35 * MILLION == sum(row.amount for row in loan.disbursements.standing())


# --- What stands in the way --------------------------------------------------------------------------------


@pytest.fixture
def rules(db):
    """The rules these questions ask, in their two periods."""
    LegalRule.objects.create(
        key="charter.review_deadline", value="2026-01-01", unit="date", valid_from=date(2024, 7, 1),
        legal_document="Luật số 17/2023/QH15", article="Điều 115",
    )  # fmt: skip
    LegalRule.objects.create(
        key="congress.term_max_years", value="5", unit="year", valid_from=date(2013, 7, 1),
        legal_document="Luật số 23/2012/QH13",
    )  # fmt: skip
    LegalRule.objects.create(
        key="fund.own_capital_pct", value="20", unit="percent", valid_from=date(2021, 5, 15),
        legal_document="Nghị định 45/2021/NĐ-CP",
    )  # fmt: skip
    LegalRule.objects.create(key="fund.customer_cap_pct", value="15", unit="percent", valid_from=date(2021, 5, 15))
    for value, start, end in (
        ("1000000000", date(2015, 7, 25), date(2025, 6, 30)),
        ("5000000000", date(2025, 7, 1), None),
    ):
        LegalRule.objects.create(
            key="unsecured_loan_cap", value=value, unit="dong", valid_from=start, valid_to=end,
            legal_document="Nghị định",
        )  # fmt: skip
    LegalRule.objects.create(key="unsecured_loan_cap.tht", value="500000000", unit="dong", valid_from=date(2025, 7, 1))


def sound(**fields) -> Cooperative:
    """A cooperative nothing can be held against on any day of its term 2021–2026."""
    values = {"tax_code": "4700990014", "charter_review": "conforms"} | fields
    row = make_cooperative(**values)
    row.terms.create(started_on=date(2021, 12, 31), ends_on=date(2026, 12, 30))
    return row


def codes(cooperative, day=TODAY) -> list[str]:
    return [one.code for one in hindrances(cooperative, day)]


def test_a_sound_cooperative_has_no_hindrance_and_lapses_the_day_after_its_term(rules):
    row = sound()
    days = {date(2021, 12, 30): ["term"], date(2021, 12, 31): [], date(2026, 12, 30): [], date(2026, 12, 31): ["term"]}
    assert {day: codes(row, day) for day in days} == days
    (lapsed,) = hindrances(row, date(2026, 12, 31))
    assert str(lapsed.text) == "Nhiệm kỳ của người đại diện, HĐQT đã hết ngày 30/12/2026."
    assert (lapsed.source, lapsed.target) == ("Luật số 23/2012/QH13", "term_congress")


@given(
    st.dates(date(2021, 1, 1), date(2027, 12, 31)),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 700)), max_size=4),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_a_term_is_missing_on_exactly_the_days_no_term_covers(db, day, spans):
    with transaction.atomic():
        row = make_cooperative(tax_code="4700990014", charter_review="conforms")
        start = date(2021, 1, 1)
        terms = {start + timedelta(days=first): start + timedelta(days=first + length) for first, length in spans}
        for started_on, ends_on in terms.items():
            row.terms.create(started_on=started_on, ends_on=ends_on)
        covered = {a + timedelta(days=n) for a, b in terms.items() for n in range((b - a).days + 1)}
        assert (codes(row, day) == ["term"]) == (day not in covered)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("review", "registered", "day", "found"),
    [
        ("not_reviewed", date(2021, 3, 15), date(2026, 1, 1), []),
        ("not_reviewed", date(2021, 3, 15), date(2026, 1, 2), ["charter"]),
        ("must_amend", date(2024, 6, 30), date(2026, 1, 2), ["charter"]),
        ("must_amend", None, date(2026, 1, 2), ["charter"]),
        ("not_reviewed", date(2024, 7, 1), date(2026, 1, 2), []),
        ("amended", date(2021, 3, 15), date(2026, 1, 2), []),
        ("must_amend", date(2021, 3, 15), date(2023, 5, 1), []),
    ],
)
@pytest.mark.once
def test_a_charter_stands_in_the_way_after_the_deadline_if_it_was_written_before_the_law(
    rules, review, registered, day, found
):
    assert codes(sound(charter_review=review, registered_on=registered), day) == found


def test_status_certificate_and_tax_code_are_asked_and_nothing_but_status_of_a_tht(rules):
    assert codes(sound(legal_status="suspended")) == ["legal_status"]
    assert codes(sound(tax_code=None)) == ["certificate"]
    assert codes(sound(tax_code=None, certificate_no="13A8000101")) == ["tax_code"]
    assert codes(make_cooperative(kind="tht", legal_status="dissolved")) == ["legal_status"]
    assert codes(make_cooperative(kind="tht")) == []


@pytest.mark.parametrize(
    ("fields", "kind", "day", "found"),
    [
        ({"own_capital_percent": 19}, "htx", TODAY, ["own_capital"]),
        ({"own_capital_percent": 20}, "htx", TODAY, []),
        ({"own_capital_percent": 5, "lender": "vbsp"}, "htx", TODAY, []),
        ({"own_capital_percent": 5}, "htx", date(2021, 5, 14), []),
        ({"cic": "has"}, "htx", TODAY, ["bad_debt"]),
        ({"cic": "unknown"}, "htx", TODAY, []),
        ({"lender": "agribank", "requested": 1_000_000_001}, "htx", date(2025, 6, 30), ["cap"]),
        ({"lender": "agribank", "requested": 1_000_000_000}, "htx", date(2025, 6, 30), []),
        ({"lender": "agribank", "requested": 5_000_000_000}, "lhhtx", date(2025, 7, 1), []),
        ({"lender": "agribank", "requested": 5_000_000_001}, "htx", date(2025, 7, 1), ["cap"]),
        ({"lender": "agribank", "requested": 500_000_001}, "tht", date(2025, 7, 1), ["cap"]),
        ({"lender": "agribank", "requested": 500_000_001}, "tht", date(2025, 6, 30), []),
        ({"lender": "agribank", "requested": 9_000_000_000, "collateral": "land"}, "htx", TODAY, []),
        ({"requested": 9_000_000_000}, "htx", TODAY, []),
    ],
)
@pytest.mark.once
def test_what_a_lender_will_hold_against_a_request_follows_the_rules_of_the_day(rules, fields, kind, day, found):
    asked = Loan(**{"lender": "provincial_fund", "requested": MILLION, "collateral": "none"} | fields)
    assert [one.code for one in checks(asked, kind, day)] == found


def test_the_cap_of_a_programme_is_its_own_its_rule_or_a_share_of_the_fund(rules):
    start = date(2021, 5, 15)
    own = LoanProgramme.objects.create(code="a", name_vi="A", cap_htx=2_000_000_000, valid_from=start)
    by_rule = LoanProgramme.objects.create(code="b", name_vi="B", cap_rule="unsecured_loan_cap", valid_from=start)
    share = LoanProgramme.objects.create(code="c", name_vi="C", lender_capital=20_000_000_001, valid_from=start)
    open_end = LoanProgramme.objects.create(code="d", name_vi="D", own_capital_percent=30, valid_from=start)
    assert [row.cap("htx", TODAY) for row in (own, by_rule, share, open_end)] == [
        2_000_000_000, 5_000_000_000, 3_000_000_000, None,
    ]  # fmt: skip
    assert (own.cap("tht", TODAY), by_rule.cap("tht", TODAY)) == (None, 500_000_000)
    asked = Loan(lender="vbsp", programme=own, requested=2_000_000_001, collateral="none")
    assert [one.code for one in checks(asked, "htx", TODAY)] == ["cap"]
    stricter = Loan(lender="vbsp", programme=open_end, requested=1, own_capital_percent=29, collateral="none")
    assert [one.code for one in checks(stricter, "htx", TODAY)] == ["own_capital"]
    assert {row.code for row in LoanProgramme.objects.for_kind("tht")} == {"b", "c", "d"}


def test_a_rule_nobody_can_read_counts_as_no_rule(rules):
    LegalRule.objects.filter(key="unsecured_loan_cap").update(value="một tỷ")
    asked = Loan(lender="agribank", requested=9_000_000_000, collateral="none")
    assert checks(asked, "htx", TODAY) == []


# --- Sums --------------------------------------------------------------------------------------------------

LENDERS = ["provincial_fund", "vbsp", "agribank"]
PAYMENT = st.tuples(st.integers(2021, 2024), st.integers(1, 50), st.booleans())
ONE_LOAN = st.tuples(
    st.sampled_from(LENDERS), st.integers(2021, 2023), st.integers(1, 900), st.lists(PAYMENT, max_size=4)
)


def counted_by_hand(world) -> dict[tuple, list[int]]:
    """Loans, asked, approved, paid by lender and year, counted one after the other."""
    found: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for lender, year, requested, payments in world:
        line = found[lender, year]
        line[0] += 1
        line[1] += requested
        line[2] += requested
        for paid_year, amount, is_void in payments:
            if not is_void:
                found[lender, paid_year][3] += amount
    return dict(found)


@given(st.lists(ONE_LOAN, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_sums_by_lender_and_year_are_those_of_a_count_by_hand(db, world):
    with transaction.atomic():
        officer, cooperative = make_user(), make_cooperative()
        for lender, year, requested, payments in world:
            loan = Loan.objects.create(
                cooperative=cooperative, lender=lender, requested=requested, approved=requested, result="approved",
                submitted_on=date(year, 6, 15),
            )  # fmt: skip
            for paid_year, amount, is_void in payments:
                how = (
                    {"voided_at": "2025-01-01T00:00:00Z", "voided_by": officer, "void_reason": "Sai"} if is_void else {}
                )
                loan.disbursements.create(paid_on=date(paid_year, 12, 31), amount=amount, **how)
        expected = counted_by_hand(world)
        lines = sums(Loan.objects.all())
        assert {line.key: [line.loans, line.asked, line.approved, line.disbursed] for line in lines} == expected
        total = total_of(lines)
        assert [total.loans, total.asked, total.approved, total.disbursed] == [
            sum(row[place] for row in expected.values()) for place in range(4)
        ]
        by_lender = {line.key[0]: line.disbursed for line in sums(Loan.objects.all(), ["lender"])}
        assert by_lender == {
            lender: sum(row[3] for key, row in expected.items() if key[0] == lender) for lender in by_lender
        }
        transaction.set_rollback(True)


def test_sums_take_two_queries_however_many_loans(officer, django_assert_num_queries):
    for number in range(6):
        record_loan(
            loan_of(submitted_on=date(2022, 1 + number, 1)), payments=[Payment(TODAY, MILLION)], by=officer, today=TODAY
        )
    with django_assert_num_queries(2):
        (first, second) = sums(Loan.objects.all(), ["year", "district"])
    assert (first.key, first.loans, first.disbursed) == ((2022, "061"), 6, 0)
    assert (second.key, second.loans, second.disbursed) == ((2026, "061"), 0, 6 * MILLION)


def test_years_end_on_31_december(officer):
    record_loan(
        loan_of(submitted_on=date(2022, 12, 31)),
        payments=[Payment(date(2022, 12, 31), 1), Payment(date(2023, 1, 1), 2)],
        by=officer,
        today=TODAY,
    )
    assert [(line.key[1], line.asked, line.disbursed) for line in sums(Loan.objects.all())] == [
        (2022, 350 * MILLION, 1),
        (2023, 0, 2),
    ]
