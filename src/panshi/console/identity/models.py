"""Organisations, users, roles and posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from panshi.console.events.governed import Governed, GovernedQuerySet
from panshi.console.identity.roles import ADMINISTRATORS, READ_ALL, SECOND_FACTOR, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

M = TypeVar("M", bound=models.Model)


class Sort(models.TextChoices):
    """What an organisation is in the network.

    Source: 证联网运维管理细则 1.1, 3.1, 6.1.1, 7.1.
    """

    OFFICE = "office", _("主管单位")
    CENTRE = "centre", _("运管中心")
    NODE = "node", _("承建单位")
    INSTITUTION = "institution", _("接入机构")
    SUPPLIER = "supplier", _("供应商")
    RELATED = "related", _("关联单位")


SEE_ALL = frozenset({Sort.OFFICE, Sort.CENTRE})
"""Organisations whose people see the rows of all others."""


class Organisation(Governed):
    """Whose matter something is."""

    code = models.SlugField(_("代码"), max_length=64, unique=True)
    name = models.CharField(_("名称"), max_length=200)
    sort = models.CharField(_("类别"), max_length=16, choices=Sort.choices)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        """Named for people."""

        verbose_name = _("机构")
        verbose_name_plural = _("机构")
        ordering: ClassVar = ["code"]

    @override
    def __str__(self) -> str:
        """Return the name."""
        return self.name


class ScopedQuerySet(GovernedQuerySet[M]):
    """Rows that belong to organisations."""

    scope: ClassVar[str] = "organisation"

    def visible_to(self, user: User | AnonymousUser) -> ScopedQuerySet[M]:
        """Return the rows that a user may see; pages and interfaces begin here.

        Args:
            user: Who asks.

        Returns:
            All rows for the centre and for those who audit; those of the own organisation else.
        """
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.sees_all:
            return self
        return self.filter(**{self.scope: user.organisation_id})


class Scoped(Governed):
    """A row that belongs to an organisation."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("机构"))

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta:
        """No table of its own."""

        abstract = True


class UserManager(BaseUserManager["User"]):
    """Finds users; they are made by `panshi.console.identity.deeds`."""

    def visible_to(self, user: User | AnonymousUser) -> models.QuerySet[User]:
        """Return the users that a user may see."""
        return ScopedQuerySet[User](self.model, using=self._db).visible_to(user)


class User(AbstractBaseUser, Scoped):
    """A person with a login of their own."""

    username = models.CharField(_("登录名"), max_length=64, unique=True)
    full_name = models.CharField(_("姓名"), max_length=64)
    language = models.CharField(
        _("语言"),
        max_length=8,
        default="zh-hans",
        choices=[("zh-hans", "简体中文"), ("en", "English")],
    )
    phone = models.CharField(_("联系电话"), max_length=32, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    password_changed_at = models.DateTimeField(_("口令修改时间"), null=True, blank=True)
    """Empty until the person has taken a password of their own."""

    objects: ClassVar[Any] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = ["full_name"]

    class Meta:
        """Named for people."""

        verbose_name = _("用户")
        verbose_name_plural = _("用户")
        ordering: ClassVar = ["username"]

    @override
    def __str__(self) -> str:
        """Return the name, with the login where it says more."""
        return self.full_name or self.username

    @override
    def check_password(self, raw_password: str | None) -> bool:
        # Without the inherited renewal of the hash, which would write outside the door.
        return check_password(raw_password, self.password)

    @cached_property
    def roles(self) -> frozenset[str]:
        """Return the roles that the user has now."""
        return frozenset(self.grants.values_list("role", flat=True))

    @property
    def sees_all(self) -> bool:
        """Return whether rows of every organisation are visible."""
        return self.organisation.sort in SEE_ALL or bool(self.roles & READ_ALL)

    @property
    def writes(self) -> bool:
        """Return whether the user may write anything at all."""
        return bool(self.roles - READ_ALL)

    @property
    def needs_second_factor(self) -> bool:
        """Return whether a password alone is not enough."""
        return bool(self.roles & SECOND_FACTOR)

    @property
    def must_change_password(self) -> bool:
        """Return whether somebody else still knows the password."""
        return self.password_changed_at is None


class UsedPassword(Governed):
    """The hash of a password that a user had; the newest ones may not come again."""

    user = models.ForeignKey(User, models.PROTECT, related_name="used_passwords")
    hash = models.CharField(max_length=128)

    @override
    def __str__(self) -> str:
        """Return whose it was."""
        return str(self.user)


class Grant(Governed):
    """A role that a user has. Triggers of the database hold the exclusions as well."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants", verbose_name=_("用户"))
    role = models.CharField(_("角色"), max_length=32, choices=Role.choices)
    granted_by = models.CharField(_("授权人"), max_length=64)
    granted_at = models.DateTimeField(_("授权时间"), auto_now_add=True)

    class Meta:
        """One row for a role; one administrator's role for a user."""

        verbose_name = _("角色授权")
        verbose_name_plural = _("角色授权")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "role"], name="grant_once"),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(role__in=sorted(ADMINISTRATORS)),
                name="grant_one_administrator",
            ),
        ]

    @override
    def __str__(self) -> str:
        """Return who has which role."""
        return f"{self.user} {self.get_role_display()}"


class PostQuerySet(ScopedQuerySet["Post"]):
    """Posts, and those that lack a person."""

    def lacking(self) -> PostQuerySet:
        """Return the key posts that have not both their persons."""
        holders = models.Count("holders", filter=Q(holders__user__is_active=True))
        return self.filter(key=True).annotate(held=holders).filter(held__lt=len(Place))


class Place(models.TextChoices):
    """Which of the two persons of a post."""

    MAIN = "main", _("主岗")
    BACKUP = "backup", _("备岗")


class Post(Scoped):
    """A post of an organisation; a key post has a main and a backup person (主岗、备岗)."""

    code = models.SlugField(_("代码"), max_length=64)
    name = models.CharField(_("岗位"), max_length=100)
    key = models.BooleanField(_("关键岗位"), default=False)
    conflicts: models.ManyToManyField[Post, Post] = models.ManyToManyField(
        "self", verbose_name=_("不相容岗位"), blank=True
    )

    objects: ClassVar[Any] = PostQuerySet.as_manager()

    class Meta:
        """Codes are an organisation's own."""

        verbose_name = _("岗位")
        verbose_name_plural = _("岗位")
        ordering: ClassVar = ["organisation", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "code"], name="post_code")
        ]

    @override
    def __str__(self) -> str:
        """Return the name."""
        return self.name


class Holder(Governed):
    """Who holds a post."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="holders", verbose_name=_("岗位"))
    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name=_("用户"))
    place = models.CharField(_("主备"), max_length=8, choices=Place.choices)

    class Meta:
        """Two places, two persons."""

        verbose_name = _("在岗人员")
        verbose_name_plural = _("在岗人员")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "place"], name="holder_of_place"),
            models.UniqueConstraint(fields=["post", "user"], name="holder_once"),
        ]

    @override
    def __str__(self) -> str:
        """Return who holds what."""
        return f"{self.post} {self.get_place_display()} {self.user}"
