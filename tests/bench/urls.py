"""The portal and the bare views in one process."""

from django.urls import include, path

urlpatterns = [
    path("", include("tests.bench.bare_urls")),
    path("", include("htx_portal.urls")),
]

handler404 = "htx_portal.not_found.not_found"
