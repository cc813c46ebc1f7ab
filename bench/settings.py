"""An installation's settings, reached without HTTPS, with one more address: an empty page for whoever is signed in."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
SECURE_SSL_REDIRECT = False
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "kreis.W021", "kreis.W022"]  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # codes are asked for; no mail leaves this machine
