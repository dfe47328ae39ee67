"""What leads an officer through a registration: procedure, registrar, terms, what is still to be written."""

from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cooperatives.agencies import registrar_for
from cooperatives.choices import Kind
from cooperatives.errors import Words
from cooperatives.models import Cooperative, Effect, Holiday, LegalRule, Procedure, RegistrationProcedure
from cooperatives.models.procedures import Side
from cooperatives.registration import capital_terms, least_members, name_problem, refusal_grounds
from support_cases.support_types.base import Hint
from support_cases.support_types.registration.details import FOUNDING, RegistrationDetails, kind_of
from support_cases.support_types.registration.rules import (
    details_of,
    filing_deadline,
    missing_facts,
    namesakes,
    procedure_of,
    supplement_deadline,
    too_few_members,
)


def guidance(case, day: date) -> list[Hint]:
    """Return the hints for ``case`` on ``day``, the most urgent first."""
    details, procedure = details_of(case), procedure_of(case)
    if procedure is None:
        return [Hint(_("Danh mục thủ tục chưa có thủ tục này cho ngày của hồ sơ, xin đối chiếu văn bản."), "warn")]
    hints = [*_refused(case, procedure, day), *_supplement(case, day), *_for_others(case, details, procedure)]
    if procedure.effect == Effect.CAPITAL:
        return [*hints, *_capital(case, day)]
    if case.status in ("new", "advising"):
        hints += [*_filing(case, procedure, day), *_registrar(case, day)]
    if details.procedure in FOUNDING:
        hints += _founding(case, details)
    return [*hints, *_about(procedure, case), *_result(case, details, procedure)]


def facts(case, day: date) -> list[tuple[Words, Words]]:
    """Return the code of the procedure, the last day to file and the last day to supplement, where they are known."""
    procedure = procedure_of(case)
    if procedure is None:
        return []
    found = [(_("Mã thủ tục hành chính"), procedure.tthc_code)]
    for label, last in (
        (_("Hạn nộp hồ sơ"), filing_deadline(case, procedure)),
        (_("Hạn bổ sung hồ sơ"), supplement_deadline(case)),
    ):
        found.append((label, f"{last:%d/%m/%Y}" if last else ""))
    return [(label, words) for label, words in found if words]


def _refused(case, procedure: RegistrationProcedure, day: date) -> list[Hint]:
    if not isinstance(case.cooperative, Cooperative):
        return []
    grounds = refusal_grounds(case.cooperative, day, case.event_on)
    return [
        Hint(_("%(ground)s Thủ tục này vẫn làm được.") % {"ground": ground.words}, "info")
        if ground.code in procedure.exempt_from
        else Hint(ground.words, "bad")
        for ground in grounds
    ]


def _for_others(case, details: RegistrationDetails, procedure: RegistrationProcedure) -> list[Hint]:
    """Say that the procedure is not for this kind of organisation."""
    kind = kind_of(case, details)
    if kind in procedure.applies_to:
        return []
    return [Hint(_("Thủ tục này không áp dụng cho %(kind)s.") % {"kind": Kind(kind).label}, "warn", procedure.source)]


def _supplement(case, day: date) -> list[Hint]:
    deadline = supplement_deadline(case)
    if deadline is None:
        return []
    left = (deadline - day).days
    source = _("Nghị định 92/2024/NĐ-CP")
    if left < 0:
        words = _("Quá hạn bổ sung từ ngày %(day)s: hồ sơ không còn giá trị, phải nộp lại từ đầu.")
        return [Hint(words % {"day": f"{deadline:%d/%m/%Y}"}, "bad", source)]
    words = ngettext(
        "Còn %(n)s ngày để bổ sung (hết ngày %(day)s), quá hạn hồ sơ không còn giá trị.",
        "Còn %(n)s ngày để bổ sung (hết ngày %(day)s), quá hạn hồ sơ không còn giá trị.",
        left,
    )
    return [Hint(words % {"n": left, "day": f"{deadline:%d/%m/%Y}"}, "warn", source)]


def _filing(case, procedure: RegistrationProcedure, day: date) -> list[Hint]:
    """Say by when to file, or which day has to be written to know it."""
    term = procedure.deadline(case.event_on)
    deadline = filing_deadline(case, procedure)
    if term is None:
        return []
    if deadline is None:
        words = _("Hạn nộp tính từ %(anchor)s: ghi ngày đó vào hồ sơ để theo dõi.")
        return [Hint(words % {"anchor": procedure.anchor}, "info", procedure.source)]
    words = (
        _("Phải thông báo trước %(anchor)s, chậm nhất ngày %(day)s.")
        if procedure.deadline_side == Side.BEFORE
        else _("Hạn nộp tính từ %(anchor)s: hết ngày %(day)s.")
    )
    tone = "bad" if day > deadline else "info"
    return [Hint(words % {"anchor": procedure.anchor, "day": f"{deadline:%d/%m/%Y}"}, tone, procedure.source)]


