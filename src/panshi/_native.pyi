"""The native part of Panshi, built from native/python."""

def version() -> str:
    """Return the version of the native code, which is the version of the package."""
