"""What the rules say of a change of lines on a day: its kind, its terms, the classification it is written in."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from cooperatives.errors import Words
from cooperatives.models import Holiday, LegalRule, VsicLine, VsicVersion, version_on

_REGISTER = "register"


def is_registered(day: date) -> bool:
    """Whether a change of lines that arose on ``day`` is registered; else it is notified (``change.lines_act``)."""
    return LegalRule.objects.value("change.lines_act", day) == _REGISTER


def act_of(day: date) -> Words:
    """Return what the change of lines is called that arose on ``day``."""
    return _("Đăng ký thay đổi ngành, nghề") if is_registered(day) else _("Thông báo thay đổi ngành, nghề")


def last_day(resolved_on: date, event_on: date) -> date | None:
    """Return the last day to notify or register a change resolved on a day, by the law of ``event_on``.

    None where no rule sets a term. Counted in calendar days, ending on a working day.
    """
    key = "change.register_days" if is_registered(event_on) else "change.notify_days"
    term = LegalRule.objects.term(key, event_on)
    return Holiday.objects.work_calendar().end_of(resolved_on, *term) if term else None


def answer_day(sent_on: date, event_on: date) -> date | None:
    """Return the day by which the registrar answers what was sent on a day, or None where no rule says."""
    term = LegalRule.objects.term("registrar.processing_wd", event_on)
    return Holiday.objects.work_calendar().end_of(sent_on, *term) if term else None


def of_another_version(lines: Sequence[VsicLine], day: date) -> list[Words]:
    """Return a warning where ``lines`` are not all of the version in force on ``day``."""
    version = version_on(day)
    codes = [line.code for line in lines if line.version != version]
    if version is None or not codes:
        return []
    words = _("Ngành mới không thuộc %(version)s đang có hiệu lực ngày %(day)s: %(codes)s.")
    label = VsicVersion(version).label
    return [words % {"version": label, "day": f"{day:%d/%m/%Y}", "codes": ", ".join(codes)}]
