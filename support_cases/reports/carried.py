"""What the report of a period itself says of changes to those sent before: a sentence and the first of them by name."""

from dataclasses import replace

from django.utils.translation import gettext as _

from support_cases.reports.adjustments import ADJUSTMENTS, changes_by_month, changes_of, entries_table
from support_cases.reports.chains import sent_before
from support_cases.reports.kinds import Carried, Figures, Names, Scope
from support_cases.reports.late_changes import are_few_recorded
from support_cases.reports.periods import Period
from support_cases.reports.tables import Shape, Table
from support_cases.reports.words import value_in_words

#: So many changes are named; the rest is in the report that has them all.
MOST_CARRIED = 10
#: Figures that only say where the changes are told.
ELSEWHERE = "elsewhere"


def _compute(scope: Scope) -> Figures:
    sent = sent_before(scope)
    if not are_few_recorded(sent):
        # No page waits for a search through all that was ever recorded: the report of adjustments makes it.
        return {"total": {"": [0, 0]}, ELSEWHERE: {"": []}}
    # Mostly nothing changed, and then there is nothing to tell: three quick queries for every other report.
    return changes_of(scope, sent) if changes_by_month(scope, sent) else {"total": {"": [0, 0]}}


def _lay_out(scope: Scope, figures: Figures, names: Names) -> list[Table]:
    said = adjusted_words(scope.period, figures)
    if not said and ELSEWHERE not in figures:
        return []
    table = entries_table({"entry": {}} | figures, names, MOST_CARRIED)
    left = sum(figures["total"][""][:2]) - len(table.rows)
    if left:
        said.append(_("Còn %(n)s điều chỉnh nữa.") % {"n": value_in_words(left, Shape.COUNT)})
    said.append(_("Xem đủ ở báo cáo “%(report)s” của kỳ này.") % {"report": ADJUSTMENTS.title})
    title = _("Điều chỉnh của các kỳ đã báo cáo")
    return [replace(table, code="adjusted", title=title, note=" ".join(said))]


def adjusted_words(period: Period, figures: Figures) -> list[str]:
    """Return in sentences how many changes the report names, what was sent of the period before and of the year so
    far, and what became of it; nothing where nothing changed.
    """
    late, gone = figures["total"][""][:2]
    if not late and not gone:
        return []
    words = _("Sau khi chốt các kỳ trước: ghi muộn %(late)s lượt, hủy hoặc thay %(gone)s lượt.")
    said = [words % {"late": late, "gone": gone}]
    sent = figures.get("sent", {})
    before = [str(month) for month in period.previous().months()]
    if not period.days and all(month in sent for month in before):
        changed = sum(late - gone for late, gone in (figures["month"].get(month, (0, 0)) for month in before))
        words = _("Số đã báo cáo kỳ trước là %(sent)s lượt; báo cáo này điều chỉnh %(change)s lượt.")
        said.append(
            words
            % {"sent": value_in_words(sum(sent[month][0] for month in before), Shape.COUNT), "change": _signed(changed)}
        )
    if figures["books"]:
        said.append(_so_far(figures["books"]))
    return said


def _so_far(books: dict[str, list]) -> str:
    """Return how the year so far adds up, parts that are nothing left out."""
    n = {name: value for name, (value,) in books.items()}
    named = {
        "named_before": _("điều chỉnh đã nêu trước đây"),
        "named_now": _("điều chỉnh nêu ở báo cáo này"),
    }
    parts = [_("đã báo cáo %(n)s") % {"n": value_in_words(n["sent"], Shape.COUNT)}]
    parts += [f"{words} {_signed(n[code])}" for code, words in named.items() if n[code]]
    others = {"not_closed": _("các tháng trước chưa chốt"), "period": _("trong kỳ (ngoài số trên)")}
    parts += [f"{words} {value_in_words(n[code], Shape.COUNT)}" for code, words in others.items() if n[code]]
    words = _("Lũy kế từ đầu năm %(total)s lượt gồm: %(parts)s.")
    return words % {"total": value_in_words(n["cumulative"], Shape.COUNT), "parts": "; ".join(parts)}


def _signed(number: int) -> str:
    written = value_in_words(abs(number), Shape.COUNT)
    return f"+{written}" if number > 0 else f"–{written}" if number < 0 else written


CARRIED = Carried(ADJUSTMENTS.code, _compute, _lay_out)
