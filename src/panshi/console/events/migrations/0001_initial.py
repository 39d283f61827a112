"""The tables of the first version, and what the database itself refuses."""

from django.db import migrations, models

from panshi.console.events.triggers import protect


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "sequence",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="序号"),
                ),
                ("happened_ns", models.BigIntegerField(verbose_name="发生时间")),
                ("recorded_ns", models.BigIntegerField(verbose_name="记录时间")),
                ("actor", models.CharField(max_length=150, verbose_name="人员")),
                ("organisation", models.CharField(blank=True, max_length=64, verbose_name="机构")),
                ("action", models.CharField(max_length=64, verbose_name="动作")),
                ("subject", models.CharField(max_length=200, verbose_name="对象")),
                ("data", models.TextField(verbose_name="内容")),
                ("previous", models.CharField(max_length=64, unique=True, verbose_name="前一摘要")),
                ("digest", models.CharField(max_length=64, unique=True, verbose_name="摘要")),
            ],
            options={
                "verbose_name": "事件",
                "verbose_name_plural": "事件",
                "db_table": "event",
                "ordering": ["sequence"],
                "indexes": [
                    models.Index(fields=["subject", "sequence"], name="event_subject"),
                    models.Index(fields=["actor", "sequence"], name="event_actor"),
                ],
            },
        ),
        migrations.RunPython(protect, migrations.RunPython.noop, elidable=False),
    ]
