"""``manage.py chaos_reminders``: a rehearsal of disaster on scratch ground, with a count of what it did."""

import json
import signal
import subprocess
import sys
import time
from argparse import SUPPRESS
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from htx_portal.rehearsal import is_scratch, now, set_clock
from support_cases.chaos.figures import figures_of, lines_of_figures
from support_cases.chaos.ground import POSTGRESQL, SQLITE, Ground, scratch_ground
from support_cases.chaos.rehearsal import FIRST_DAY, Rehearsal
from support_cases.chaos.servers import Missing
from support_cases.chaos.world import make_tables, make_world
from support_cases.management.commands.verify_reminders import lines_of
from support_cases.reminders.accounting import close_books


class Command(BaseCommand):
    """Starts itself again on the scratch ground, so that this process never opens any database.

    There it makes an office out of the seed, starts two workers, two beats, a broker and a mail server, kills and
    troubles them, lets everything come to rest and closes the books.
    """

    help = "Kill workers, wipe the broker, trouble the mail server; then prove that every reminder is accounted for."
    requires_system_checks = ()

    def add_arguments(self, parser):
        """Take how often to kill, the seed, and where."""
        parser.add_argument("--kills", type=int, default=20, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--days", type=int, default=0, help="simulated days; default: one for three kills")
        parser.add_argument("--database", default=SQLITE, help="sqlite, postgresql, or postgresql://… of a server")
        parser.add_argument("--json", type=Path, help="write every figure into this file")
        parser.add_argument("--keep", action="store_true", help="leave the scratch folder for a look")
        parser.add_argument("--inside", type=json.loads, help=SUPPRESS)

    def handle(self, *args, **options):
        """Make the ground and go there, or, once there, rehearse."""
        if options["kills"] < 1 or options["days"] < 0:
            raise CommandError(_("Số lần giết từ 1, số ngày từ 0 trở lên."))
        options["days"] = options["days"] or max(4, options["kills"] // 3)
        if options["inside"]:
            self._rehearse(options)
        else:
            self._go_there(options)

    def _go_there(self, options) -> None:
        database = options["database"]
        if database not in (SQLITE, POSTGRESQL) and urlsplit(database).scheme not in ("postgresql", "postgres"):
            raise CommandError(_("--database là sqlite, postgresql hoặc địa chỉ postgresql://…"))
        try:
            with scratch_ground(database, keep=options["keep"]) as ground:
                code = _run_inside(ground, options)
        except Missing as reason:
            raise CommandError(_("Không có máy chủ cơ sở dữ liệu: %(reason)s") % {"reason": reason}) from reason
        if options["keep"]:
            self.stdout.write(str(ground.folder))
        if code:
            raise CommandError(_("Diễn tập không đạt."), returncode=1)

    def _rehearse(self, options) -> None:
        if not is_scratch():
            raise CommandError(_("Cơ sở dữ liệu này không phải để diễn tập."))
        signal.signal(signal.SIGTERM, _leave)
        ground = Ground(settings.DATA_DIR, *options["inside"])
        started = time.monotonic()
        set_clock(ground.clock, timezone.make_aware(datetime.combine(FIRST_DAY, datetime.min.time())))
        make_tables()
        world = make_world(options["seed"], FIRST_DAY, options["days"])
        rehearsal = Rehearsal(ground, world, options["seed"])
        with tqdm(total=options["kills"], unit="", disable=options["verbosity"] == 0) as bar:
            rehearsal.run(options["kills"], options["days"], bar.update)
        account = close_books(timezone.localdate(now()), rehearsal.journal)
        figures = figures_of(rehearsal, account, options["kills"], time.monotonic() - started)
        if options["json"]:
            options["json"].write_text(json.dumps(figures, ensure_ascii=False, indent=1))
        if options["verbosity"] > 0:
            for line in (*lines_of_figures(figures), *lines_of(account, with_mails=True)):
                self.stdout.write(line)
        if account.violations.total():
            raise CommandError(str(dict(account.violations)), returncode=1)


def _run_inside(ground: Ground, options) -> int:
    """Run this command again in the environment of the ground and return its exit code."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "chaos_reminders"]
    for name in ("kills", "seed", "days", "verbosity"):
        command += [f"--{name}", str(options[name])]
    if options["json"]:
        command += ["--json", str(options["json"].absolute())]
    command += ["--inside", json.dumps([ground.database_url, ground.broker_port, ground.mail_port])]
    child = subprocess.Popen(command, env=ground.environment)  # noqa: S603
    try:
        return child.wait()
    finally:
        # Interrupted: the child has processes of its own to end first.
        child.terminate()
        child.wait()


def _leave(*_args) -> None:
    """Make an end of SIGTERM that lets every ``finally`` do its work."""
    raise SystemExit(128 + signal.SIGTERM)
