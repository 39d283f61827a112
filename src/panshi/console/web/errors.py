"""Pages for what went wrong: refused, not found, failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer with 403."""
    words = str(exception) or _("您没有查看或执行此操作的权限。")
    return _show(request, 403, _("没有权限"), words)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's own form
    """Answer with 404."""
    return _show(request, 404, _("页面不存在"), _("地址有误，或该内容不在您的可见范围内。"))


def failed(request: HttpRequest) -> HttpResponse:
    """Answer with 500."""
    return _show(request, 500, _("系统出错"), _("操作没有完成，没有保存任何内容。错误已记入日志。"))


def _show(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    told = {"status": status, "title": title, "words": words}
    return render(request, "web/error.html", told, status=status)
