"""A list of lines and a difference give another list: pure functions, the same for page, check and act."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from cooperatives.choices import LineAction
from cooperatives.errors import WHOLE, Words
from cooperatives.models import BusinessLine, VsicLine
from cooperatives.text import fold

#: What is wrong, by the place of the change in the difference; what concerns the whole list under ``WHOLE``.
Problems = dict[int | str, list[Words]]
_WITH_PRESENT = frozenset({LineAction.KEEP, LineAction.DROP, LineAction.CORRECT, LineAction.MOVE})
_WITH_NEW = frozenset({LineAction.ADD, LineAction.CORRECT, LineAction.MOVE})


@dataclass(frozen=True)
class LineChange:
    """What becomes of one line: ``present`` as it is in the register, ``line`` and ``detail`` as it shall be.

    ``is_main`` says whether the line is the main one afterwards; a kept line keeps its detail.
    """

    action: str
    present: BusinessLine | None = None
    line: VsicLine | None = None
    detail: str = ""
    is_main: bool = False


@dataclass(frozen=True)
class Outcome:
    """One line of the list after the change; ``place`` is that of the change it comes from, None where none names it.

    ``source`` is the row of the register it was, None for a line added.
    """

    line: VsicLine
    detail: str
    is_main: bool
    source: BusinessLine | None
    place: int | None

    @property
    def is_unchanged(self) -> bool:
        """Whether the row of the register may stay as it is."""
        row = self.source
        return row is not None and (row.line_id, row.detail, row.is_main) == (self.line.pk, self.detail, self.is_main)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two lines the same one: code, name and detail, accents and case aside.

        A line that has the same code and name in two versions is one line, so that it is not listed twice.
        """
        return self.line.code, fold(self.line.name_vi), fold(self.detail)


def outcomes(before: Sequence[BusinessLine], changes: Sequence[LineChange]) -> list[Outcome]:
    """Return the list after ``changes``: lines no change names stay, a half-filled change gives no line.

    Where a change names a main line, the main line of before stays it only if its own change says so.
    """
    named = {change.present.pk for change in changes if change.present is not None}
    new_main = any(change.is_main for change in changes if change.action != LineAction.DROP)
    found = [
        Outcome(row.line, row.detail, row.is_main and not new_main, row, None) for row in before if row.pk not in named
    ]
    for place, change in enumerate(changes):
        if change.action == LineAction.KEEP and change.present is not None:
            row = change.present
            found.append(Outcome(row.line, row.detail, change.is_main, row, place))
        elif change.action in _WITH_NEW and change.line is not None:
            found.append(Outcome(change.line, change.detail, change.is_main, change.present, place))
    return found


def problems_in(before: Sequence[BusinessLine], changes: Sequence[LineChange]) -> Problems:
    """Return what cannot be right in ``changes`` of the list ``before``; empty when they may be recorded."""
    problems: Problems = {}
    present = {row.pk for row in before}
    seen: set[int] = set()
    for place, change in enumerate(changes):
        for words in _problems_of(change, present, seen):
            problems.setdefault(place, []).append(words)
        if change.present is not None:
            seen.add(change.present.pk)
    after = outcomes(before, changes)
    _report_doubles(after, problems)
    _report_main(before, after, problems)
    if not after:
        problems.setdefault(WHOLE, []).append(_("Danh sách sau thay đổi phải còn ít nhất một ngành."))
    return problems


def told(problems: Problems) -> list[Words]:
    """Return all problems as one list, each with the number of the line it stands at."""
    return [
        words if place == WHOLE else _("Dòng %(place)s: %(problem)s") % {"place": int(place) + 1, "problem": words}
        for place, found in problems.items()
        for words in found
    ]


def _problems_of(change: LineChange, present: Collection[int], seen: Collection[int]) -> list[Words]:
    """Return what is wrong in one change of a list whose rows are ``present``, some of them ``seen`` before."""
    if change.action not in LineAction.values:
        return [_("Hãy chọn giữ, bỏ, thêm, sửa hay chuyển mã.")]
    of_present, of_new = problems_alone(change)
    row = change.present
    if not of_present and row is not None and row.pk in seen:
        of_present = [_("Ngành này đã được rà soát ở dòng khác.")]
    elif not of_present and row is not None and row.pk not in present:
        of_present = [_("Ngành này không có trong danh sách trước ngày thay đổi.")]
    return of_present + of_new


def problems_alone(change: LineChange) -> tuple[list[Words], list[Words]]:
    """Return what is wrong in a change whatever the list is: in its present line, and in its new one."""
    of_present: list[Words] = []
    if change.action in _WITH_PRESENT and change.present is None:
        of_present = [_("Cần chọn ngành đang có trong sổ đăng ký.")]
    elif change.action == LineAction.ADD and change.present is not None:
        of_present = [_("Ngành thêm mới không thay cho ngành đang có.")]
    return of_present, _problems_of_new(change) if change.action in _WITH_NEW else []


def _problems_of_new(change: LineChange) -> list[Words]:
    if change.line is None:
        return [_("Cần chọn ngành mới.")]
    row = change.present
    if row is None:
        return []
    if change.action == LineAction.MOVE and change.line.version == row.line.version:
        return [_("Ngành mới phải thuộc phiên bản VSIC khác.")]
    if change.action == LineAction.CORRECT and (change.line.pk, change.detail) == (row.line_id, row.detail):
        return [_("Chưa có gì khác với ngành đang có.")]
    return []


def _report_doubles(after: Sequence[Outcome], problems: Problems) -> None:
    """Report each change that gives a line the list has already; doubles no change names are left as they are."""
    first: dict[tuple[str, str, str], Outcome] = {}
    for outcome in after:
        if outcome.key in first and outcome.place is not None:
            problems.setdefault(outcome.place, []).append(
                _("Trùng ngành và chi tiết với dòng khác: %(line)s.") % {"line": outcome.line}
            )
        first.setdefault(outcome.key, outcome)


def _report_main(before: Sequence[BusinessLine], after: Sequence[Outcome], problems: Problems) -> None:
    """Report a second main line, and a list that lost its main line."""
    mains = [outcome for outcome in after if outcome.is_main]
    if len(mains) > 1:
        problems.setdefault(WHOLE, []).append(_("Chỉ được có một ngành chính."))
    elif not mains and after and any(row.is_main for row in before):
        problems.setdefault(WHOLE, []).append(_("Cần chọn một ngành chính."))
