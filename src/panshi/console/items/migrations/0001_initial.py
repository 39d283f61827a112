"""The tables of the first version."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0002_used_passwords"),
    ]

    operations = [
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "sort",
                    models.CharField(
                        choices=[
                            ("device", "设备"),
                            ("line", "线路"),
                            ("room", "机房"),
                            ("cabinet", "机柜"),
                            ("software", "软件"),
                            ("access-point", "接入点"),
                        ],
                        max_length=16,
                        verbose_name="类别",
                    ),
                ),
                ("code", models.CharField(max_length=64, verbose_name="设备编号")),
                ("name", models.CharField(max_length=200, verbose_name="名称")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "待投用"),
                            ("in-service", "在用"),
                            ("spare", "备用"),
                            ("retired", "已退役"),
                        ],
                        default="in-service",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                ("cabinet", models.CharField(blank=True, max_length=64, verbose_name="机柜位置")),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="地址")),
                (
                    "brand_model",
                    models.CharField(blank=True, max_length=100, verbose_name="品牌型号"),
                ),
                ("serial", models.CharField(blank=True, max_length=100, verbose_name="产品序列号")),
                (
                    "warranty_until",
                    models.DateField(blank=True, null=True, verbose_name="保修期限"),
                ),
                (
                    "software_version",
                    models.CharField(blank=True, max_length=100, verbose_name="软件版本"),
                ),
                ("in_service_on", models.DateField(blank=True, null=True, verbose_name="投用日期")),
                ("carrier", models.CharField(blank=True, max_length=64, verbose_name="运营商")),
                (
                    "software_class",
                    models.CharField(blank=True, max_length=64, verbose_name="软件类别"),
                ),
                (
                    "licence_code",
                    models.CharField(blank=True, max_length=200, verbose_name="授权编码"),
                ),
                (
                    "licence_users",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="授权用户数"),
                ),
                ("bought_on", models.DateField(blank=True, null=True, verbose_name="购买时间")),
                ("extra", models.JSONField(blank=True, default=dict, verbose_name="其他")),
                (
                    "end_a",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="items.item",
                        verbose_name="甲端",
                    ),
                ),
                (
                    "end_b",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="items.item",
                        verbose_name="乙端",
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
                (
                    "room",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="items.item",
                        verbose_name="机房位置",
                    ),
                ),
            ],
            options={
                "verbose_name": "配置项",
                "verbose_name_plural": "配置项",
                "ordering": ["code", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Dependence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "lower",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="upper_ends",
                        to="items.item",
                    ),
                ),
                (
                    "upper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lower_ends",
                        to="items.item",
                    ),
                ),
            ],
            options={
                "verbose_name": "依赖关系",
                "verbose_name_plural": "依赖关系",
            },
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["code", "id"], name="item_by_code"),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["sort", "code", "id"], name="item_by_sort"),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["room", "code"], name="item_by_room"),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["serial"], name="item_by_serial"),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(fields=("organisation", "code"), name="item_code"),
        ),
        migrations.AddConstraint(
            model_name="dependence",
            constraint=models.UniqueConstraint(fields=("upper", "lower"), name="dependence_once"),
        ),
        migrations.AddConstraint(
            model_name="dependence",
            constraint=models.CheckConstraint(
                condition=models.Q(("upper", models.F("lower")), _negated=True),
                name="dependence_of_two",
            ),
        ),
    ]
