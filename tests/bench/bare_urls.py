"""Addresses of the bare views."""

from django.urls import path

from tests.bench import bare

urlpatterns = [
    path("bare/page/<slug:name>/", bare.page),
    path("bare/public/<slug:name>/", bare.public_page),
    path("bare/api/<slug:name>/", bare.api),
]
