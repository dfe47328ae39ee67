"""What a report says in sentences: every number is that of a table, in the order leaders read them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from support_cases.reports.answers import Answer, answer_on
from support_cases.reports.carried import adjusted_words
from support_cases.reports.flow import FLOW, OTHER_ENDS
from support_cases.reports.periods import Period, Span
from support_cases.reports.served import SERVED, period_name
from support_cases.reports.summary import SUMMARY
from support_cases.reports.tables import Row, Shape, Table, Value
from support_cases.reports.words import value_in_words

#: Lines a sentence names one by one; the rest stands in the tables.
_MOST_NAMED = 10
#: Measures the first part speaks of already.
_SPOKEN_OF = ("consultations", "cooperatives", "first_time", "cases_finished")


@dataclass(frozen=True)
class Part:
    """One numbered part of the body: its heading and its paragraphs."""

    title: str
    paragraphs: list[str] = field(default_factory=list)


def answers_told(found: Answer) -> list[Answer]:
    """Return the answers the sentences are made of, on the same knowledge as ``found``."""
    return [
        found if kind is found.kind else answer_on(kind, found.basis, found.frame) for kind in (SUMMARY, SERVED, FLOW)
    ]


def narrative(summary: Answer, served: Answer, flow: Answer) -> list[Part]:
    """Return the parts that tell what was done in the period."""
    return [
        Part(_("Kết quả tư vấn, hỗ trợ HTX"), [_served(served, summary), *_breakdowns(served), *_groups(served)]),
        Part(_("Giải quyết hồ sơ hỗ trợ"), _flow(flow)),
        Part(_("Kết quả theo các chỉ tiêu"), _measures(summary)),
    ]


def period_in_sentence(period: Period) -> str:
    """Return the period as a title has it: "tháng 6 năm 2024", "quý II năm 2024", "từ ngày … đến ngày …"."""
    if period.span == Span.MONTH:
        # The rules of documents write a nought before the months 1 and 2 only.
        number = f"{period.last.number:02d}" if period.last.number < 3 else str(period.last.number)
        return _("tháng %(number)s năm %(year)s") % {"number": number, "year": period.last.year}
    if period.span == Span.FREE:
        return _("từ ngày %(start)s đến ngày %(end)s") % _days(period)
    name = period_name(period)
    return name[:1].lower() + name[1:]


def exact_days(period: Period) -> str:
    """Return the first and the last day in words."""
    return _("từ ngày %(start)s đến hết ngày %(end)s") % _days(period)


def is_running(found: Answer) -> bool:
    """Whether the answer knows only a part of its period."""
    return found.basis.scope.is_running


def _days(period: Period) -> dict[str, str]:
    return {"start": f"{period.start:%d/%m/%Y}", "end": f"{period.end:%d/%m/%Y}"}


def _served(served: Answer, summary: Answer) -> str:
    totals = served.table("totals")
    n = {row.code: _count(totals.value(row.code, "now")) for row in totals.rows}
    sentences = [
        _("Trong kỳ đã tư vấn, hỗ trợ %(consultations)s lượt HTX cho %(cooperatives)s HTX (không trùng), trong đó "
          "%(first_time)s HTX được tư vấn lần đầu trong năm.") % n
    ]  # fmt: skip
    measures = summary.table("measures")
    if not is_running(served):
        sentences += _compared(served, measures)
    sentences += _so_far(served.period, measures)
    sentences += adjusted_words(served.period, served.carried)
    return " ".join(sentences)


def _compared(served: Answer, measures: Table) -> list[str]:
    """Return how the lượt compare with the period before and with the same period of last year."""
    sentences = []
    for base, change, words in (
        ("previous", "change_previous", _("So với kỳ trước (%(base)s lượt), số lượt HTX %(change)s.")),
        ("last_year", "change_last_year", _("So với cùng kỳ năm trước (%(base)s lượt), số lượt HTX %(change)s.")),
    ):
        if base == "previous" and served.period.previous() == served.period.year_before():
            continue
        then, percent = measures.value("consultations", base), measures.value("consultations", change)
        if percent is not None:
            sentences.append(words % {"base": _count(then), "change": _change(percent)})
    return sentences


def _so_far(period: Period, measures: Table) -> list[str]:
    """Return what the year came to so far, and how much of its plan that is."""
    n = {code: measures.value("consultations", code) for code in ("cumulative", "target", "percent_of_target")}
    said = {"n": _count(n["cumulative"]), "year": str(period.last.year)}
    if n["target"]:
        said |= {"target": _count(n["target"]), "percent": value_in_words(n["percent_of_target"], Shape.PERCENT)}
        words = _("Lũy kế từ đầu năm %(year)s là %(n)s lượt HTX, đạt %(percent)s kế hoạch năm (%(target)s lượt).")
        if _is_whole(period):
            words = _("Đạt %(percent)s kế hoạch năm (%(target)s lượt).")
        return [words % said]
    return [] if _is_whole(period) else [_("Lũy kế từ đầu năm %(year)s là %(n)s lượt HTX.") % said]


def _breakdowns(served: Answer) -> Iterable[str]:
    """Yield a sentence for each breakdown that has figures, lines with most lượt first."""
    for code, words in (
        ("topic", _("Theo nội dung (một lượt có thể gồm nhiều nội dung): %(lines)s.")),
        ("unit", _("Theo địa bàn: %(lines)s.")),
        ("kind", _("Theo loại hình: %(lines)s.")),
        ("channel", _("Theo hình thức: %(lines)s.")),
    ):
        rows = [row for row in served.table(code).rows if row.cells[0].value and not row.is_total]
        if rows:
            yield words % {"lines": _named(rows)}


def _groups(served: Answer) -> list[str]:
    n = served.table("totals").value("founding_groups", "now")
    if not isinstance(n, int) or not n:
        return []
    words = ngettext(
        "Ngoài ra đã tư vấn nhóm sáng lập %(n)s lần, ghi riêng, không tính vào lượt HTX.",
        "Ngoài ra đã tư vấn nhóm sáng lập %(n)s lần, ghi riêng, không tính vào lượt HTX.",
        n,
    )
    return [words % {"n": _count(n)}]


def _named(rows: list[Row]) -> str:
    """Return "tên n lượt; tên n lượt", the most first; what is left out is counted."""
    ordered = sorted(rows, key=lambda row: -_number(row.cells[0].value))
    shown = [
        _("%(name)s %(n)s lượt") % {"name": _small(str(row.name)), "n": _count(row.cells[0].value)}
        for row in ordered[:_MOST_NAMED]
    ]
    if len(ordered) > _MOST_NAMED:
        shown.append(_("còn lại %(n)s dòng trong phụ lục") % {"n": len(ordered) - _MOST_NAMED})
    return "; ".join(shown)


def _flow(flow: Answer) -> list[str]:
    totals = flow.table("totals")
    n = {row.code: _count(row.cells[0].value) for row in totals.rows}
    if not totals.value("to_do", "cases"):
        return [_("Trong kỳ không có hồ sơ phải giải quyết.")]
    sentences = [
        _("Tổng số hồ sơ phải giải quyết trong kỳ là %(to_do)s hồ sơ, gồm: kỳ trước chuyển sang %(carried_in)s, tiếp "
          "nhận trong kỳ %(received)s, mở lại %(reopened)s.") % n
    ]  # fmt: skip
    if totals.value("finished", "cases"):
        words = _("Đã hoàn thành %(finished)s hồ sơ, trong đó đúng hạn %(on_time)s, trễ hạn %(late)s.")
        sentences.append(words % n)
    else:
        sentences.append(_("Chưa hoàn thành hồ sơ nào."))
    if totals.value("ended", "cases"):
        sentences.append(_("Kết thúc khác %(ended)s hồ sơ, gồm: %(ways)s.") % (n | {"ways": _ends(totals)}))
    sentences.append(_("Chuyển kỳ sau %(carried_on)s hồ sơ.") % n)
    if totals.value("rounds", "cases"):
        sentences.append(_("Đã yêu cầu HTX bổ sung giấy tờ %(rounds)s lần.") % n)
    return [" ".join(sentences)]


def _ends(totals: Table) -> str:
    """Return the ends other than completion that occurred, each with its cases."""
    rows = [row for row in totals.rows if row.code in OTHER_ENDS and row.cells[0].value]
    return ", ".join(f"{_small(str(row.name))} {_count(row.cells[0].value)}" for row in rows)


def _measures(summary: Answer) -> list[str]:
    """Return one line for each measure the first parts did not speak of, beside last year and the plan."""
    found = []
    for table in (summary.table("measures"), summary.table("money")):
        shape = table.columns[0].shape
        found += [
            _measure(table, row, shape, _is_whole(summary.period)) for row in table.rows if row.code not in _SPOKEN_OF
        ]
    return found


def _measure(table: Table, row: Row, shape: Shape, whole: bool) -> str:
    """Return "Chỉ tiêu: n (cùng kỳ năm trước m); lũy kế từ đầu năm k, đạt 40% kế hoạch năm." as far as it is known."""
    n = {code: table.value(row.code, code) for code in table.column_codes}
    text = _("%(name)s: %(now)s (cùng kỳ năm trước %(then)s)") % {
        "name": row.name,
        "now": _amount(n["now"], shape),
        "then": _amount(n["last_year"], shape),
    }
    if not whole:
        text += _("; lũy kế từ đầu năm %(total)s") % {"total": _amount(n["cumulative"], shape)}
    if n["percent_of_target"] is not None:
        reached = value_in_words(n["percent_of_target"], Shape.PERCENT)
        text += _(", đạt %(percent)s kế hoạch năm") % {"percent": reached}
    return f"{text}."


def _is_whole(period: Period) -> bool:
    """Whether the period begins with its year, so that what the year came to so far is what the period did."""
    return period.cumulative() == period


def _change(percent: Value) -> str:
    number = _number(percent)
    if not number:
        return _("không đổi")
    words = _("tăng %(percent)s") if number > 0 else _("giảm %(percent)s")
    return words % {"percent": value_in_words(abs(number), Shape.PERCENT)}


def _count(value: Value) -> str:
    """Return a count as documents write it: with dots, and a nought before a single digit."""
    number = _number(value)
    return f"0{number}" if 0 < number < 10 else value_in_words(number, Shape.COUNT)


def _amount(value: Value, shape: Shape) -> str:
    return _count(value) if shape == Shape.COUNT else value_in_words(value, shape)


def _small(name: str) -> str:
    """Return a name as it stands within a sentence; a single word may be somebody's name."""
    first, space, _rest = name.partition(" ")
    return f"{first.lower()}{name[len(first) :]}" if space and first[1:].islower() else name


def _number(value: Value) -> int | float:
    return value if isinstance(value, int | float) else 0
