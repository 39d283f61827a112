"""Rows that are written through the door only, and read only as far as a user may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db import models
from typing_extensions import override

from panshi.console.events.door import require_inside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models.base import ModelBase

M = TypeVar("M", bound=models.Model)


class GovernedQuerySet(models.QuerySet[M]):
    """Refuses what would write many rows outside the door."""

    @override
    def update(self, **values: Any) -> int:
        require_inside(self.model.__name__)
        return super().update(**values)

    @override
    def delete(self) -> tuple[int, dict[str, int]]:
        require_inside(self.model.__name__)
        return super().delete()

    @override
    def bulk_create(self, objs: Iterable[M], *args: Any, **options: Any) -> list[M]:
        require_inside(self.model.__name__)
        return super().bulk_create(objs, *args, **options)


class Governed(models.Model):
    """A row of operations work."""

    objects: ClassVar[Any] = GovernedQuerySet.as_manager()

    class Meta:
        """No table of its own."""

        abstract = True

    @override
    def save_base(
        self,
        raw: bool = False,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        require_inside(type(self).__name__)
        super().save_base(raw, force_insert, force_update, using, update_fields)

    @override
    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        require_inside(type(self).__name__)
        return super().delete(using, keep_parents)
