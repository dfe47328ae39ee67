"""Views with nothing in them but the recorded statements and one line of output: what the portal is beside."""

import html
import json
from functools import cache
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tests.bench.recording import Blank, Statement, kept

Rows = list[tuple[object, ...]]
recorded = cache(kept)


def page(request, name):
    """Run what the page of a signed-in person ran and print the rows as a table."""
    return _table(run(name, request.POST.get("client_id")))


@login_not_required
def public_page(request, name):
    """The same for a page without an account."""
    return _table(run(name, None))


@csrf_exempt
@login_not_required
def api(request, name):
    """Run what the API ran, its look-up of the token included, and print the rows as JSON."""
    client_id = json.loads(request.body).get("client_id") if request.body else None
    found = run(name, client_id)
    return HttpResponse(json.dumps(found, default=str), content_type="application/json")


def run(name: str, client_id: str | None) -> list[Rows]:
    """Run the statements kept under ``name``, from the first that writes on in one transaction.

    ``client_id`` fills the blanks of an entry to be written. Returns the rows of each statement.
    """
    statements = recorded(name)
    first_write = next((n for n, each in enumerate(statements) if each.writes), len(statements))
    fill: dict[object, object] = {}
    if client_id is not None:
        fill = {Blank.CLIENT_ID: UUID(client_id), Blank.CLIENT_ID_HEX: UUID(client_id).hex}
    with connection.cursor() as cursor:
        found = [_fetch(cursor, each, fill) for each in statements[:first_write]]
        if first_write < len(statements):
            with transaction.atomic():
                for each in statements[first_write:]:
                    found.append(_fetch(cursor, each, fill))
                    if found[-1]:
                        fill.setdefault(Blank.NEW_ID, found[-1][0][0])
    return found


def _fetch(cursor, statement: Statement, fill: dict[object, object]) -> Rows:
    """Run one statement and return all its rows."""
    cursor.execute(statement.sql, _filled(statement.params, fill) if fill else statement.params)
    return cursor.fetchall() if cursor.description else []


def _filled(params, fill):
    """Return the parameters with their blanks filled, also those inside arrays."""
    if isinstance(params, list | tuple):
        return type(params)(_filled(each, fill) for each in params)
    return fill.get(params, params) if isinstance(params, Blank) else params


def _table(found: list[Rows]) -> HttpResponse:
    """Return every value of every row in one HTML table."""
    lines = [
        f"<tr>{''.join(f'<td>{html.escape(str(value))}</td>' for value in row)}</tr>" for rows in found for row in rows
    ]
    return HttpResponse(f"<!DOCTYPE html><html><body><table>{''.join(lines)}</table></body></html>")
