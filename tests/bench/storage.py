"""Static files under hashed names as in the portal, but not compressed."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

from htx_portal.static_storage import KnownAddresses


class PlainStaticStorage(KnownAddresses, ManifestStaticFilesStorage):
    """The portal's look-up of names over Django's storage."""
