"""The WSGI entry point gunicorn serves."""

import gc
import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "htx_portal.settings")
_PROJECT = Path(__file__).resolve().parent.parent
#: So many more objects than before make the garbage collector look. A report of a whole country makes tens of thousands
#: that all go when it is sent; at Python's 700, looking through them again and again takes half of its time.
_OBJECTS_BETWEEN = 5_000


def load_everything() -> None:
    """Load addresses, views and templates now instead of with the first visitors.

    gunicorn does this before it makes its workers (``--preload``), so they share what is loaded here. Frozen, it is
    out of the way of the garbage collector, which would otherwise walk through all of it again and again, and by
    touching it would make copies of what is shared.
    """
    _ = get_resolver().url_patterns
    for path in _PROJECT.glob("*/templates/**/*.html"):
        get_template("/".join(path.relative_to(_PROJECT).parts[2:]))
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN)


application = get_wsgi_application()
load_everything()
