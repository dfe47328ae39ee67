"""The clock that workers and beat go by: the real one, or in a rehearsal one that somebody moves.

A rehearsal moves it by writing seconds into the file named by the setting ``REHEARSAL_CLOCK``, so that processes that
run already follow. Reminders sent by a wrong clock would be a disaster for an office, so that works only on a database
named in the file ``scratch-database`` of the data folder, which no installation has.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MARKER = "scratch-database"
_REFUSED = _("HTX_REHEARSAL_CLOCK: cơ sở dữ liệu này không phải để diễn tập, nên đồng hồ không được dời.")


def now() -> datetime:
    """Return the moment it is, moved by the rehearsal if there is one.

    Raises:
        ImproperlyConfigured: for a rehearsal on a database that is not marked as scratch.
    """
    if not settings.REHEARSAL_CLOCK:
        return timezone.now()
    if not is_scratch():
        raise ImproperlyConfigured(_REFUSED)
    return timezone.now() + timedelta(seconds=float(Path(settings.REHEARSAL_CLOCK).read_text()))


def is_scratch() -> bool:
    """Whether the data folder says that this database may be played with."""
    marker = settings.DATA_DIR / MARKER
    return marker.is_file() and marker.read_text().strip() == str(settings.DATABASES["default"]["NAME"])


def mark_scratch(data_dir: Path, database: str) -> None:
    """Say in a data folder that the database of this name, or at this path, may be played with."""
    (data_dir / MARKER).write_text(database)


def set_clock(file: Path, moment: datetime) -> None:
    """Let the clock in ``file`` show ``moment`` from now on; readers see the old time or the new one."""
    moved = file.with_suffix(".new")
    moved.write_text(str((moment - timezone.now()).total_seconds()))
    os.replace(moved, file)


def refuse_real_data(app_configs, **kwargs) -> list[Error]:
    """System check: an installation with real data has no rehearsal clock."""
    if settings.REHEARSAL_CLOCK and not is_scratch():
        return [Error(_REFUSED, id="htx_portal.E001")]
    return []
