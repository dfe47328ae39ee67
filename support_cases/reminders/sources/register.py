"""What sources that go through the register have in common."""

from typing import ClassVar

from django.db.models import Model, Q
from django.urls import reverse

from cooperatives.choices import ENDED_STATUSES
from cooperatives.models import Cooperative
from support_cases.choices import SkipReason
from support_cases.models import Reminder
from support_cases.reminders.sources.base import Source


class RegisterSource(Source):
    """An occasion of a cooperative of the register, told to its officer or its people.

    What has ended is reminded of nothing.
    """

    is_quick = False
    #: Of which rows the subject names one.
    model: ClassVar[type[Model]] = Cooperative

    def why_over(self, reminder):
        """Say whether the row is gone, its cooperative has ended, the thing was done, or its day is another one."""
        if self.model is not Cooperative and not self.model.objects.filter(pk=reminder.subject_id).exists():
            return SkipReason.GONE
        if reminder.cooperative.legal_status in ENDED_STATUSES:
            return SkipReason.OVER
        return SkipReason.DONE if self.is_done(reminder) else SkipReason.MOVED

    def is_done(self, reminder: Reminder) -> bool:
        """Whether what the reminder asks for was done; one query at most."""
        raise NotImplementedError

    def url(self, reminder):
        """The obligations of the cooperative, with how their days were counted."""
        return reverse("cooperatives:obligations", args=[reminder.cooperative_id])


def standing(cooperative: str) -> Q:
    """Return the condition that the cooperative in this column has not ended."""
    return ~Q(**{f"{cooperative}__legal_status__in": ENDED_STATUSES})
