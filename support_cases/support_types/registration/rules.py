"""What stands in the way of a step of a registration, and what speaks against it."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from cooperatives.calendar import WorkCalendar
from cooperatives.choices import Kind
from cooperatives.errors import Words
from cooperatives.governance.lawbook import Lawbook
from cooperatives.models import Cooperative, Effect, Holiday, LegalRule, Procedure, RegistrationProcedure
from cooperatives.models.procedures import Side
from cooperatives.registration import filing_day, least_members, refusal_grounds, same_named
from support_cases.support_types.registration.details import FACTS, FOUNDING, RegistrationDetails, kind_of

#: Stops on the way.
PREPARING, INTAKE, FILED, CERTIFIED = "preparing", "intake", "filed", "certificate"
_INTAKE = ("has_name", "has_contact", "has_fee_receipt")


def details_of(case) -> RegistrationDetails:
    """Return the details of the case, or empty ones where it has none."""
    return case.details or RegistrationDetails()


class RegistrarLaw(NamedTuple):
    """The catalogue of procedures and all dated rules, read once for many cases; both oldest first."""

    catalogue: Sequence[RegistrationProcedure]
    book: Lawbook

    @classmethod
    def read(cls) -> "RegistrarLaw":
        """Return the law of all days; three queries. Any rule may be the one a procedure names."""
        return cls(list(RegistrationProcedure.objects.order_by("valid_from")), Lawbook.read(""))

    def procedure(self, code: str, day: date) -> RegistrationProcedure | None:
        """Return the row of a procedure in force on ``day``, as :meth:`ProcedureQuerySet.of` does."""
        found = [row for row in self.catalogue if row.code == code and row.valid_from <= day]
        return next((row for row in reversed(found) if row.valid_to is None or day <= row.valid_to), None)


def procedure_of(case, law: RegistrarLaw | None = None) -> RegistrationProcedure | None:
    """Return the row of the catalogue for the case's procedure under its law, or None where there is none."""
    find = law.procedure if law else RegistrationProcedure.objects.of
    return find(details_of(case).procedure, case.event_on)


def event_of(details: RegistrationDetails) -> date | None:
    """Return the day of the event the deadline of the procedure counts from, where it is written."""
    if details.procedure == Procedure.SUSPEND:
        return details.suspended_from
    return details.met_on if details.procedure == Procedure.FOUND else details.changed_on


def filing_deadline(case, procedure: RegistrationProcedure | None, law: RegistrarLaw | None = None) -> date | None:
    """Return by when the papers have to be filed, or None where nothing says so or the event has no day yet."""
    event = event_of(details_of(case))
    if procedure is None or event is None:
        return None
    return filing_day(procedure, event, case.event_on, _calendar(law), law.book.term if law else None)


def supplement_deadline(case, law: RegistrarLaw | None = None) -> date | None:
    """Return until when supplements the registrar asked for may be handed in; None while it asks for none."""
    asked = details_of(case).supplement_asked_on
    find = law.book.term if law else LegalRule.objects.term
    term = find("dossier.supplement_days", case.event_on) if asked else None
    return _calendar(law).end_of(asked, term.amount, term.unit) if term else None


def _calendar(law: RegistrarLaw | None) -> WorkCalendar:
    return law.book.calendar if law else Holiday.objects.work_calendar()


def missing_facts(case, details: RegistrationDetails, effect: str) -> list[str]:
    """Return the labels of what the register needs for ``effect`` and the details do not say."""
    if effect == Effect.FOUND:
        needed = ["name"] if case.founding_group_id and not case.founding_group.cooperative_id else []
    elif effect == Effect.SUSPEND:
        needed = ["suspended_from", "suspended_to"]
    elif effect == Effect.BRANCH:
        needed = [] if details.branch_closed_id else ["branch_kind", "branch_name"]
    else:
        needed = ["representative"] if details.procedure == Procedure.CHANGE_REPRESENTATIVE else []
    columns = RegistrationDetails._meta
    return [str(columns.get_field(name).verbose_name) for name in needed if not getattr(details, name)]


def problems_before(step: str, case, day: date) -> list[Words]:
    """Return what forbids ``step`` on ``day``: the registrar would refuse, or the register would become false."""
    details = details_of(case)
    if step == "start":
        return _refusals(case, day)
    if step == INTAKE:
        missing = [item.label for item in case.checklist.all() if item.is_missing]
        return [_("Còn thiếu giấy tờ: %(paper)s.") % {"paper": label} for label in missing]
    if step in ("submit", "complete"):
        return [
            *too_few_members(case, details),
            *_branches_left(case, details, day),
            *_unfinished(step, case, details, day),
        ]
    return []


