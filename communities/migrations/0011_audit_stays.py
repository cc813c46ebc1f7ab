from django.db import migrations
from django.db.models import Case, Value, When

# It guards against mistakes, not against whoever owns the database. One logged action and the teardown of tests set
# kreis.purge for their own transaction.
KEEP = """
CREATE FUNCTION kreis_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('kreis.purge', true), '') = 'on' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD WHEN 'UPDATE' THEN NEW END;
    END IF;
    RAISE EXCEPTION 'what stands in the audit log stays' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON communities_auditentry
    FOR EACH ROW EXECUTE FUNCTION kreis_audit_stays();
CREATE TRIGGER audit_stays_whole BEFORE TRUNCATE ON communities_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION kreis_audit_stays();
"""
LET_GO = """
DROP TRIGGER audit_stays ON communities_auditentry;
DROP TRIGGER audit_stays_whole ON communities_auditentry;
DROP FUNCTION kreis_audit_stays();
"""


def set_ranks(apps, schema_editor):
    ranks = {"guest": 0, "member": 100, "moderator": 500, "owner": 1000}
    whens = [When(code=code, then=Value(rank)) for code, rank in ranks.items()]
    apps.get_model("communities", "Role").objects.update(rank=Case(*whens, default=Value(100)))


def number_rules(apps, schema_editor):
    """What holds now is the first version; who agreed, agreed to it."""
    Community = apps.get_model("communities", "Community")
    for place in Community.objects.filter(rules__isnull=False).distinct():
        rules = [
            {"number": rule.number, "title": rule.title, "text": rule.text, "other_title": "", "other_text": ""}
            for rule in place.rules.order_by("number")
        ]
        place.rules_versions.create(
            number=1,
            is_substantial=True,
            language=place.language,
            rules=rules,
            published_at=place.created_at,
        )
        place.memberships.exclude(agreed_to_rules_at=None).update(rules_agreed=1)


class Migration(migrations.Migration):
    dependencies = [("communities", "0010_communities_whole")]

    operations = [
        migrations.RunPython(set_ranks, migrations.RunPython.noop),
        migrations.RunPython(number_rules, migrations.RunPython.noop),
        migrations.RunSQL(KEEP, LET_GO),
    ]
