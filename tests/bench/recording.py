"""Which statements a request runs: counted and kept on request, so that a bare view can run the same ones."""

import pickle
import re
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

HEADER = "X-Bench-Record"
_CONTROL = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)
_WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """One statement as it was handed to the driver."""

    sql: str
    params: Any

    @property
    def writes(self) -> bool:
        """Whether it changes rows."""
        return bool(_WRITE.match(self.sql))


@dataclass
class Recording:
    """The statements of one request, those of the middleware (session, account) apart from the view's.

    Statements that only begin or end a transaction are counted in ``control`` and not kept.
    """

    of_middleware: list[Statement] = field(default_factory=list)
    of_view: list[Statement] = field(default_factory=list)
    control: int = 0

    def note(self, execute, sql, params, many, context):
        """Keep one statement and run it; the shape Django asks of an execute wrapper."""
        if is_control(sql):
            self.control += 1
        else:
            self.of_view.append(Statement(sql, plain(params)))
        return execute(sql, params, many, context)


def is_control(sql: str) -> bool:
    """Whether a statement only begins or ends a transaction."""
    return bool(_CONTROL.match(sql))


def plain(value):
    """Return parameters without classes of the portal, which a bare worker does not know, and without views of bytes,
    which cannot be kept.
    """
    if isinstance(value, list | tuple):
        return type(value)(plain(each) for each in value)
    if isinstance(value, memoryview):
        return bytes(value)
    return value.value if isinstance(value, Enum) else value


class RecordingMiddleware:
    """First in the list: keeps the statements of requests that carry the header under the name in it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Answer as ever, with the count of statements in ``X-Queries`` when it was asked for."""
        name = request.headers.get(HEADER)
        if name is None:
            return self.get_response(request)
        recording = request.recording = Recording()
        with connection.execute_wrapper(recording.note):
            response = self.get_response(request)
        response["X-Queries"] = len(recording.of_middleware) + len(recording.of_view)
        keep(name, recording.of_view)
        return response

    def process_view(self, request, view, args, kwargs):
        """Let the account be read now, so that what follows is the view's own work."""
        recording = getattr(request, "recording", None)
        user = getattr(request, "user", None)
        if recording is not None and user is not None and user.is_authenticated:
            recording.of_middleware, recording.of_view = recording.of_view, []


def keep(name: str, statements: list[Statement]) -> None:
    """Write the statements of a request under a name, where bare views find them."""
    settings.BENCH_RECORDINGS.mkdir(exist_ok=True)
    (settings.BENCH_RECORDINGS / name).write_bytes(pickle.dumps(statements))


def kept(name: str) -> list[Statement]:
    """Return the statements kept under a name. Raises OSError when there are none."""
    return pickle.loads((settings.BENCH_RECORDINGS / name).read_bytes())


class Blank(Enum):
    """What differs from entry to entry in the statements that write one."""

    CLIENT_ID = auto()
    CLIENT_ID_HEX = auto()
    NEW_ID = auto()


def blank_out(path: Path, client_id: UUID, new_id: int) -> None:
    """Put blanks into the kept statements of an entry: its client id and its primary key."""
    blanks = {client_id: Blank.CLIENT_ID, client_id.hex: Blank.CLIENT_ID_HEX, new_id: Blank.NEW_ID}

    def blanked(value):
        if isinstance(value, list | tuple):
            return type(value)(blanked(each) for each in value)
        # By type as well: True is 1 to a dictionary.
        known = isinstance(value, UUID | str) or type(value) is int
        return blanks.get(value, value) if known else value

    statements = [Statement(each.sql, blanked(each.params)) for each in pickle.loads(path.read_bytes())]
    path.write_bytes(pickle.dumps(statements))
