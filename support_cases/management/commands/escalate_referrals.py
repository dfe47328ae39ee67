"""``manage.py escalate_referrals``: what the portal does each hour, by hand."""

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from support_cases.referrals import escalate_late


class Command(BaseCommand):
    """Marks referrals whose answer is too late; may run any number of times."""

    help = "Tell the leaders of referrals whose answer is later than the office allows."

    def handle(self, *args, **options):
        """Escalate and say how many referrals that were."""
        count = escalate_late(timezone.localdate())
        if options["verbosity"] > 0:
            self.stdout.write(_("Báo lãnh đạo %(count)s việc chậm trả lời.") % {"count": count})
