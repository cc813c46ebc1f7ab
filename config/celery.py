"""The background worker and its clock."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from celery import Celery

app = Celery("kreis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
