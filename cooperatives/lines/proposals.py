"""Which lines of the classification in force a cooperative's older lines may move to; a person confirms each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import Words
from cooperatives.models import BusinessLine, Cooperative, VsicChange, VsicLine, VsicVersion, version_on
from cooperatives.text import fold


class MoveKind(models.TextChoices):
    """How a line of one version lies in the other."""

    SAME = "same", _("Giữ nguyên mã")
    CHANGED = "changed", _("Đổi mã")
    SPLIT = "split", _("Tách thành nhiều mã")
    MERGED = "merged", _("Gộp nhiều mã")
    UNKNOWN = "unknown", _("Chưa rõ, cần người đối chiếu")


@dataclass(frozen=True)
class Proposal:
    """What one line may become; without ``targets`` a person has to find the line in the new list."""

    present: BusinessLine
    version: str
    kind: MoveKind
    targets: tuple[VsicLine, ...]
    notes: tuple[Words, ...]


def proposals_for(cooperative: Cooperative, day: date) -> list[Proposal]:
    """Return a proposal for each line in force on ``day`` that is of another version than the one then in force.

    Nothing is changed by it. Empty where the rule ``vsic.version`` names no version for the day.
    """
    rows = cooperative.business_lines.in_force(day).select_related("line")
    return proposals_of(list(rows), day)


def proposals_of(rows: Sequence[BusinessLine], day: date) -> list[Proposal]:
    """The same for ``rows`` with their lines loaded; four queries, however many rows."""
    version = version_on(day)
    older = [row for row in rows if row.line.version != version]
    if version is None or not older:
        return []
    codes = {row.line.code for row in older}
    changes = list(VsicChange.objects.filter(from_code__in=codes, to_version=version))
    reached = {change.to_code for change in changes}
    merging = VsicChange.objects.filter(to_code__in=reached, to_version=version)
    sources: dict[tuple[str, str], set[str]] = {}
    for change in merging:
        sources.setdefault((change.from_version, change.to_code), set()).add(change.from_code)
    lines = {line.code: line for line in VsicLine.objects.filter(version=version, code__in=codes | reached)}
    return [_proposal(row, version, changes, sources, lines, codes) for row in older]


def _proposal(
    row: BusinessLine,
    version: str,
    changes: Sequence[VsicChange],
    sources: dict[tuple[str, str], set[str]],
    lines: dict[str, VsicLine],
    held: Collection[str],
) -> Proposal:
    """Return the proposal for one row; ``held`` are the codes of all older lines of the list."""
    old = row.line
    own = [change for change in changes if (change.from_version, change.from_code) == (old.version, old.code)]
    if not own:
        return _same_or_unknown(row, version, lines.get(old.code))
    targets = tuple(lines[change.to_code] for change in own if change.to_code in lines)
    notes: list[Words] = list(dict.fromkeys(change.note for change in own if change.note))
    notes += [
        _("Mã %(code)s chưa có trong danh mục của cổng.") % {"code": change.to_code}
        for change in own
        if change.to_code not in lines
    ]
    joined = set().union(*(sources.get((old.version, change.to_code), set()) for change in own))
    together = sorted(joined & set(held))
    if len(together) > 1:
        words = _("HTX đang có các mã %(codes)s cùng chuyển về một mã: chuyển một dòng, bỏ dòng trùng.")
        notes.append(words % {"codes": ", ".join(together)})
    return Proposal(row, version, _kind(own, joined, targets), targets, tuple(notes))


def _kind(own: Sequence[VsicChange], joined: Collection[str], targets: Collection[VsicLine]) -> MoveKind:
    if not targets:
        return MoveKind.UNKNOWN
    if len(own) > 1:
        return MoveKind.SPLIT
    return MoveKind.MERGED if len(joined) > 1 else MoveKind.CHANGED


def _same_or_unknown(row: BusinessLine, version: str, bearer: VsicLine | None) -> Proposal:
    """Return the proposal for a line without a known change: the same digits count only under the same name."""
    if bearer is not None and fold(bearer.name_vi) == fold(row.line.name_vi):
        return Proposal(row, version, MoveKind.SAME, (bearer,), ())
    notes: tuple[Words, ...] = ()
    if bearer is not None:
        words = _("Trong %(version)s, mã %(code)s là “%(name)s”.")
        label = VsicVersion(version).label
        notes = (words % {"version": label, "code": bearer.code, "name": bearer.name},)
    return Proposal(row, version, MoveKind.UNKNOWN, (), notes)
