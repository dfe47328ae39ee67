"""The entry point of a bare worker."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
