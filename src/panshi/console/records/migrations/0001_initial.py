"""The tables of the first version; votes and proofs are never changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from panshi.console.events.append_only import protecting


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0002_used_passwords"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Record",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=32, verbose_name="类别")),
                ("kind_version", models.PositiveIntegerField(verbose_name="类别版本")),
                ("series", models.CharField(max_length=32)),
                ("serial", models.PositiveIntegerField()),
                ("number", models.CharField(max_length=48, unique=True, verbose_name="编号")),
                ("title", models.CharField(max_length=200, verbose_name="名称")),
                ("state", models.CharField(max_length=32, verbose_name="状态")),
                ("data", models.JSONField(default=dict, verbose_name="内容")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="期限")),
                ("happened_at", models.DateTimeField(verbose_name="发生时间")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                ("entered_at", models.DateTimeField(verbose_name="进入状态时间")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="办结时间")),
                ("keep_until", models.DateField(blank=True, null=True, verbose_name="保存至")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="identity.organisation",
                        verbose_name="机构",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发起人",
                    ),
                ),
            ],
            options={
                "verbose_name": "记录",
                "verbose_name_plural": "记录",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Proof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("clause", models.CharField(max_length=32, verbose_name="条款")),
                ("transition", models.CharField(max_length=32, verbose_name="动作")),
                ("event", models.BigIntegerField(verbose_name="事件序号")),
                ("happened_at", models.DateTimeField(verbose_name="发生时间")),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="records.record",
                    ),
                ),
            ],
            options={
                "verbose_name": "证据",
                "verbose_name_plural": "证据",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("relation", models.CharField(max_length=32, verbose_name="关系")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links_out",
                        to="records.record",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links_in",
                        to="records.record",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.PositiveIntegerField(verbose_name="序号")),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("before", "前置检查"),
                            ("work", "操作步骤"),
                            ("after", "实施后检查"),
                            ("back", "回退步骤"),
                        ],
                        default="work",
                        max_length=8,
                        verbose_name="部分",
                    ),
                ),
                ("text", models.CharField(max_length=500, verbose_name="操作项")),
                (
                    "planned_start",
                    models.DateTimeField(blank=True, null=True, verbose_name="计划开始"),
                ),
                (
                    "planned_end",
                    models.DateTimeField(blank=True, null=True, verbose_name="计划结束"),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="开始")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="结束")),
                ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="检查")),
                ("succeeded", models.BooleanField(blank=True, null=True, verbose_name="成功")),
                ("result", models.CharField(blank=True, max_length=500, verbose_name="结果")),
                (
                    "checker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checked_steps",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="检查人",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="operated_steps",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="records.record",
                    ),
                ),
            ],
            options={
                "verbose_name": "步骤",
                "verbose_name_plural": "步骤",
                "ordering": ["record", "order"],
            },
        ),
        migrations.CreateModel(
            name="VoteRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("policy", models.CharField(max_length=32, verbose_name="评审")),
                ("opinion", models.CharField(max_length=8, verbose_name="意见")),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                ("digest", models.CharField(max_length=64, verbose_name="内容摘要")),
                ("cast_at", models.DateTimeField(verbose_name="时间")),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="records.record",
                    ),
                ),
                (
                    "voter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="评审人",
                    ),
                ),
            ],
            options={
                "verbose_name": "评审意见",
                "verbose_name_plural": "评审意见",
                "db_table": "records_vote",
                "ordering": ["pk"],
            },
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["kind", "state", "-id"], name="record_kind_state"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["kind", "-id"], name="record_kind"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["organisation", "kind", "-id"], name="record_organisation"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["due_at"],
                name="record_open_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.UniqueConstraint(fields=("series", "serial"), name="record_serial"),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.CheckConstraint(
                condition=models.Q(("happened_at__lte", models.F("recorded_at"))),
                name="record_happened_before",
            ),
        ),
        migrations.AddIndex(
            model_name="proof",
            index=models.Index(fields=["clause", "happened_at"], name="proof_clause_time"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(
                fields=("source", "target", "relation"), name="link_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", models.F("target")), _negated=True),
                name="link_not_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(fields=("record", "order"), name="step_order"),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(("operator", models.F("checker")), _negated=True),
                name="step_two_persons",
            ),
        ),
        migrations.RunPython(
            protecting("records_vote", "records_proof"), migrations.RunPython.noop, elidable=False
        ),
    ]
