"""`manage.py compile_catalogues`: the .mo files the running portal reads, without a system gettext."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from htx_portal import catalogues


class Command(BaseCommand):
    """Compiles what changed; with `--check` writes nothing and fails on an unfinished catalogue."""

    help = "Compile the catalogues that changed."
    requires_system_checks = ()

    def add_arguments(self, parser):
        """Add `--check`."""
        parser.add_argument("--check", action="store_true", help="write nothing, only look for unfinished entries")

    def handle(self, *args, check: bool, verbosity: int, **options):
        """Compile, or with `check` raise CommandError with a line for each unfinished entry."""
        paths = catalogues.po_files(settings.LOCALE_PATHS)
        if check:
            found = [f"{path}: {fault}" for path in paths for fault in catalogues.faults(catalogues.read(path))]
            if found or not paths:
                raise CommandError("\n".join(found) or "there are no catalogues")
            return
        for path in catalogues.compile_stale(paths):
            if verbosity:
                self.stdout.write(f"{path} written")
