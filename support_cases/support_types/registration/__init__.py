"""Registration of a cooperative: founding, changes on the certificate, suspension, dissolution."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from cooperatives.agencies import registrar_for
from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import AdminUnit, Branch, Cooperative, Effect, Holiday, Procedure
from cooperatives.registration import appointment_day, capital_terms
from support_cases.choices import RUNNING_STATUSES, Status
from support_cases.support_types.base import KindDay, Milestone, NextCase, SupportType
from support_cases.support_types.registration import guidance as hints
from support_cases.support_types.registration import rules
from support_cases.support_types.registration.details import GROUPS, RegistrationDetails, detail_problems
from support_cases.support_types.registration.effects import CAPITAL_KEY, OWE_CAPITAL, has_result, write_result

# Reached by ordinary steps and offered by none of its own.
_BY_STEPS: frozenset[Status] = frozenset()


class Registration(SupportType):
    """Dossiers and registration with the registrar."""

    code = "registration"
    position = 10
    label = _("Hồ sơ, thủ tục đăng ký")
    public_label = _("Đăng ký HTX")
    details = RegistrationDetails
    field_groups = GROUPS
    milestones = (
        Milestone(
            rules.PREPARING, _("Chuẩn bị hồ sơ"), _("Đang chuẩn bị hồ sơ đăng ký"), _BY_STEPS,
            _("HTX chuẩn bị giấy tờ theo hướng dẫn của cán bộ."),
        ),
        Milestone(
            rules.INTAKE, _("Hồ sơ đủ đầu vào"), _("Hồ sơ đã được kiểm tra, sẵn sàng nộp"),
            frozenset({Status.ADVISING}), _("HTX nộp hồ sơ cho cơ quan đăng ký kinh doanh."),
        ),
        Milestone(
            rules.FILED, _("Hồ sơ ở cơ quan đăng ký"), _("Hồ sơ đang ở cơ quan đăng ký kinh doanh"), _BY_STEPS,
            _("Cơ quan đăng ký kinh doanh xem xét và trả kết quả."),
        ),
        Milestone(
            rules.CERTIFIED, _("Đã có giấy chứng nhận, kết quả"), _("Đã có kết quả của cơ quan đăng ký"),
            frozenset(RUNNING_STATUSES) - {Status.NEW, Status.ADVISING},
            _("HTX nhận giấy chứng nhận theo lịch hẹn."),
        ),
    )  # fmt: skip
    stages = {
        Status.ADVISING: _("Đang chuẩn bị hồ sơ đăng ký"),
        Status.SUBMITTED: _("Hồ sơ đang ở cơ quan đăng ký kinh doanh"),
        Status.COMPLETED: _("Đã có kết quả đăng ký"),
    }
    day_words = {"filing": _("Hạn nộp hồ sơ"), "supplement": _("Hạn bổ sung hồ sơ")}
    next_steps = {
        Status.SUBMITTED: _("Cơ quan đăng ký kinh doanh xem xét và trả kết quả."),
        Status.WAITING_RESULT: _("HTX nhận giấy chứng nhận theo lịch hẹn."),
    }

    def variant(self, details) -> str:
        """Each procedure has papers of its own."""
        return details.procedure

    def event_day(self, details) -> date | None:
        """The day of the change, of the founding meeting, or of the first day without trade."""
        return details.changed_on or details.met_on or details.suspended_from

    def limit(self, name: str, party):
        """A commune of the register; a unit of the cooperative itself."""
        if name == "commune":
            return AdminUnit.objects.communes()
        if isinstance(party, Cooperative):
            return party.branches.all()
        return Branch.objects.none()

    def check(self, case, details, today: date):
        """Days, names, codes, and whether the law of the case has the procedure."""
        return detail_problems(case, details, today)

    def problems_before(self, step: str, case, day: date):
        """Grounds of refusal, an incomplete intake, too few members, a register that would become false."""
        return rules.problems_before(step, case, day)

    def warnings_before(self, step: str, case, day: date):
        """Papers filed late, supplements handed in late, a name that is there already."""
        return rules.warnings_before(step, case, day)

    def guidance(self, case, day: date):
        """The procedure, the registrar and the terms."""
        return hints.guidance(case, day)

    def facts(self, case, day: date):
        """Code of the procedure and last days."""
        return hints.facts(case, day)

    def law_of_days(self) -> rules.RegistrarLaw:
        """The catalogue and the rules of all days."""
        return rules.RegistrarLaw.read()

    def remind_on(self, case, law):
        """The last days to file and to supplement."""
        if not case.is_open:
            return
        filing = rules.filing_deadline(case, rules.procedure_of(case, law), law)
        if filing and case.status in (Status.NEW, Status.ADVISING):
            yield KindDay("filing", filing)
        if supplement := rules.supplement_deadline(case, law):
            yield KindDay("supplement", supplement)

    def after(self, step: str, case, *, day: date, by) -> Sequence[NextCase]:
        """Keep the stop and the registrar's terms; at the end write the register and follow the capital up."""
        details = rules.details_of(case)
        if step in ("start", "papers_received", "reopen"):
            self._prepare(step, case, details, day)
        elif step == "request_papers" and case.milestone in (rules.FILED, rules.CERTIFIED):
            _ask_for_supplement(details, day)
        elif step == "submit":
            self._file(case, details, day)
        elif step == "complete":
            return self._finish(case, details, day)
        return ()

    def _prepare(self, step: str, case, details: RegistrationDetails, day: date) -> None:
        """Go back to preparing; supplements that came too late end the old dossier and its term."""
        deadline = rules.supplement_deadline(case) if step == "papers_received" else None
        if deadline and day > deadline:
            _ask_for_supplement(details, None)
        case.milestone = rules.PREPARING

    def _file(self, case, details: RegistrationDetails, day: date) -> None:
        """Note where the papers are and when the answer is due."""
        procedure = rules.procedure_of(case)
        case.milestone = rules.FILED
        case.receiving_agency = case.receiving_agency or str(registrar_for(case.party, day) or "")
        answer = appointment_day(procedure, day, Holiday.objects.work_calendar()) if procedure else None
        case.appointment_on = answer or case.appointment_on
        if details.supplement_asked_on:
            _ask_for_supplement(details, None)

    def _finish(self, case, details: RegistrationDetails, day: date) -> Sequence[NextCase]:
        """Write the registrar's answer into the register and return what follows from it.

        Raises:
            NotAllowedNow: with the words of the register where it refuses.
        """
        procedure = rules.procedure_of(case)
        if procedure is None or not has_result(details, procedure.effect):
            return ()
        case.milestone = rules.CERTIFIED
        try:
            write_result(case, details, procedure, day)
        except InvalidEntry as refusal:
            raise NotAllowedNow([words for said in refusal.problems.values() for words in said]) from refusal
        return _capital_case(case, details) if procedure.effect == Effect.FOUND else ()


def _ask_for_supplement(details: RegistrationDetails, day: date | None) -> None:
    """Write since when the registrar waits for supplements, None for not at all."""
    details.supplement_asked_on = day
    if details.pk:
        details.save(update_fields=["supplement_asked_on"])


def _capital_case(case, details: RegistrationDetails) -> Sequence[NextCase]:
    """Return the case in which the paying in of the capital of a new cooperative is watched."""
    terms = capital_terms(details.certificate_on, Holiday.objects.work_calendar())
    if terms is None or case.cooperative is None or case.cooperative.kind not in OWE_CAPITAL:
        return ()
    return [
        NextCase(
            key=CAPITAL_KEY,
            topic=Registration.code,
            title=_("Góp đủ vốn điều lệ"),
            due_on=terms.pay_by,
            details={"procedure": Procedure.CAPITAL.value},
            event_on=details.certificate_on,
        )
    ]
