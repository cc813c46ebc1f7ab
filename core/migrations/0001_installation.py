

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Installation',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='Name of the place')),
                ('language', models.CharField(blank=True, choices=[('de', 'German'), ('en', 'English')], max_length=8, verbose_name='Language')),
                ('sign_up', models.CharField(choices=[('invitation', 'By invitation only'), ('anyone', 'Anyone'), ('nobody', 'Nobody')], default='invitation', max_length=12, verbose_name='Who may open an account')),
                ('founders', models.CharField(choices=[('operators', 'Operators'), ('anyone', 'Anyone with an account')], default='operators', max_length=12, verbose_name='Who may found groups')),
                ('mail_host', models.CharField(blank=True, max_length=253, verbose_name='Server')),
                ('mail_port', models.PositiveIntegerField(default=465, verbose_name='Port')),
                ('mail_security', models.CharField(choices=[('tls', 'Encrypted from the start (mostly port 465)'), ('starttls', 'Encrypted after the greeting (mostly port 587)'), ('none', 'Not encrypted (this machine only)')], default='tls', max_length=8, verbose_name='Encryption')),
                ('mail_user', models.CharField(blank=True, max_length=254, verbose_name='Account there')),
                ('mail_password', models.TextField(blank=True)),
                ('mail_from', models.EmailField(blank=True, max_length=254, verbose_name='Sender')),
                ('contact', models.TextField(blank=True, max_length=500, verbose_name='How to reach you')),
                ('imprint_de', models.TextField(blank=True, max_length=20000, verbose_name='Imprint in German')),
                ('imprint_en', models.TextField(blank=True, max_length=20000, verbose_name='Imprint in English')),
                ('privacy_de', models.TextField(blank=True, max_length=60000, verbose_name='Privacy text in German')),
                ('privacy_en', models.TextField(blank=True, max_length=60000, verbose_name='Privacy text in English')),
                ('terms_de', models.TextField(blank=True, max_length=60000, verbose_name='Terms in German')),
                ('terms_en', models.TextField(blank=True, max_length=60000, verbose_name='Terms in English')),
                ('private_since', models.DateTimeField(blank=True, null=True)),
                ('set_up_at', models.DateTimeField(blank=True, null=True)),
                ('setup', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_installation')],
            },
        ),
    ]
