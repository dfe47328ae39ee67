"""What every file of a report says of itself first: period, rule, and whose knowledge it shows."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext as said_in_language

from support_cases.reports.answers import Answer
from support_cases.reports.counting import frame_of
from support_cases.reports.periods import ADMINISTRATIVE
from support_cases.reports.served import period_name
from support_cases.reports.tables import Value


@dataclass(frozen=True)
class Fact:
    """One line of the front: what it is, and its value."""

    name: str
    value: Value


def front_of(found: Answer) -> list[Fact]:
    """Return the lines in order; nothing but the question and what was known decides them, so that a closed period
    says the same whenever it is asked for.
    """
    period, basis = found.period, found.basis
    facts = [
        Fact(_("Kỳ báo cáo"), period_name(period)),
        Fact(_("Từ ngày"), period.start),
        Fact(_("Đến ngày"), period.end),
        Fact(_("Cách tính tháng"), calendar_words(period.calendar)),
        Fact(_("Địa bàn"), frame_words(found.frame)),
        Fact(_("Số liệu biết đến hết ngày"), basis.as_of),
        Fact(_("Chốt số liệu"), _closing_words(found)),
    ]
    if notice := notice_of(found):
        facts.append(Fact(_("Lưu ý"), notice))
    if basis.closing is not None and basis.closing.digest:
        facts.append(Fact(_("Mã kiểm"), basis.closing.digest))
    elif basis.closing is not None:
        facts.append(Fact(_("Mã kiểm"), _("Chưa có: số liệu được tính theo những gì biết đến lúc chốt")))
    facts.append(Fact(_("Cách tính"), rule_of(found)))
    return facts


def notice_of(found: Answer) -> str:
    """Return what must be said where figures of a past day are partly those of today; else nothing.

    Never what became of a closed period since: files, paper and programs get what was sent.
    """
    if not found.is_of_today:
        return ""
    return _(
        "Sổ đăng ký không giữ lúc ghi và lúc sửa của mọi dữ liệu trong báo cáo này, nên số liệu của ngày đã qua có "
        "phần lấy theo sổ hôm nay. Chỉ kỳ đã chốt mới giữ nguyên số đã báo cáo."
    )


def rule_of(found: Answer) -> str:
    """Return the rule the figures were counted by: of a closed period the one its closing keeps."""
    kept = found.names.rule(found.kind.code)
    return said_in_language(kept) if kept else str(found.kind.rule)


def calendar_words(calendar: str) -> str:
    """Return how the months of a calendar are counted."""
    return _("Từ ngày 15 đến ngày 14") if calendar == ADMINISTRATIVE else _("Tháng dương lịch")


def frame_words(frame: str) -> str:
    """Return the units of a territorial frame."""
    return _("Huyện, thành phố cũ") if frame == "2022" else _("Xã, phường mới")


def file_name(found: Answer, extension: str) -> str:
    """Return the name of a file, in letters every disk takes: report, period, calendar, a frame that is not the
    period's own, and a past day or a closing asked for.
    """
    basis = found.basis
    parts = ["bao-cao", found.kind.slug, found.period.code]
    if found.period.calendar == ADMINISTRATIVE:
        parts.append("ky-hanh-chinh")
    if found.frame != frame_of(found.period):
        parts.append(f"dia-ban-{found.frame}")
    if basis.is_named and basis.closing is not None:
        parts.append(f"lan-chot-{basis.closing.pk}")
    if basis.moment is not None and basis.closing is None:
        parts.append(f"biet-den-{basis.as_of}")
    return f"{'-'.join(parts)}.{extension}"


def _closing_words(found: Answer) -> str:
    closed_on = found.basis.closed_on
    return _("Đã chốt ngày %(day)s") % {"day": f"{closed_on:%d/%m/%Y}"} if closed_on else _("Chưa chốt")
