"""Lines of the log: errors with their place in the code and without what anybody typed."""

import logging
import re
import traceback

#: What the settings say of logs: no personal data, no query strings.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "htx_portal.log_lines.WithoutData",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},
        "axes": {"level": "ERROR"},
    },
}

#: The secret in the address of a calendar feed is all it takes to read it.
_SECRET = re.compile(r"(/lich/)[^/\s\"'?]{8,}")


def without_secrets(line: str) -> str:
    """Return a line of a log with the secrets in addresses left out."""
    return _SECRET.sub(r"\1…", line)


class WithoutSecrets(logging.Filter):
    """Takes the secrets out of whatever a library of ours logs."""

    def filter(self, record):
        """Let every record pass, reworded."""
        record.msg, record.args = without_secrets(record.getMessage()), ()
        return True


class WithoutData(logging.Formatter):
    """Leaves the words of an error out, because they repeat names, phones and whole rows of the database.

    The class of the error and the lines of code it came through are kept. Only the database's complaints
    about itself (locked, unreachable) keep their first line.
    """

    def format(self, record):
        """Return the line without secrets."""
        return without_secrets(super().format(record))

    def formatException(self, ei):
        """Return the trace of an error and of those it came from, the first one first."""
        told: list[str] = []
        seen: set[int] = set()
        error = ei[1]
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            told.append("".join(traceback.format_tb(error.__traceback__)) + _named(error))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nwhich led to\n".join(reversed(told))


def _named(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if type(error).__name__ != "OperationalError":
        return name
    return f"{name}: {str(error).partition(chr(10))[0]}"
