"""What every kind of support says about itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import Words
from cooperatives.models.choice_words import ChoiceWords
from support_cases.choices import NEXT_STEP, PUBLIC_STATUS, RUNNING_STATUSES, Status

#: What the columns of a row refuse: messages by column.
Problems = dict[str, list[Words]]


class CaseDetails(ChoiceWords):
    """Typed columns of one kind of support, one row per case; each kind defines its own subclass."""

    case = models.OneToOneField(
        "support_cases.Case",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="%(class)s",
        verbose_name=_("Hồ sơ"),
        editable=False,
    )

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.case)


class CaseRow(ChoiceWords):
    """One of several typed rows of a case's details: a line of a difference, a disbursement."""

    #: Whether the rows may still be written after the case has ended (money that comes later).
    open_after_closing = False

    case = models.ForeignKey(
        "support_cases.Case",
        on_delete=models.CASCADE,
        related_name="%(class)s_rows",
        verbose_name=_("Hồ sơ"),
        editable=False,
    )

    class Meta:
        abstract = True


@dataclass(frozen=True)
class Milestone:
    """A stop on the way of one kind of support, finer than the status; reached by a step of the same code."""

    code: str
    label: Words
    public_label: Words
    #: States of the case in which it may be reached; reaching it leaves the state as it is.
    statuses: frozenset[Status] = field(default_factory=lambda: frozenset(RUNNING_STATUSES) - {Status.NEW})
    #: What comes next, as the cooperative reads it; the words of the status where there are none.
    next_step: Words = ""


@dataclass(frozen=True)
class FieldGroup:
    """Columns of the details that stand together in a form under a heading.

    With ``when`` they matter only where that column has one of ``values``; all of them can be filled in all the same.
    What is known ``later`` is folded away while the case is being opened.
    """

    heading: Words
    columns: Sequence[str]
    when: str = ""
    values: Sequence[str] = ()
    later: bool = False


@dataclass(frozen=True)
class Hint:
    """A line that leads an officer through the law: words, how urgent, and where it is written."""

    text: Words
    tone: str = "info"
    source: Words = ""


@dataclass(frozen=True)
class NextCase:
    """A case that has to be opened because a step was taken; ``key`` is its name among those of the same case."""

    key: str
    topic: str
    title: Words
    due_on: date | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    event_on: date | None = None


class KindDay(NamedTuple):
    """One dated occasion of a case people are reminded of; ``code`` is its name among those of its kind, for ever."""

    code: str
    day: date


class SupportType:
    """One kind of support.

    A subclass in a file of this package is found by itself: form, filter, API, report and public page
    take its words from here. Checklists, statutory days and amounts are dated rows, not code; the day to read
    them on is ``case.event_on``.
    """

    code: str
    #: Place in lists and forms.
    position: int
    label: str
    public_label: str
    details: type[CaseDetails]
    #: Child rows of the details by their name in the API and in addresses.
    rows: Mapping[str, type[CaseRow]] = {}
    #: Columns and rows of the details that are the office's own: a cooperative's people do not see them.
    office_only: frozenset[str] = frozenset()
    #: How a form lays out the columns of the details; one after the other without.
    field_groups: Sequence[FieldGroup] = ()
    #: Stops on the way, in order.
    milestones: Sequence[Milestone] = ()
    #: Stage words shown to the cooperative, where they say more than the status does.
    stages: Mapping[Status, str] = {}
    #: Words of the dated occasions people are reminded of, by code; a kind that has none names none.
    day_words: Mapping[str, Words] = {}
    #: Next-step words shown to the cooperative, where they say more than the general ones.
    next_steps: Mapping[Status, str] = {}

    # --- Words -------------------------------------------------------------------------------------

    def milestones_for(self, case) -> Sequence[Milestone]:
        """Return the stops this case passes; all of them unless the kind knows better."""
        return self.milestones

    def way(self, case) -> Sequence[Milestone]:
        """Return the stops of this case as the cooperative reads them; lists of many cases ask for it."""
        return self.milestones_for(case)

    def milestone_of(self, case) -> Milestone | None:
        """Return the stop the case has reached, or None before the first."""
        if not case.milestone:
            return None
        return next((stop for stop in self.milestones if stop.code == case.milestone), None)

    def words_of(self, status: Status) -> Words:
        """Return the words for a state, as the cooperative reads them."""
        return self.stages.get(status, PUBLIC_STATUS[status])

    def stage(self, case) -> Words:
        """Return the words for where ``case`` stands, as the cooperative reads them."""
        status = Status(case.status)
        stop = self.milestone_of(case) if status in RUNNING_STATUSES else None
        return stop.public_label if stop else self.words_of(status)

    def next_step(self, case) -> Words:
        """Return the words for what comes next, as the cooperative reads them."""
        status = Status(case.status)
        stop = self.milestone_of(case) if status in RUNNING_STATUSES else None
        if stop and stop.next_step:
            return stop.next_step
        return self.next_steps.get(status, NEXT_STEP[status])

    # --- Details -----------------------------------------------------------------------------------

    def variant(self, details) -> str:
        """Return which variant of the checklist the details ask for; "" where the topic has but one."""
        return ""

    def event_day(self, details) -> date | None:
        """Return the day the matter arose, which decides the law, where the details say so."""
        return None

    def limit(self, name: str, party):
        """Return the rows the foreign key ``name`` of details or child rows may point to for ``party``.

        None where any row will do.
        """
        return

    def check(self, case, details, today: date) -> Problems:
        """Return what cannot be right in the details, by column; asked when a case is opened and at each change."""
        return {}

    def check_row(self, name: str, row, today: date) -> Problems:
        """Return what cannot be right in one child row of the list ``name``, by column."""
        return {}

    # --- Steps -------------------------------------------------------------------------------------

    def problems_before(self, step: str, case, day: date) -> list[Words]:
        """Return what forbids ``step`` on ``day`` beyond the checklist, in words; empty when nothing does."""
        return []

    def warnings_before(self, step: str, case, day: date) -> list[Words]:
        """Return what speaks against ``step`` on ``day`` but may be overruled by giving a reason, in words."""
        return []

    def after(self, step: str, case, *, day: date, by) -> Sequence[NextCase]:
        """Change the register as ``step`` demands, in the transaction of the step, and return cases to open.

        May set ``case.appointment_on`` and ``case.milestone``; the case is saved afterwards. Must be safe to
        repeat: a case may be reopened and completed again.
        """
        return ()

    # --- The case page and reminders ---------------------------------------------------------------

    def guidance(self, case, day: date) -> list[Hint]:
        """Return what an officer should know or do next with this case, with its source."""
        return []

    def facts(self, case, day: date) -> list[tuple[Words, Words]]:
        """Return computed facts of the case for the office, each a label and its words."""
        return []

    def law_of_days(self):
        """Return the dated rules :meth:`remind_on` counts by, read once for many cases."""
        return

    def remind_on(self, case, law) -> Iterable[KindDay]:
        """Return dated occasions of an open case by the rules in ``law``; no query where case and details are read.

        Their codes have words in ``day_words``.
        """
        return ()

    # --- Columns -----------------------------------------------------------------------------------

    def detail_fields(self) -> list[models.Field]:
        """Return the columns of the details a person fills in, in the order they are declared."""
        return _filled_in(self.details)

    def row_fields(self, name: str) -> list[models.Field]:
        """Return the columns of the child rows ``name`` a person fills in."""
        return _filled_in(self.rows[name])


def _filled_in(model: type[models.Model]) -> list[models.Field]:
    return [column for column in model._meta.fields if column.editable and column.name not in ("case", "id")]
