"""The kinds that there are, each with the versions that records may still have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from panshi.console.engine.kind import Kind

_KINDS: Final[dict[str, dict[int, Kind]]] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known; called while its file is read.

    Args:
        kind: The declaration.

    Returns:
        The same.
    """
    versions = _KINDS.setdefault(kind.name, {})
    if versions.setdefault(kind.version, kind) is not kind:
        raise AssertionError(f"kind {kind.name}, version {kind.version}: declared twice")
    return kind


def newest() -> tuple[Kind, ...]:
    """Return every kind in its newest version, in the order of their names."""
    return tuple(_KINDS[name][max(_KINDS[name])] for name in sorted(_KINDS))


def every_version() -> tuple[Kind, ...]:
    """Return every version of every kind."""
    return tuple(kind for name in sorted(_KINDS) for _, kind in sorted(_KINDS[name].items()))


def find(name: str, version: int | None = None) -> Kind:
    """Return a kind.

    Args:
        name: Its name.
        version: The version that a record was opened with; None for the newest.

    Raises:
        KeyError: If there is none of that name or version.
    """
    versions = _KINDS[name]
    return versions[max(versions) if version is None else version]
