"""`manage.py collect_messages`: brings the English catalogue up to date with code and templates."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import engines

from htx_portal import catalogues

PACKAGES = ("cooperatives", "htx_portal", "support_cases")


def english_catalogue() -> Path:
    """Where the English sentences are kept."""
    return Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES" / "django.po"


class Command(BaseCommand):
    """Adds new sentences untranslated and drops those no longer used; the Vietnamese catalogue stays as it is.

    That one answers for the libraries' sentences, which are not ours to collect; it is only sorted.
    """

    help = "Collect the sentences of code and templates into the English catalogue."

    def handle(self, *args, **options):
        """Rewrite the .po files and tell what came, what went and what is still to be translated."""
        english = english_catalogue()
        try:
            found = catalogues.collect(settings.BASE_DIR, PACKAGES, engines["django"].engine)
        except catalogues.CatalogueError as fault:
            raise CommandError(str(fault)) from fault
        for path in catalogues.po_files(settings.LOCALE_PATHS):
            catalogue = catalogues.read(path)
            came, went = catalogues.bring_up_to_date(catalogue, found) if path == english else (0, 0)
            catalogues.sort(catalogue)
            catalogue.save(str(path))
            missing = len(list(catalogues.faults(catalogue)))
            self.stdout.write(f"{path.parts[-3]}: {len(catalogue)} (+{came} −{went}), {missing} unfinished")
