"""Sessions move into a table of our own, where each stands beside its account. Whoever is signed in stays so."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import migrations, models


def move_sessions(apps, schema_editor):
    connection = schema_editor.connection
    if "django_session" not in connection.introspection.table_names():
        return
    session, user = apps.get_model("accounts", "Session"), apps.get_model("accounts", "User")
    accounts = {str(pk): pk for pk in user.objects.values_list("pk", flat=True)}
    from accounts.sessions import SessionStore

    with connection.cursor() as cursor:
        cursor.execute("SELECT session_key, session_data, expire_date FROM django_session WHERE expire_date > now()")
        rows = cursor.fetchall()
    session.objects.bulk_create(
        [
            session(
                session_key=key,
                session_data=data,
                expire_date=ends,
                account_id=accounts.get(SessionStore().decode(data).get(SESSION_KEY)),
            )
            for key, data, ends in rows
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE django_session")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("used_on", models.DateField(default=django.utils.timezone.localdate)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "session", "verbose_name_plural": "sessions", "abstract": False},
        ),
        migrations.RunPython(move_sessions, migrations.RunPython.noop, elidable=True),
    ]