def _registrar(case, day: date) -> list[Hint]:
    found = registrar_for(case.party, day)
    if found is None:
        return [Hint(_("Chưa rõ cơ quan đăng ký của địa bàn này, xin ghi tay nơi nộp."), "warn")]
    return [Hint(_("Nơi nộp: %(agency)s.") % {"agency": found})]


def _founding(case, details: RegistrationDetails) -> list[Hint]:
    """Say what a new cooperative must be: its members, its name, the share of one member."""
    kind = kind_of(case, details)
    hints = [Hint(words, "bad") for words in too_few_members(case, details)]
    least = least_members(kind, case.event_on)
    if least is not None and details.members is None:
        words = (
            _("Liên hiệp HTX cần ít nhất %(least)s HTX.")
            if kind == Kind.LHHTX
            else _("Cần ít nhất %(least)s thành viên.")
        )
        hints.append(Hint(words % {"least": least}))
    share = LegalRule.objects.days(f"capital.member_max_pct.{kind}", case.event_on)
    if share is not None:
        words = _("Vốn góp của một thành viên chính thức không quá %(share)s%% vốn điều lệ.")
        hints.append(Hint(words % {"share": share}, "info", _("Luật số 17/2023/QH15, Điều 74")))
    if details.name and not name_problem(kind, details.name):
        hints += [Hint(words, "warn") for words in namesakes(case, details)]
    return hints


def _about(procedure: RegistrationProcedure, case) -> list[Hint]:
    """Describe the procedure: how it is filed, how long it takes, what else the office noted."""
    term = procedure.processing(case.event_on)
    said = [_("Nộp: %(channels)s.") % {"channels": procedure.channels}] if procedure.channels else []
    if term:
        unit = _("ngày làm việc") if term.unit == "working_day" else _("ngày")
        said.append(_("Giải quyết trong %(n)s %(unit)s.") % {"n": term.amount, "unit": unit})
    said += [_("Lệ phí: %(fee)s.") % {"fee": procedure.fee_note}] if procedure.fee_note else []
    said += [procedure.note] if procedure.note else []
    return [Hint(" ".join(map(str, said)), "info", procedure.source)] if said else []


def _result(case, details: RegistrationDetails, procedure: RegistrationProcedure) -> list[Hint]:
    """Say what is still to be written for the register to change, once the papers are with the registrar."""
    if case.status not in ("submitted", "waiting_result") or procedure.effect == Effect.NONE:
        return []
    if details.certificate_on is None:
        words = _("Chưa ghi ngày cấp giấy chứng nhận, thông báo: hoàn thành bây giờ thì sổ đăng ký không thay đổi.")
        return [Hint(words, "warn")]
    return [
        Hint(_("Cần ghi “%(field)s” để cập nhật sổ đăng ký.") % {"field": label}, "warn")
        for label in missing_facts(case, details, procedure.effect)
    ]


def _capital(case, day: date) -> list[Hint]:
    """Say by when members must have paid in, and what follows where they have not."""
    terms = capital_terms(case.event_on, Holiday.objects.work_calendar())
    if terms is None:
        return []
    words = _("Thành viên phải góp đủ vốn điều lệ trước hết ngày %(day)s.")
    tone = "bad" if day > terms.pay_by else "info"
    source = _("Luật số 17/2023/QH15, Điều 74")
    hints = [Hint(words % {"day": f"{terms.pay_by:%d/%m/%Y}"}, tone, source)]
    if terms.reregister_by:
        again = _(
            "Góp thiếu thì phải đăng ký lại vốn điều lệ trước hết ngày %(day)s: "
            "đổi thủ tục của hồ sơ này thành “%(procedure)s”."
        )
        values = {"day": f"{terms.reregister_by:%d/%m/%Y}", "procedure": Procedure.CHANGE.label}
        hints.append(Hint(again % values, "bad" if day > terms.reregister_by else "info", source))
    if case.status != "new" and details_of(case).changed_on is None:
        unwritten = _("Chưa ghi ngày thành viên góp đủ vốn: hoàn thành bây giờ thì sổ đăng ký không thay đổi.")
        hints.append(Hint(unwritten, "warn"))
    return hints
