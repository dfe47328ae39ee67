"""``manage.py load_reference``: the reference files into their tables."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cooperatives.reference import BadDataFile
from support_cases.reference import load_reference


class Command(BaseCommand):
    """Adds what is missing; may run any number of times, also two at once."""

    help = "Add the reference rows that are missing; edited rows stay as they are."

    def handle(self, *args, **options):
        """Load the files and say how many rows each one added."""
        added = load_now()
        if options["verbosity"] > 0:
            for name, count in added.items():
                self.stdout.write(_("%(file)s: thêm %(count)s dòng") % {"file": name, "count": count})


def load_now():
    """Load the shipped reference files and return the rows added by file.

    Raises:
        CommandError: with one line that names file and line.
    """
    folder = settings.FIXTURES_DIR / "reference"
    try:
        return load_reference(folder)
    except BadDataFile:
        # Another run may have added the same rows in between; then nothing is missing any more.
        try:
            return load_reference(folder)
        except BadDataFile as refusal:
            raise CommandError(str(refusal)) from refusal
