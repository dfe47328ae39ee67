"""Liveness and readiness, for the process manager and the proxy in front."""

import time
from datetime import timedelta

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from support_cases.reminders.signs import SILENT, Sign, signs

#: Moment of a clock that is never set at which this process, or the one it was forked from, began.
_STARTED = time.monotonic()


@csrf_exempt
@login_not_required
@never_cache
@require_safe
def live(request):
    """Answer 200 as long as the process answers at all."""
    return JsonResponse({"status": "ok"})


@csrf_exempt
@login_not_required
@never_cache
@require_safe
def ready(request):
    """Answer 200 when database and broker answer and worker and beat were heard of lately, 503 otherwise.

    Says which, nothing more. In the first minutes of the portal a worker or beat not heard of yet is ``starting``.
    """
    checks = {"database": _database_answers(), "broker": _broker_answers()}
    found = _signs() if checks["database"] else []
    checks |= {sign.process: sign.state != SILENT for sign in found}
    fine = all(checks.values())
    body = {
        "status": "ok" if fine else "unavailable",
        "checks": checks,
        "processes": {sign.process: sign.state for sign in found},
    }
    return JsonResponse(body, status=200 if fine else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except DatabaseError:
        return False
    return True


def _signs() -> list[Sign]:
    return signs(timezone.now(), timedelta(seconds=time.monotonic() - _STARTED))


def _broker_answers() -> bool:
    client = redis.Redis.from_url(settings.CACHES["default"]["LOCATION"], socket_connect_timeout=1, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
