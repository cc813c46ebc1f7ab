"""Django's notices for the next page ("That device is signed out."), in a cookie under the house's name for it."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class NoticesCookie(CookieStorage):
    cookie_name = settings.NOTICES_COOKIE_NAME


class Notices(FallbackStorage):
    """A cookie first: a notice to somebody who just signed out must not begin a session."""

    storage_classes = (NoticesCookie, SessionStorage)
