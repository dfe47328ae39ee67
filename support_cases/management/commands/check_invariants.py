"""``manage.py check_invariants``: whether the ledger and every open case are as they must be; reads only."""

from datetime import datetime, time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from support_cases.management.commands.explain_reminder import day_of
from support_cases.models import Case, Reminder
from support_cases.reminders.invariants import violations
from support_cases.reminders.sweep import swept_at


class Command(BaseCommand):
    """Prints what cannot be, one line each, and fails when there is any."""

    help = "Check that every open case has one next reminder or a reason, and that the ledger is sound."

    def add_arguments(self, parser):
        """Take the day to look at, if wanted."""
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="the day to check; today by default")

    def handle(self, *args, **options):
        """Print every violation, then how many there were.

        Raises:
            CommandError: when there are any.
        """
        on = day_of(options["on"])
        today = timezone.localdate()
        now = timezone.now() if on == today else timezone.make_aware(datetime.combine(on, time(12)))
        count = 0
        for violation in violations(now):
            count += 1
            self.stdout.write(str(violation))
        if count:
            raise CommandError(_("Có %(count)s chỗ sai.") % {"count": count})
        words = {"cases": Case.objects.open().count(), "reminders": Reminder.objects.count()}
        if swept_at() is None:
            self.stdout.write(_("Chưa lượt quét nào chạy nên sổ nhắc việc còn trống."))
        self.stdout.write(_("Mọi thứ đúng: %(cases)s hồ sơ đang mở, %(reminders)s dòng nhắc việc.") % words)
