"""``manage.py seed_demo``: the demo set, while DEMO is on."""

from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cooperatives.reference import BadDataFile
from support_cases.demo import FIRST_TODAY, DemoRefused, load_demo
from support_cases.management.commands.load_reference import load_now
from support_cases.models import Consultation

_EIGHT_MONTHS = (date(2023, 1, 1), date(2023, 8, 31))


class Command(BaseCommand):
    """Loads reference rows and demo set; a second run adds and changes nothing."""

    help = "Load the demo set and its accounts (only while DEMO is on)."

    def add_arguments(self, parser):
        """Take the day that the set's relative dates are counted from."""
        parser.add_argument("--today", type=date.fromisoformat, help="YYYY-MM-DD; default: today")

    def handle(self, *args, **options):
        """Load the set and print what was made and how many lượt the eight months have."""
        if not settings.DEMO:
            raise CommandError(_("Dữ liệu mẫu chỉ nạp được khi bật DEMO=1; không có gì thay đổi."))
        today = self._today(options["today"])
        load_now()
        try:
            made = load_demo(settings.FIXTURES_DIR / "demo", today=today)
        except (BadDataFile, DemoRefused) as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["verbosity"] > 0:
            self.stdout.write(summary(made))

    def _today(self, given: date | None) -> date:
        """Return the day to count from: the given one, or today unless the clock is behind the set.

        Raises:
            CommandError: when the given day is before the first one the set can be loaded on.
        """
        first = _("Bộ dữ liệu mẫu tính từ ngày %(day)s trở đi.") % {"day": f"{FIRST_TODAY:%d/%m/%Y}"}
        if given and given < FIRST_TODAY:
            raise CommandError(first)
        today = given or timezone.localdate()
        if today < FIRST_TODAY:
            self.stderr.write(first)
        return max(today, FIRST_TODAY)


def summary(made) -> str:
    """Return what was made, or that nothing was, and the lượt of the eight months, in two lines."""
    first = _("Dữ liệu mẫu đã có, không thêm gì.")
    if made.consultations:
        first = _(
            "Đã nạp DỮ LIỆU MẪU: %(cooperatives)s HTX, %(groups)s nhóm sáng lập, %(cases)s hồ sơ, "
            "%(consultations)s lần tư vấn."
        ) % {
            "cooperatives": made.cooperatives,
            "groups": made.founding_groups,
            "cases": made.cases,
            "consultations": made.consultations,
        }
    count = Consultation.objects.standing().counted().filter(held_on__range=_EIGHT_MONTHS).count()
    return f"{first}\n" + _("Từ 01/01 đến 31/08/2023: %(count)s lượt HTX.") % {"count": count}
