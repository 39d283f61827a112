"""The tables of the first version, and what the database itself refuses."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from panshi.console.identity.triggers import protect


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=64, unique=True, verbose_name="代码")),
                ("name", models.CharField(max_length=200, verbose_name="名称")),
                (
                    "sort",
                    models.CharField(
                        choices=[
                            ("office", "主管单位"),
                            ("centre", "运管中心"),
                            ("node", "承建单位"),
                            ("institution", "接入机构"),
                            ("supplier", "供应商"),
                            ("related", "关联单位"),
                        ],
                        max_length=16,
                        verbose_name="类别",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="启用")),
            ],
            options={
                "verbose_name": "机构",
                "verbose_name_plural": "机构",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                ("username", models.CharField(max_length=64, unique=True, verbose_name="登录名")),
                ("full_name", models.CharField(max_length=64, verbose_name="姓名")),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "简体中文"), ("en", "English")],
                        default="zh-hans",
                        max_length=8,
                        verbose_name="语言",
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="联系电话")),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                (
                    "password_changed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="口令修改时间"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="identity.organisation",
                        verbose_name="机构",
                    ),
                ),
            ],
            options={
                "verbose_name": "用户",
                "verbose_name_plural": "用户",
                "ordering": ["username"],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=64, verbose_name="代码")),
                ("name", models.CharField(max_length=100, verbose_name="岗位")),
                ("key", models.BooleanField(default=False, verbose_name="关键岗位")),
                (
                    "conflicts",
                    models.ManyToManyField(
                        blank=True, to="identity.post", verbose_name="不相容岗位"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="identity.organisation",
                        verbose_name="机构",
                    ),
                ),
            ],
            options={
                "verbose_name": "岗位",
                "verbose_name_plural": "岗位",
                "ordering": ["organisation", "code"],
            },
        ),
        migrations.CreateModel(
            name="Holder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "place",
                    models.CharField(
                        choices=[("main", "主岗"), ("backup", "备岗")],
                        max_length=8,
                        verbose_name="主备",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="用户",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holders",
                        to="identity.post",
                        verbose_name="岗位",
                    ),
                ),
            ],
            options={
                "verbose_name": "在岗人员",
                "verbose_name_plural": "在岗人员",
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("system-admin", "系统管理员"),
                            ("security-admin", "安全管理员"),
                            ("audit-admin", "审计管理员"),
                            ("duty-operator", "值班员"),
                            ("duty-lead", "值班负责人"),
                            ("network-engineer", "网络管理岗"),
                            ("security-engineer", "安全管理岗"),
                            ("room-engineer", "机房管理岗"),
                            ("change-applicant", "变更申请人"),
                            ("change-reviewer", "变更评审人"),
                            ("change-executor", "变更实施人"),
                            ("change-verifier", "变更验证人"),
                            ("risk", "风险管理岗"),
                            ("compliance", "合规管理岗"),
                            ("management", "管理层"),
                            ("auditor", "审计员（只读）"),
                        ],
                        max_length=32,
                        verbose_name="角色",
                    ),
                ),
                ("granted_by", models.CharField(max_length=64, verbose_name="授权人")),
                ("granted_at", models.DateTimeField(auto_now_add=True, verbose_name="授权时间")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="用户",
                    ),
                ),
            ],
            options={
                "verbose_name": "角色授权",
                "verbose_name_plural": "角色授权",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "role"), name="grant_once"),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("role__in", ["audit-admin", "security-admin", "system-admin"])
                        ),
                        fields=("user",),
                        name="grant_one_administrator",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(fields=("organisation", "code"), name="post_code"),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.UniqueConstraint(fields=("post", "place"), name="holder_of_place"),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.UniqueConstraint(fields=("post", "user"), name="holder_once"),
        ),
        migrations.RunPython(protect, migrations.RunPython.noop, elidable=False),
    ]
