"""``manage.py check_tallies``: whether the tallies say what the entries say; reads only."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from support_cases.reports.tallies import half_months, wrong_lines


class Command(BaseCommand):
    """Prints every line that is wrong with its half-month, and fails when there is any."""

    help = "Check that the tallies large reports are added up from say what the entries say."

    def handle(self, *args, **options):
        """Print what is wrong, or how many half-months are right.

        Raises:
            CommandError: when something is wrong.
        """
        right = wrong = 0
        for half_month in half_months():
            lines = wrong_lines(half_month)
            right, wrong = right + (not lines), wrong + len(lines)
            for line in lines:
                self.stdout.write(f"{half_month.isoformat()} {line}")
        if wrong:
            raise CommandError(_("Có %(count)s dòng đếm sai. Hãy chạy manage.py rebuild_tallies.") % {"count": wrong})
        self.stdout.write(_("Mọi thứ đúng: %(count)s nửa tháng.") % {"count": right})
