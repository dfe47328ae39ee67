"""Compiles every template of the project: `python -m tests.templates`. Part of `make check`."""

import os
import sys
from pathlib import Path

import django
from django.template import TemplateSyntaxError, engines

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = (".html", ".txt", ".xml", ".svg")


def main() -> int:
    """Compile them all; 1 after a line for each that does not compile, or when there are none at all."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "htx_portal.settings")
    django.setup()
    backend = engines["django"]
    found = [
        path.relative_to(folder).as_posix()
        for folder in map(Path, backend.template_dirs)
        if folder.is_relative_to(ROOT) and not folder.is_relative_to(Path(sys.prefix))
        for path in sorted(folder.rglob("*"))
        if path.suffix in SUFFIXES
    ]
    faults = 0
    for name in found:
        try:
            backend.get_template(name)
        except TemplateSyntaxError as error:
            faults += 1
            print(f"{name}: {error}")
    print(f"{len(found)} templates, {faults} do not compile")
    return int(faults > 0 or not found)


if __name__ == "__main__":
    sys.exit(main())
