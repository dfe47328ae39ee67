"""A small world with a row of every kind, ids above a million, and the table of all addresses of the site."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from cooperatives.models import (
    Agency,
    ConditionalLine,
    Cooperative,
    Disbursement,
    FoundingGroup,
    LegalRule,
    LoanProgramme,
    PaymentBatch,
    TaxObligation,
    TrainingClass,
    VsicChange,
    VsicLine,
)
from htx_portal.accounts.models import Role, User
from support_cases.choices import ReminderChannel, ReminderState
from support_cases.closings import close_period
from support_cases.line_reviews import fill_from_register
from support_cases.models import (
    Absence,
    CalendarFeed,
    Case,
    ChecklistRule,
    Closing,
    Consultation,
    Referral,
    Reminder,
    ReminderMessage,
    ReminderMute,
    ReportFile,
    SignOfLife,
)
from support_cases.models.report_file import FileState
from support_cases.referrals import refer
from support_cases.reminders.absences import enter_absence
from support_cases.reminders.entering import enter_due
from support_cases.reminders.feeds import make_feed
from support_cases.reminders.muting import mute
from support_cases.reports.coverage import COVERAGE
from support_cases.reports.office import period_of
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.served import SERVED
from support_cases.support_types import SUPPORT_TYPES
from support_cases.workflow import take_step
from tests.factories import make_case, make_consultation, make_cooperative, make_founding_group, make_user
from tests.reminding import shipped_rules

FIRST_ID = 1_234_500
OWN_APPS = ("accounts", "cooperatives", "support_cases")


@dataclass
class World:
    """One row of each kind that pages are about, and one person of each role."""

    users: dict[str, User]
    cooperative: Cooperative
    group: FoundingGroup
    case: Case
    consultation: Consultation
    referral: Referral
    stranger_case: Case


def build_world() -> World:
    """Return the world; the cooperative's person acts for ``cooperative`` and has nothing to do with the rest."""
    start_ids_high()
    today = timezone.localdate()
    _reference_rows()
    cooperative = make_cooperative(
        "Hợp tác xã Miến dong Nà Duồng", phone="0912345678", tax_code="4700990014", charter_capital=1_500_000_000
    )
    users = {role: make_user(role, email=f"{role}@example.vn") for role in Role if role != Role.COOPERATIVE}
    users[Role.COOPERATIVE] = make_user(Role.COOPERATIVE, cooperative=cooperative)
    staff = users[Role.STAFF]
    _register_rows(cooperative, today)
    case = make_case(cooperative, by=staff, title="Nâng hạng miến dong lên 4 sao", due_on=today + timedelta(days=5))
    take_step(case, "start", by=staff, today=today)
    case.refresh_from_db()
    consultation = make_consultation(
        cooperative, by=staff, cases=[case], outcome="follow_up", follow_up_on=today, topics=["ocop", "loan"]
    )
    _review_of_lines(cooperative, staff, today)
    referral = refer(
        case,
        Agency.objects.get(),
        "Hỏi về hóa đơn của HTX.",
        by=staff,
        today=today,
        expected_on=today + timedelta(days=5),
    )
    group = make_founding_group("Nhóm chè Khuổi Slao")
    make_consultation(group, by=staff, topics=["registration"])
    stranger_case = make_case(by=staff, topic="tax", title="Hỏi về hóa đơn điện tử", due_on=today)
    shipped_rules()
    make_feed(staff, timezone.now())
    mute(staff, case, "Chờ HTX qua mùa vụ.", today=today, until=today + timedelta(days=30))
    enter_absence(
        staff, users[Role.MANAGER], today + timedelta(days=40), today + timedelta(days=44), "Nghỉ phép.",
        by=staff, today=today,
    )  # fmt: skip
    enter_due(today)
    Reminder.objects.filter(channel=ReminderChannel.APP).update(state=ReminderState.SENT, sent_at=timezone.now())
    _undelivered(staff)
    for process in ("worker", "beat"):
        SignOfLife.objects.create(process=process, seen_at=timezone.now())
    ReportFile.objects.create(
        report="served", format="csv", person=staff, asked_at=timezone.now(), finished_at=timezone.now(),
        state=FileState.READY, name="bao-cao.csv", content=b"1",
    )  # fmt: skip
    close_period(Period.parse("2023-08", MONTH), by=users[Role.MANAGER], today=today)
    return World(users, cooperative, group, case, consultation, referral, stranger_case)


