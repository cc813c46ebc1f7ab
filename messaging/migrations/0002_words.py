# Its SQL is written out here: what messaging/words.py says later must not change what this migration made.

import django.contrib.postgres.indexes
import messaging.words
from django.db import migrations

_SIGNS = r"\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f3fa\U0001f400-\U0001fbff"
_NOTHING = (
    r"\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff"
    r"\U0001f3fb-\U0001f3ff\U000e0000-\U000e01ef"
)
_BETWEEN = (
    r"\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf"
    r"\u00d7\u00f7\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u1680"
    r"\u2000-\u200a\u2010-\u2029\u202f-\u205f\u20a0-\u20cf\u2122\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u30fb"
    r"\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufffc\ufffd"
) + _SIGNS
_TEXT = f"regexp_replace(normalize(regexp_replace(text, '[{_NOTHING}]', '', 'g'), NFC), '[{_BETWEEN}]+', ' ', 'g')"

ADD = f"""
    ALTER TABLE messaging_message ADD COLUMN words tsvector GENERATED ALWAYS AS (
        ts_delete(
            to_tsvector('simple'::regconfig, {_TEXT}) || $$' ':256$$::tsvector ||
            to_tsvector('german'::regconfig, {_TEXT}) || $$' ':256$$::tsvector ||
            to_tsvector('english'::regconfig, {_TEXT}),
            ' '
        )
        || array_to_tsvector(string_to_array(regexp_replace(text, '[^{_SIGNS}]+', '', 'g'), NULL))
        || array_to_tsvector(ARRAY[chr(1) || room_id::text])
    ) STORED
"""


class Migration(migrations.Migration):

    dependencies = [
        ('communities', '0004_visits'),
        ('messaging', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[ADD],
            reverse_sql=["ALTER TABLE messaging_message DROP COLUMN words"],
            state_operations=[
                migrations.AddField(
                    model_name='message',
                    name='words',
                    field=messaging.words.WordsField(version=1),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name='message',
            index=django.contrib.postgres.indexes.GinIndex(fields=['words'], gin_pending_list_limit=256, name='messages_by_word'),
        ),
    ]
