"""The history of a case in words: all of it for the office, the way itself for the cooperative."""

from django.utils.translation import gettext_lazy as _

from cooperatives.errors import Words
from support_cases.bases import SWITCHED
from support_cases.case_rows import ROWS
from support_cases.cases import OPENING
from support_cases.choices import PUBLIC_STATUS, Status
from support_cases.models import Case, CaseEvent
from support_cases.papers import CHECKLIST, PAPERS
from support_cases.records import CHANGED, EXTENDED
from support_cases.referrals import ANSWERED, ESCALATED, REFERRED, WITHDRAWN
from support_cases.workflow import step_choices

#: What is written into a history beside steps: the office's own business, except for those with public words.
_ACTS = {
    OPENING: _("Mở hồ sơ"),
    PAPERS: _("Cập nhật giấy tờ"),
    CHECKLIST: _("Đổi danh mục giấy tờ"),
    SWITCHED: _("Chuyển căn cứ pháp lý"),
    EXTENDED: _("Gia hạn"),
    CHANGED: _("Đổi cán bộ hoặc hạn"),
    ROWS: _("Cập nhật chi tiết"),
    REFERRED: _("Chuyển cơ quan phối hợp"),
    ANSWERED: _("Cơ quan phối hợp trả lời"),
    WITHDRAWN: _("Rút lại việc chuyển cơ quan"),
    ESCALATED: _("Báo lãnh đạo vì chậm trả lời"),
}
# What a cooperative reads of acts that are no steps: no agency, no person, no question.
_PUBLIC_ACTS = {
    REFERRED: _("Đã chuyển cơ quan phối hợp, chờ trả lời"),
    ANSWERED: _("Cơ quan phối hợp đã trả lời"),
    WITHDRAWN: _("Không còn chờ cơ quan phối hợp"),
}


def labels() -> dict[str, Words]:
    """Return the words of staff for every line a history may have, by its step."""
    return _ACTS | dict(step_choices())


def public_events(case: Case):
    """Return the lines of history a cooperative sees: the opening, steps, milestones, and that others were asked."""
    return case.events.filter(step__in=[OPENING, *_PUBLIC_ACTS, *(code for code, _label in step_choices())])


def public_words(event: CaseEvent, case: Case) -> Words:
    """Return the words of one line as the cooperative reads them."""
    stop = next((stop for stop in case.kind.milestones if stop.code == event.step), None)
    if event.step in _PUBLIC_ACTS:
        return _PUBLIC_ACTS[event.step]
    return stop.public_label if stop else PUBLIC_STATUS[Status(event.to_status)]
