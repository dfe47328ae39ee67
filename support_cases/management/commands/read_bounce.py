"""`read_bounce < mail`: for an alias of the mail server that receives what comes back."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from support_cases.reminders.bounces import MOST_BYTES, read_bounce

#: Tells a mail server to try the pipe again later (sysexits.h).
_TRY_LATER = 75


class Command(BaseCommand):
    """Reads one mail; what is no bounce of ours changes nothing and is no error, else it would bounce in turn."""

    help = "Reads a delivery status notification and marks the reminder and the address it speaks of."

    def add_arguments(self, parser):
        """The mail comes by standard input unless a file is named."""
        parser.add_argument("file", nargs="?", type=Path, help="file with the mail; standard input without it")

    def handle(self, *args, file: Path | None = None, **options):
        """Say how many messages failed by it."""
        raw = file.read_bytes() if file else sys.stdin.buffer.read(MOST_BYTES + 1)
        try:
            failed = read_bounce(raw, timezone.now())
        except DatabaseError as trouble:
            self.stderr.write(f"the database does not answer: {type(trouble).__name__}")
            sys.exit(_TRY_LATER)
        self.stdout.write(_("%(count)s tin chuyển sang không gửi được.") % {"count": len(failed)})