def _undelivered(staff: User) -> None:
    """A mail to the officer that failed, with what it held."""
    now = timezone.now()
    message = ReminderMessage.objects.create(
        recipient=staff, channel=ReminderChannel.MAIL, identity="<htx-1@example.vn>", state=ReminderState.FAILED,
        reason="TimeoutError", attempts=8, run_at=now, created_at=now,
    )  # fmt: skip
    rows = staff.reminders.filter(channel=ReminderChannel.MAIL)
    rows.update(message=message, state=ReminderState.FAILED, reason=message.reason)


def _review_of_lines(cooperative: Cooperative, staff: User, today: date) -> None:
    """A case in which the lines of the register are reviewed, as they are and with one more."""
    ConditionalLine.objects.create(version="2018", code="0119", licence="test", note_vi="Giấy phép", valid_from=today)
    VsicChange.objects.create(from_version="2018", from_code="0119", to_version="2025", to_code="0119")
    case = make_case(cooperative, by=staff, topic="business_lines", title="Rà soát ngành, nghề")
    fill_from_register(case, by=staff, today=today)


def start_ids_high() -> None:
    """Let every table of ours count on from FIRST_ID, so that a number printed with dots breaks its link."""
    with connection.cursor() as cursor:
        for model in own_models():
            if not isinstance(model._meta.pk, models.AutoField):
                continue
            table = model._meta.db_table
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, FIRST_ID])
            else:
                cursor.execute(f'ALTER TABLE "{table}" ALTER COLUMN "id" RESTART WITH {FIRST_ID}')


def own_models() -> list[type[models.Model]]:
    """Return the models of our own apps."""
    return [model for model in apps.get_models() if model._meta.app_label in OWN_APPS]


def _reference_rows() -> None:
    for code, words in (("form", "Đơn đăng ký"), ("test", "Phiếu kiểm nghiệm")):
        ChecklistRule.objects.create(
            topic="ocop", code=code, label_vi=words, label_en=f"Paper {code}", valid_from="2020-01-01"
        )
    VsicLine.objects.create(version="2018", code="0119", name_vi="Trồng cây hàng năm khác", name_en="Other crops")
    LegalRule.objects.create(key="test.rule", value="3", valid_from="2020-01-01")
    TaxObligation.objects.create(
        code="vat_return_quarter", title_vi="Tờ khai thuế GTGT theo quý", title_en="Quarterly VAT return",
        frequency="quarter", months=1, legal_document="38/2019/QH14", valid_from="2020-12-05",
    )  # fmt: skip
    Agency.objects.create(code="tax", kind="tax", name_vi="Chi cục Thuế khu vực thử", valid_from="2020-01-01")


def _register_rows(cooperative: Cooperative, today: date) -> None:
    """Give the cooperative a row in each part of the register; term and rating about to end."""
    soon = today + timedelta(days=20)
    began = date(2021, 4, 1)
    cooperative.contacts.create(name="Bàn Thị Thử", phone="0987654321")
    cooperative.terms.create(started_on=began, ends_on=soon)
    cooperative.congresses.create(kind="term", held_on=began, call_no=2, present=9, decisions="Bầu HĐQT khóa mới.")
    cooperative.annual_updates.create(year=2025, filed_on=date(2025, 12, 10))
    cooperative.business_lines.create(line=VsicLine.objects.get(), valid_from=began, is_main=True)
    product = cooperative.ocop_products.create(name="Miến dong Nà Duồng", group="food", first_year=2022)
    product.ratings.create(
        criteria_version="2023", level="province", score=85, stars=4, decided_on=began, valid_until=soon
    )
    cooperative.branches.create(kind="branch", name="Chi nhánh Chợ Đồn", opened_on=began)
    cooperative.suspensions.create(starts_on=began, ends_on=soon)
    cooperative.violation_notices.create(noticed_on=began, settled_on=soon, subject="Chưa báo cáo")
    cooperative.registration_changes.create(fact="charter_capital", old="900000000", new="1500000000", changed_on=began)
    product.papers.create(kind="test_report", number="12/KN", issued_on=began, expires_on=soon)
    programme = LoanProgramme.objects.create(code="job", lender="vbsp", name_vi="Cho vay việc làm", valid_from=began)
    loan = cooperative.loans.create(
        lender="vbsp", programme=programme, requested=350_000_000, approved=350_000_000, result="approved",
        disbursed=150_000_000, submitted_on=began,
    )  # fmt: skip
    loan.disbursements.create(paid_on=began, amount=150_000_000)
    cooperative.loans.create(
        lender="agribank", requested=123_456_789, submitted_on=began, result="refused", refusal_reason="weak_plan"
    )
    cooperative.year_figures.create(
        year=2025, members=1_234, revenue=987_654_321, profit=-12_345_678, managers=5, recorded_at=timezone.now(),
        recorded_by=User.objects.filter(role=Role.STAFF).first(),
    )  # fmt: skip
    _workforce_rows(cooperative, began, soon)


