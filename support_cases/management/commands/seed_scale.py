"""``manage.py seed_scale``: a large deterministic set for measuring."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from support_cases.management.commands.load_reference import load_now
from support_cases.scale import MOST_COOPERATIVES, Scale, has_real_entries, make_scale


class Command(BaseCommand):
    """Writes cooperatives of a simulated country and four years of consultations; all marked as demo rows."""

    help = "Make a large deterministic set of demo rows for measuring (never beside real work)."

    def add_arguments(self, parser):
        """Take the size, the seed, and the consent to go on beside real entries."""
        parser.add_argument("--cooperatives", type=int, default=35_000, metavar="N")
        parser.add_argument("--consultations", type=int, default=2_000_000, metavar="M")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--force", action="store_true", help="also where there are real consultations")

    def handle(self, *args, **options):
        """Check the size and the database, write the set with a progress bar on stderr, say how long it took."""
        scale = Scale(options["cooperatives"], options["consultations"], options["seed"])
        if not 1 <= scale.cooperatives <= MOST_COOPERATIVES or scale.consultations < 0:
            raise CommandError(_("Số HTX từ 1 đến %(most)s, số lần tư vấn từ 0.") % {"most": MOST_COOPERATIVES})
        if has_real_entries() and not options["force"]:
            raise CommandError(
                _("Cơ sở dữ liệu này có lần tư vấn thật. Hãy dùng một cơ sở dữ liệu khác, hoặc thêm --force.")
            )
        started = time.monotonic()
        load_now()
        with tqdm(total=scale.consultations, unit=" lượt", disable=options["verbosity"] == 0) as bar:
            make_scale(scale, progress=bar.update)
        if options["verbosity"] > 0:
            self.stdout.write(
                _("Đã tạo DỮ LIỆU MẪU: %(cooperatives)s HTX, %(consultations)s lần tư vấn, trong %(seconds)s giây.")
                % {
                    "cooperatives": scale.cooperatives,
                    "consultations": scale.consultations,
                    "seconds": round(time.monotonic() - started),
                }
            )
