"""``manage.py verify_reminders``: the books of the reminders closed."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from htx_portal.rehearsal import now
from support_cases.choices import ReminderState, reason_words
from support_cases.management.commands.explain_reminder import day_of
from support_cases.reminders.accounting import VIOLATIONS, Account, close_books


class Command(BaseCommand):
    """Reads only, so it may run beside a portal at work.

    What was entered a moment ago, before the next pass (a minute for the daily work, a quarter of an hour for the
    register), is still without rows and counts as not entered.
    """

    help = "Account for every reminder due: exit 1 if one is missing, went twice or went past the ledger."

    def add_arguments(self, parser):
        """Take the day, and the journal of a mail server."""
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="default: today")
        parser.add_argument("--journal", type=Path, help="accepted mails, one JSON object with `identity` a line")

    def handle(self, *args, **options):
        """Print the account; fail where something is wrong."""
        if options["journal"] and not options["journal"].is_file():
            raise CommandError(_("Không có tệp %(file)s.") % {"file": options["journal"]})
        day = day_of(options["on"]) if options["on"] else timezone.localdate(now())
        account = close_books(day, options["journal"])
        for line in lines_of(account, with_mails=options["journal"] is not None):
            self.stdout.write(line)
        wrong = account.violations.total()
        if wrong:
            raise CommandError(ngettext("Có %(n)s chỗ sai.", "Có %(n)s chỗ sai.", wrong) % {"n": wrong})


def lines_of(account: Account, *, with_mails: bool) -> list[str]:
    """Return the account in words."""
    lines = [
        _("Đến hết ngày %(day)s: %(due)s việc đến hạn; %(entered)s đã vào sổ, %(nobody)s không có ai để nhắc.")
        % {
            "day": f"{account.day:%d/%m/%Y}",
            "due": account.occurrences,
            "entered": account.entered,
            "nobody": account.nobody_to_tell,
        },
        _("Dòng: %(counts)s.") % {"counts": _counted(account.rows)},
        _("Tin: %(counts)s.") % {"counts": _counted(account.messages)},
    ]
    if account.overtaken:
        lines.append(
            _("%(n)s việc có ngày nhắc tính lại sớm hơn lần đã nhắc, không nhắc lại.") % {"n": account.overtaken}
        )
    if account.skipped:
        skipped = ", ".join(f"{reason_words(code)} {n}" for code, n in sorted(account.skipped.items()))
        lines.append(_("Bỏ qua vì: %(counts)s.") % {"counts": skipped})
    if with_mails:
        lines.append(
            _("Máy chủ thư đã nhận %(n)s thư, trong đó %(again)s lần lặp lại.")
            % {"n": account.accepted, "again": account.repeated}
        )
    lines += [_("Không rõ đã tới chưa: %(name)s") % {"name": name} for name in account.unknown]
    for kind, count in account.violations.items():
        lines.append(f"{VIOLATIONS[kind]}: {count}")
        lines += [f"  {name}" for name in account.named[kind]]
    return lines


def _counted(states) -> str:
    found = [f"{ReminderState(code).label} {states[code]}" for code in ReminderState.values if states[code]]
    return ", ".join(found) or "0"
