"""The clock of a rehearsal moves on a scratch database and nowhere else."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from htx_portal.rehearsal import mark_scratch, now, refuse_real_data, set_clock

AN_HOUR, A_MOMENT = timedelta(hours=1), timedelta(seconds=5)


@pytest.fixture
def clock(tmp_path, settings):
    """A clock an hour ahead, in a data folder of its own that says nothing yet."""
    settings.DATA_DIR, settings.REHEARSAL_CLOCK = tmp_path, str(tmp_path / "clock")
    set_clock(tmp_path / "clock", timezone.now() + AN_HOUR)
    return tmp_path


def test_without_a_rehearsal_it_is_the_time_it_is():
    assert abs(now() - timezone.now()) < A_MOMENT
    assert refuse_real_data(None) == []


def test_a_scratch_database_goes_by_the_clock_and_follows_it(clock):
    mark_scratch(clock, str(settings.DATABASES["default"]["NAME"]))
    assert refuse_real_data(None) == []
    assert abs(now() - timezone.now() - AN_HOUR) < A_MOMENT
    set_clock(clock / "clock", timezone.now() - 3 * AN_HOUR)
    assert abs(timezone.now() - now() - 3 * AN_HOUR) < A_MOMENT


@pytest.mark.parametrize("marked", [None, "", "htx", "/elsewhere/db.sqlite3"])
def test_any_other_database_is_refused_by_the_check_and_by_the_clock(clock, marked):
    if marked is not None:
        mark_scratch(clock, marked)
    assert [error.id for error in refuse_real_data(None)] == ["htx_portal.E001"]
    with pytest.raises(ImproperlyConfigured):
        now()