def _workforce_rows(cooperative: Cooperative, began: date, soon: date) -> None:
    """Give the cooperative a placement with a month confirmed and paid, and a class it took part in."""
    staff = User.objects.filter(role=Role.STAFF).first()
    line = cooperative.approved_support.create(decision_no="12/QĐ", decided_on=began, posts=1, valid_from=began)
    placement = cooperative.placements.create(
        approved=line, person_label="N.V.T", degree="college", job="accountant", started_on=began, ends_on=soon
    )
    placement.confirmations.create(
        month=began, days_worked=22, standard_days=26, confirmed_on=began, confirmed_by=staff
    )
    batch = PaymentBatch.objects.create(
        number="15/QĐ", decided_on=soon, from_month=began, to_month=began, made_by=staff
    )
    batch.items.create(placement=placement, month=began, amount=4_605_000, wage=3_070_000, region=4)
    training = TrainingClass.objects.create(name="Kế toán HTX", organiser="Liên minh", started_on=began, ended_on=began)
    training.participations.create(cooperative=cooperative, participants=3)


def named_patterns() -> Iterator[tuple[str, URLPattern]]:
    """Yield every pattern of the site that has a name, under its full name."""
    for name, pattern, _arguments in _patterns():
        yield name, pattern


def _patterns() -> Iterator[tuple[str, URLPattern, list[str]]]:
    """Yield name, pattern and all arguments, also those of the addresses it is mounted below."""

    def walk(patterns, spaces, above):
        for pattern in patterns:
            arguments = [*above, *pattern.pattern.regex.groupindex]
            if not isinstance(pattern, URLPattern):
                inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
                yield from walk(pattern.url_patterns, inner, arguments)
            elif pattern.name:
                yield ":".join((*spaces, pattern.name)), pattern, arguments

    yield from walk(get_resolver().url_patterns, (), [])


#: What an address has to be asked.
_ASKED = {
    "api-report-rows": "?table=totals&row=registered&column=cooperatives",
    "support:report-behind": "?bang=totals&dong=registered&cot=cooperatives",
}


def addresses(world: World) -> dict[str, str]:
    """Return one address for each named pattern, its arguments filled in from the world.

    Raises KeyError for an argument the world knows nothing of, so that no new address escapes the tests.
    """
    found = {}
    row = _child_row()
    for name, pattern, asked in _patterns():
        if name.startswith("support:case-row"):
            if row is None:
                continue
            values = {"reference": row[1].case.reference, "name": row[0], "pk": row[1].pk}
        else:
            values = {argument: _value(world, name, argument, pattern) for argument in asked}
        found[name] = reverse(name, kwargs={argument: values[argument] for argument in asked}) + _ASKED.get(name, "")
    return found


def _child_row() -> tuple[str, Any] | None:
    """Return the list and the row of some child row of a case; None while no kind of support has any.

    Raises LookupError when there are such lists and the world has no row in any of them.
    """
    lists = [(name, model) for kind in SUPPORT_TYPES.values() for name, model in kind.rows.items()]
    for name, model in lists:
        if row := model._default_manager.select_related("case").first():
            return name, row
    if lists:
        raise LookupError("the world needs a child row of a case")
    return None


