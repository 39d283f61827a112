"""Panshi (磐石): the platform on which a securities firm reaches its exchanges."""
