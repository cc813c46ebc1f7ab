from django.db import migrations, models
from django.utils import timezone


def note_set_up(apps, schema_editor):
    """Where people have accounts the place was set up before there was a set-up to go through."""
    if apps.get_model("accounts", "User").objects.exists():
        Installation = apps.get_model("core", "Installation")
        Installation.objects.update_or_create(defaults={"set_up_at": timezone.now()}, pk=1)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_sessions'),
        ('core', '0001_installation'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='is_operator',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(note_set_up, migrations.RunPython.noop, elidable=True),
    ]
