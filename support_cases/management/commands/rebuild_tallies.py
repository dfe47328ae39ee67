"""``manage.py rebuild_tallies``: count all entries anew into the tallies."""

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from tqdm import tqdm

from support_cases.reports.tallies import half_months, rebuild


class Command(BaseCommand):
    """Rebuilds one half-month after the other, each in a transaction of its own: people may go on recording."""

    help = "Build the tallies large reports are added up from anew out of the entries; safe to repeat."

    def handle(self, *args, **options):
        """Rebuild with a progress bar on stderr, then say how many half-months there were."""
        found = list(half_months())
        for half_month in tqdm(found, disable=options["verbosity"] == 0):
            rebuild(half_month)
        if options["verbosity"] > 0:
            self.stdout.write(_("Đã đếm lại %(count)s nửa tháng.") % {"count": len(found)})
