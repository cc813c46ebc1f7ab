from django.db import migrations, models
from django.db.models import Func, Value

# Those that are there already are numbered in the order of their founding.
NUMBER = """
UPDATE communities_community SET number = ordered.number
FROM (SELECT id, row_number() OVER (ORDER BY created_at, id) AS number FROM communities_community) ordered
WHERE ordered.id = communities_community.id;
SELECT setval('communities_community_number', greatest((SELECT count(*) FROM communities_community), 1),
    (SELECT count(*) > 0 FROM communities_community));
ALTER SEQUENCE communities_community_number OWNED BY communities_community.number;
"""


def number(unique):
    return models.PositiveIntegerField(
        db_default=Func(Value("communities_community_number"), function="nextval"), editable=False, unique=unique
    )


class Migration(migrations.Migration):
    dependencies = [("communities", "0005_pictures")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE communities_community_number AS integer",
            "DROP SEQUENCE IF EXISTS communities_community_number",
        ),
        migrations.AddField("community", "number", number(unique=False)),
        migrations.RunSQL(NUMBER, "ALTER SEQUENCE communities_community_number OWNED BY NONE"),
        migrations.AlterField("community", "number", number(unique=True)),
    ]
