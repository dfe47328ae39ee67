"""What every kind of support says about itself."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from support_cases.choices import NEXT_STEP, PUBLIC_STATUS, Status


class CaseDetails(models.Model):
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


class SupportType:
    """One kind of support.

    A subclass in a file of this package is found by itself: form, filter, API, report and public page
    take its words from here. Checklists, statutory days and amounts are dated rows, not code.
    """

    code: str
    #: Place in lists and forms.
    position: int
    label: str
    public_label: str
    details: type[CaseDetails]
    #: Stage words shown to the cooperative, where they say more than the status does.
    stages: Mapping[Status, str] = {}
    #: Next-step words shown to the cooperative, where they say more than the general ones.
    next_steps: Mapping[Status, str] = {}

    def stage(self, status: str) -> str:
        """Return the words for where a case stands, as the cooperative reads them."""
        return self.stages.get(Status(status), PUBLIC_STATUS[Status(status)])

    def next_step(self, status: str) -> str:
        """Return the words for what comes next, as the cooperative reads them."""
        return self.next_steps.get(Status(status), NEXT_STEP[Status(status)])

    def problems_before(self, step: str, case) -> list[str]:
        """Return what still stands in the way of ``step`` beyond the checklist, in words; empty when nothing."""
        return []

    def remind_on(self, case) -> Iterable[tuple[date, str]]:
        """Return dated occasions of this kind, each a day and its words."""
        return ()

    def after(self, step: str, case) -> None:
        """Change the register as ``step`` demands, in the transaction of the step."""

    def detail_fields(self) -> list[models.Field]:
        """Return the columns of the details a person fills in, in the order they are declared."""
        return [field for field in self.details._meta.fields if field.editable and field.name != "case"]