#: Addresses with the number, or the secret, of a row that is the officer's own.
_OF_STAFF = {
    "support:reminder-text": lambda staff: _reminder_of(staff).pk,
    "support:reminder-mute": lambda staff: _reminder_of(staff).pk,
    "support:message-resend": lambda staff: staff.messages.get().pk,
    "support:message-let-be": lambda staff: staff.messages.get().pk,
    "support:unmute": lambda staff: ReminderMute.objects.get(person=staff).pk,
    "support:absence-end": lambda staff: Absence.objects.get(person=staff).pk,
    "support:feed": lambda staff: CalendarFeed.objects.get(person=staff).secret,
    "support:report-file-in-work": lambda staff: staff.report_files.get().pk,
    "support:report-file-content": lambda staff: staff.report_files.get().pk,
}


def _reminder_of(staff: User) -> Reminder:
    """Return a reminder in the officer's inbox."""
    return staff.reminders.filter(channel=ReminderChannel.APP).first()


def _value(world: World, name: str, argument: str, pattern: URLPattern):
    if name.startswith("admin:"):
        return _admin_value(world, name, argument)
    kind = pattern.callback.__module__.rsplit(".", 1)[-1]
    if name == "support:report-closing-reopen":
        return Closing.objects.get().pk
    if name == "api-report-rows":
        return COVERAGE.code
    if name == "support:report-behind":
        return COVERAGE
    if own := _OF_STAFF.get(name):
        return own(world.users[Role.STAFF])
    if argument == "reference" and ".panels." in pattern.callback.__module__:
        return _case_of_kind(world, kind).reference
    return {
        ("cooperatives", "pk"): world.cooperative.pk,
        ("cooperatives", "loan"): Disbursement.objects.get().loan_id,
        ("cooperatives", "payment"): Disbursement.objects.get().pk,
        ("api-loans", "pk"): Disbursement.objects.get().loan_id,
        ("cooperatives", "product"): world.cooperative.ocop_products.get().pk,
        ("cooperatives", "paper"): world.cooperative.ocop_products.get().papers.get().pk,
        ("api-ocop", "pk"): world.cooperative.ocop_products.get().pk,
        ("cooperatives", "year"): 2025,
        ("cooperatives", "placement"): world.cooperative.placements.first().pk,
        ("cooperatives", "line"): world.cooperative.approved_support.first().pk,
        ("cooperatives", "batch"): PaymentBatch.objects.first().pk,
        ("cooperatives", "training"): TrainingClass.objects.first().pk,
        ("api-placements", "pk"): world.cooperative.placements.first().pk,
        ("api-payment", "pk"): PaymentBatch.objects.first().pk,
        ("api-training", "pk"): TrainingClass.objects.first().pk,
        ("support", "pk"): world.consultation.pk,
        ("support", "extension"): "xlsx",
        ("support", "reference"): world.case.reference,
        ("support", "referral"): world.referral.pk,
        ("support", "kind"): SERVED,
        ("support", "period"): period_of(Closing.objects.get()),
        ("api-report", "code"): SERVED.code,
        ("api-cooperatives", "pk"): world.cooperative.pk,
        ("api-consultations", "pk"): world.consultation.pk,
        ("api-cases", "reference"): world.case.reference,
        ("api-cases", "referral"): world.referral.pk,
    }[name.split(":")[0] if ":" in name else "-".join(name.split("-")[:2]), argument]


def _case_of_kind(world: World, topic: str) -> Case:
    """Return the case of the world's cooperative about a topic, opened when it is first asked for."""
    found = world.cooperative.cases.filter(topic=topic).first()
    return found or make_case(world.cooperative, by=world.users[Role.STAFF], topic=topic, title="Hồ sơ của loại này")


def _admin_value(world: World, name: str, argument: str):
    """Return the id of a row of the model in the name of an admin address; 0 where the world has none."""
    if argument in ("id", "object_id"):
        for model in admin.site._registry:
            if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
                row = model._default_manager.first()
                return row.pk if row else 0
        return world.users[Role.STAFF].pk
    return {"content_type_id": 0, "app_label": "cooperatives", "url": "none"}[argument]
