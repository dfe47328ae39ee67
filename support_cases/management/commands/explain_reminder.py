"""``manage.py explain_reminder REFERENCE``: what the page “Vì sao nhắc” says, as text."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from support_cases.models import Case
from support_cases.reminders.explain import ExplainedDay, ExplainedOccasion, explain


class Command(BaseCommand):
    """Prints why a case is reminded of or not; reads only."""

    help = "Explain the reminders of a case: rules, days, what was sent, what holds back, what comes next."

    def add_arguments(self, parser):
        """Take the reference and, if wanted, the day to explain."""
        parser.add_argument("reference")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="the day to explain; today by default")

    def handle(self, *args, **options):
        """Print the explanation.

        Raises:
            CommandError: in one line, for a case or a day that cannot be.
        """
        on = day_of(options["on"])
        reference = options["reference"].strip().upper()
        case = Case.objects.referred_to([reference]).with_parties().first()
        if case is None:
            raise CommandError(_("Không có hồ sơ %(reference)s.") % {"reference": options["reference"]})
        now = timezone.now() if on == timezone.localdate() else None
        found = explain(case, on, now=now)
        self.stdout.write(f"{case.reference} {case.title} ({case.party}) · {on:%d/%m/%Y}")
        if found.silent:
            self.stdout.write(found.silent)
        self.stdout.write(_("Nhắc tiếp: %(next)s") % {"next": found.next})
        for occasion in found.occasions:
            self._occasion(occasion)

    def _occasion(self, occasion: ExplainedOccasion) -> None:
        self.stdout.write(f"\n{occasion.label}")
        for rule in occasion.rules:
            off = "" if rule.in_force else f" [{_('Không hiệu lực')}]"
            self.stdout.write(f"  {rule.key}: {rule.words}{off}")
        if occasion.none:
            self.stdout.write(f"  {occasion.none}")
        for thing in occasion.things:
            self.stdout.write(f"  * {thing.title}")
            for day in thing.days:
                self._day(day)
        if occasion.left_out:
            more = ngettext("và %(n)s việc nữa, muộn hơn", "và %(n)s việc nữa, muộn hơn", occasion.left_out)
            self.stdout.write("  " + more % {"n": occasion.left_out})

    def _day(self, day: ExplainedDay) -> None:
        self.stdout.write(f"    {day.standing.label}: {day.arithmetic} [{day.rules}]")
        for words in filter(None, (day.ahead, *day.holds, *day.happened)):
            self.stdout.write(f"      {words}")


def day_of(text: str | None) -> date:
    """Return the day a command was given, today for none.

    Raises:
        CommandError: for what is no day.
    """
    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError:
        raise CommandError(_("Ngày %(day)s không đúng, hãy ghi như 2023-09-20.") % {"day": text}) from None
