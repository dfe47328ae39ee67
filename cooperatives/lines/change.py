"""The act that changes a cooperative's list of lines: old rows end the day before, new rows begin on the day."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import chain

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, Words
from cooperatives.lines.difference import LineChange, Outcome, outcomes, problems_in, told
from cooperatives.models import BusinessLine, Cooperative, ListRevision, moment_to_record
from cooperatives.register import EARLIEST
from cooperatives.text import nfc

_ONE_DAY = timedelta(days=1)


def change_lines(
    cooperative: Cooperative,
    changes: Sequence[LineChange],
    *,
    on: date,
    legal_basis: str,
    by,
    today: date,
    replacing: ListRevision | None = None,
) -> ListRevision | None:
    """Record ``changes`` of the list as in force from the day ``on`` and return the revision.

    Lines that no change names stay. ``replacing`` is a revision recorded before, which this one corrects: what it
    wrote is taken back first. Where the register already shows the list that ``changes`` lead to, its rows are
    taken over and none is written, so that recording twice changes nothing; None where nothing changes at all.

    Raises:
        InvalidEntry: under ``on``, ``legal_basis`` or ``changes``; nothing is written.
    """
    legal_basis = nfc(legal_basis)
    _refuse(_day_problems(on, today), "on")
    if len(legal_basis) > ListRevision._meta.get_field("legal_basis").max_length:
        raise InvalidEntry({"legal_basis": [_("Căn cứ dài quá 200 ký tự.")]})
    with transaction.atomic():
        rows = _locked_rows(cooperative)
        if _is_recorded(rows, changes, on, replacing):
            return _taken_over(rows, cooperative, on, legal_basis, by, replacing)
        before = _judged(rows, changes, on, replacing)
        after = outcomes(before, changes)
        if replacing is not None:
            _undo(replacing)
        if all(outcome.is_unchanged for outcome in after) and len(after) == len(before):
            return None
        revision = ListRevision.objects.create(
            cooperative=cooperative,
            changed_on=on,
            legal_basis=legal_basis,
            recorded_by=by,
            recorded_at=moment_to_record(),
        )
        _write(revision, before, after)
    return revision


def refusals(
    cooperative: Cooperative,
    changes: Sequence[LineChange],
    *,
    on: date,
    today: date,
    replacing: ListRevision | None = None,
) -> list[Words]:
    """Return for what reasons :func:`change_lines` would refuse the same now, in words; empty for none."""
    rows = _rows(cooperative)
    try:
        _refuse(_day_problems(on, today), "on")
        if not _is_recorded(rows, changes, on, replacing):
            _judged(rows, changes, on, replacing)
    except InvalidEntry as refusal:
        return list(chain.from_iterable(refusal.problems.values()))
    return []


def list_before(cooperative: Cooperative, on: date, replacing: ListRevision | None = None) -> list[BusinessLine]:
    """Return the list a change on the day ``on`` starts from: that of the day before it, or before ``replacing``."""
    return _in_force(_rows(cooperative), (replacing.changed_on if replacing else on) - _ONE_DAY)


def take_back(revision: ListRevision) -> None:
    """Undo a revision: the lines it began are gone, those it ended stand again.

    Raises:
        InvalidEntry: under ``on`` when the list was changed again since; nothing is written.
    """
    with transaction.atomic():
        standing = _without(_locked_rows(revision.cooperative), revision)
        _refuse(_later_problems(standing, revision.changed_on), "on")
        _undo(revision)


def _refuse(problems: Sequence[Words], name: str) -> None:
    if problems:
        raise InvalidEntry({name: problems})


def _day_problems(on: date, today: date) -> list[Words]:
    if on > today:
        return [_("Ngày thay đổi không thể ở tương lai.")]
    return [_("Ngày thay đổi quá xa trong quá khứ, xin kiểm tra năm.")] if on < EARLIEST else []


def _locked_rows(cooperative: Cooperative) -> list[BusinessLine]:
    """Return every row of the list, past ones too, read behind a lock on the cooperative."""
    Cooperative.objects.select_for_update(of=("self",)).get(pk=cooperative.pk)
    return _rows(cooperative)


def _rows(cooperative: Cooperative) -> list[BusinessLine]:
    return list(BusinessLine.objects.filter(cooperative=cooperative).select_related("line").order_by("pk"))


def _in_force(rows: Sequence[BusinessLine], day: date) -> list[BusinessLine]:
    return [row for row in rows if row.valid_from <= day and (row.valid_to is None or row.valid_to >= day)]


def _judged(
    rows: Sequence[BusinessLine], changes: Sequence[LineChange], on: date, replacing: ListRevision | None
) -> list[BusinessLine]:
    """Return the list that ``changes`` start from, without what ``replacing`` wrote.

    Raises:
        InvalidEntry: where the list was changed since, or ``changes`` cannot be right.
    """
    standing = _without(rows, replacing)
    _refuse(_later_problems(standing, on), "on")
    before = [row for row in standing if row.valid_to is None]
    _refuse(told(problems_in(before, changes)), "changes")
    return before


def _is_recorded(
    rows: Sequence[BusinessLine], changes: Sequence[LineChange], on: date, replacing: ListRevision | None
) -> bool:
    """Whether the list of the day ``on`` is what ``changes`` make of the list of the day before."""
    if replacing is not None and replacing.changed_on != on:
        return False
    before, now = _in_force(rows, on - _ONE_DAY), _in_force(rows, on)
    if problems_in(before, changes):
        return False
    wanted = sorted((o.line.pk, o.detail, o.is_main) for o in outcomes(before, changes))
    return wanted == sorted((row.line_id, row.detail, row.is_main) for row in now)


def _taken_over(rows, cooperative, on, legal_basis, by, replacing) -> ListRevision | None:
    """Return the revision that stands for rows already there, made when there is none and something changed."""
    begun = [row for row in rows if row.valid_from == on]
    ended = [row for row in rows if row.valid_to == on - _ONE_DAY]
    if not begun and not ended:
        if replacing is not None:
            # What it began and ended is gone from the register already.
            replacing.delete()
        return None
    known = next((row.begun_by_id or row.ended_by_id for row in [*begun, *ended]), None)
    revision = replacing or ListRevision.objects.filter(pk=known).first()
    if revision is None:
        revision = ListRevision.objects.create(
            cooperative=cooperative,
            changed_on=on,
            legal_basis=legal_basis,
            recorded_by=by,
            recorded_at=moment_to_record(),
        )
    BusinessLine.objects.filter(pk__in=[row.pk for row in begun], begun_by=None).update(begun_by=revision)
    BusinessLine.objects.filter(pk__in=[row.pk for row in ended], ended_by=None).update(ended_by=revision)
    return revision


def _without(rows: Sequence[BusinessLine], revision: ListRevision | None) -> list[BusinessLine]:
    """Return the rows as if ``revision`` had not been recorded, those it ended standing again."""
    if revision is None:
        return list(rows)
    if any(row.begun_by_id == revision.pk and row.valid_to is not None for row in rows):
        raise InvalidEntry({"on": [_changed_since(revision.changed_on)]})
    standing = [row for row in rows if row.begun_by_id != revision.pk]
    for row in standing:
        if row.ended_by_id == revision.pk:
            row.valid_to = None
    return standing


def _later_problems(rows: Sequence[BusinessLine], on: date) -> list[Words]:
    """Return why nothing may be recorded for ``on``: the list was changed on that day or later."""
    later = [row.valid_from for row in rows if row.valid_from >= on]
    later += [row.valid_to + _ONE_DAY for row in rows if row.valid_to is not None and row.valid_to + _ONE_DAY >= on]
    return [_changed_since(min(later))] if later else []


def _changed_since(day: date) -> Words:
    words = _("Danh sách ngành, nghề đã có thay đổi ghi từ ngày %(day)s; ngày thay đổi mới phải sau ngày đó.")
    return words % {"day": f"{day:%d/%m/%Y}"}


def _undo(revision: ListRevision) -> None:
    """Take what a revision wrote out of the register; the rows it began first, for two may not stand at once."""
    revision.begun.all().delete()
    revision.ended.update(valid_to=None, ended_by=None)
    revision.delete()


def _write(revision: ListRevision, before: Sequence[BusinessLine], after: Sequence[Outcome]) -> None:
    """End what no longer stands as it stood, then begin the new rows."""
    staying = {outcome.source.pk for outcome in after if outcome.is_unchanged and outcome.source}
    gone = [row.pk for row in before if row.pk not in staying]
    BusinessLine.objects.filter(pk__in=gone).update(valid_to=revision.changed_on - _ONE_DAY, ended_by=revision)
    BusinessLine.objects.bulk_create(
        BusinessLine(
            cooperative_id=revision.cooperative_id,
            line=outcome.line,
            detail=outcome.detail,
            is_main=outcome.is_main,
            valid_from=revision.changed_on,
            legal_basis=revision.legal_basis,
            begun_by=revision,
        )
        for outcome in after
        if not outcome.is_unchanged
    )
