"""Days of their own that the kinds of support know: by when to file, to invite, to call again."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from support_cases.choices import OPEN_STATUSES, Occasion, SkipReason
from support_cases.models import Case
from support_cases.reminders.occasions import Anchor
from support_cases.reminders.sources.base import CHUNK, Source
from support_cases.support_types import SUPPORT_TYPES, SupportType


class KindDays(Source):
    """The dated occasions of open cases."""

    occasion = Occasion.KIND_DAY
    sentence = _("%(what)s %(day)s: %(case)s (%(party)s)")
    advice = _("Làm xong thì ghi ngày hoặc chuyển bước trong hồ sơ.")

    def anchors(self, first, last, today, within):
        """Yield the occasions of each kind that has any; its law is read once for all cases."""
        for kind in SUPPORT_TYPES.values():
            if kind.day_words:
                yield from self._of_kind(kind, first, last, within)

    def _of_kind(self, kind: SupportType, first, last, within) -> Iterator[Anchor]:
        details = kind.details._meta.model_name
        rows = Case.objects.filter(topic=kind.code, status__in=OPEN_STATUSES).select_related(details, "cooperative")
        rows = within.narrow(rows, case="pk", cooperative="cooperative").order_by("pk")
        law = kind.law_of_days()
        for case in rows.iterator(CHUNK):
            for code, day in kind.remind_on(case, law):
                if first <= day <= last:
                    yield Anchor.of_case(case, f"case/{case.pk}/{code}", day, f"{kind.code}/{code}")

    def what(self, detail):
        """The words of the kind for its occasion."""
        topic, _slash, code = detail.partition("/")
        return SUPPORT_TYPES[topic].day_words.get(code, code) if topic in SUPPORT_TYPES else code

    def why_over(self, reminder):
        """Say whether the case ended, the thing was done, or its day is another one."""
        case = Case.objects.filter(pk=reminder.case_id).select_related("cooperative").first()
        if case is None:
            return SkipReason.GONE
        if not case.is_open:
            return SkipReason.CLOSED
        code = reminder.subject.rpartition("/")[2]
        there = {found for found, _day in case.kind.remind_on(case, case.kind.law_of_days())}
        return SkipReason.MOVED if code in there else SkipReason.DONE