def warnings_before(step: str, case, day: date) -> list[Words]:
    """Return what speaks against ``step`` on ``day`` and may be overruled by a reason."""
    details = details_of(case)
    if step == INTAKE:
        labels = [details._meta.get_field(name).verbose_name for name in _INTAKE if not getattr(details, name)]
        return [_("Chưa đánh dấu: %(label)s.") % {"label": label} for label in labels]
    if step == "papers_received":
        return _void(case, day)
    if step == "submit":
        return [*_void(case, day), *_late(case, day), *namesakes(case, details)]
    return []


def _refusals(case, day: date) -> list[Words]:
    """Return the grounds on which the registrar refuses papers of this party, without those it is exempt from."""
    if not isinstance(case.cooperative, Cooperative):
        return []
    grounds = refusal_grounds(case.cooperative, day, case.event_on)
    procedure = procedure_of(case) if grounds else None
    exempt = procedure.exempt_from if procedure else ()
    return [ground.words for ground in grounds if ground.code not in exempt]


def too_few_members(case, details: RegistrationDetails) -> list[Words]:
    """Return that those who found it are fewer than the law asks for."""
    if details.procedure not in FOUNDING or details.members is None:
        return []
    kind = kind_of(case, details)
    least = least_members(kind, case.event_on)
    if least is None or details.members >= least:
        return []
    words = (
        _("Liên hiệp HTX cần ít nhất %(least)s HTX, hồ sơ ghi %(members)s.")
        if kind == Kind.LHHTX
        else _("Cần ít nhất %(least)s thành viên, hồ sơ ghi %(members)s.")
    )
    return [words % {"least": least, "members": details.members}]


def namesakes(case, details: RegistrationDetails) -> list[Words]:
    """Return that cooperatives of this name are in the register already."""
    if not details.name or details.procedure not in FACTS:
        return []
    own = case.cooperative or (case.founding_group.cooperative if case.founding_group else None)
    found = same_named(details.name, own)
    return [_("Tên trùng trong sổ đăng ký với: %(names)s.") % {"names": ", ".join(map(str, found))}] if found else []


def _branches_left(case, details: RegistrationDetails, day: date) -> list[Words]:
    """Return the units that have to be closed before a cooperative is dissolved."""
    if details.procedure not in (Procedure.DISSOLVE, Procedure.DISSOLVE_NOTICE) or case.cooperative is None:
        return []
    left = case.cooperative.branches.open_on(day)
    return [_("Phải chấm dứt hoạt động trước: %(unit)s.") % {"unit": unit} for unit in left]


def _unfinished(step: str, case, details: RegistrationDetails, day: date) -> list[Words]:
    """Return what makes the answer of the registrar too little, or wrong, to be written into the register."""
    if step != "complete":
        return []
    if details.procedure == Procedure.CAPITAL:
        future = details.changed_on and details.changed_on > day
        return [_("Ngày góp đủ vốn không thể sau ngày hoàn thành hồ sơ.")] if future else []
    if details.certificate_on is None:
        return [_("Có số giấy chứng nhận thì cần ghi ngày cấp.")] if details.certificate_no else []
    procedure = procedure_of(case)
    effect = procedure.effect if procedure else Effect.NONE
    problems: list[Words] = [
        _("Cần ghi “%(field)s” để cập nhật sổ đăng ký.") % {"field": label}
        for label in missing_facts(case, details, effect)
    ]
    if effect == Effect.FOUND and _is_registered(case, details):
        problems.append(_("HTX này đã đăng ký: thủ tục thành lập chỉ dùng cho nhóm sáng lập hoặc tổ hợp tác."))
    return problems


def _is_registered(case, details: RegistrationDetails) -> bool:
    """Whether the party is a cooperative with a certificate that is not the one of this case."""
    row = case.cooperative
    if case.founding_group_id or row is None or row.kind == Kind.THT:
        return False
    return bool(row.certificate_no) and row.certificate_no != details.certificate_no


def _void(case, day: date) -> list[Words]:
    deadline = supplement_deadline(case)
    if deadline is None or day <= deadline:
        return []
    words = _("Đã quá hạn bổ sung (hết ngày %(day)s): hồ sơ cũ không còn giá trị, phải nộp lại từ đầu.")
    return [words % {"day": f"{deadline:%d/%m/%Y}"}]


def _late(case, day: date) -> list[Words]:
    procedure = procedure_of(case)
    deadline = filing_deadline(case, procedure)
    if deadline is None or day <= deadline:
        return []
    words = (
        _("Nộp muộn: phải thông báo trước, chậm nhất ngày %(day)s.")
        if procedure.deadline_side == Side.BEFORE
        else _("Nộp muộn: hạn nộp là ngày %(day)s.")
    )
    return [words % {"day": f"{deadline:%d/%m/%Y}"}]
