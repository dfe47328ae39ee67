"""``manage.py check_closings``: counts every closed period again and compares it with what was sent."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from support_cases.closing_checks import verify_closing
from support_cases.closings import keep_figures
from support_cases.models import Closing


class Command(BaseCommand):
    """Checks all closings that stand; fails when one does not hold."""

    help = "Count every closed period again as known when it was closed; exit 1 where it is not what was sent."

    def add_arguments(self, parser):
        """Take whether figures that were never kept are to be stored."""
        parser.add_argument(
            "--keep-missing",
            action="store_true",
            help="first count and store the figures of closings that have none yet",
        )

    def handle(self, *args, **options):
        """Check one closing after another.

        Raises:
            CommandError: when at least one does not hold, or has no figures to compare yet.
        """
        wrong, missing = 0, 0
        standing = list(Closing.objects.standing().order_by("calendar", "first", "last").values_list("pk", flat=True))
        for pk in standing:
            closing = Closing.objects.get(pk=pk)
            if options["keep_missing"] and keep_figures(pk, timezone.now()):
                self.stdout.write(_("%(closing)s: đã lưu số liệu như lúc chốt") % {"closing": closing})
                closing.refresh_from_db()
            if not closing.digest:
                missing += 1
                self.stdout.write(_("%(closing)s: số liệu chưa tính xong") % {"closing": closing})
            elif not self._holds(closing):
                wrong += 1
        if wrong:
            raise CommandError(_("Có %(count)s kỳ không khớp.") % {"count": wrong})
        if missing:
            raise CommandError(_("Có %(count)s kỳ chưa tính xong số liệu để đối chiếu.") % {"count": missing})
        self.stdout.write(_("Đã đối chiếu %(count)s kỳ: khớp.") % {"count": len(standing)})

    def _holds(self, closing: Closing) -> bool:
        verdict = verify_closing(closing)
        when = f"{timezone.localtime(closing.closed_at):%d/%m/%Y %H:%M}"
        said = _("khớp") if verdict.holds else _("không khớp, %(count)s chỗ") % {"count": len(verdict.differences)}
        self.stdout.write(f"{closing} ({when}): {said}")
        return verdict.holds
