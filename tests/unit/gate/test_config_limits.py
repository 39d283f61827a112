"""Every bound in the configuration: its last value is taken, the next is refused by its key."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from panshi.domain.errors import BadRecordError
from panshi.gate.config import GateConfig, load_config
from panshi.rig.processes import to_toml
from tests.unit.gate.test_check_command import GATEWAY, LEASE, LISTEN, config

Schema = dict[str, Any]
Place = tuple[str | int, ...]

SCHEMA: Final[Schema] = GateConfig.model_json_schema()
ACCESS: Final = {"market": 1, "comp_id": "OMS01", "addresses": ["10.1.2.3"]}
AWAY: Final = {"market": 1, "comp_id": "OMS01", "grace_ms": 1}
WHOLE: Final = config(
    listen=[{**LISTEN, "tls": {"certificate": "c", "key": "k"}}],
    gateways=[{**GATEWAY, "reconnect": {"switch_after": {}}}],
    access=[ACCESS],
    cancel_on_disconnect=[AWAY],
    claim={"lease": LEASE},
    standby={"follow_tls": {"ca": "c", "name": "n"}},
    control="control",
    capacity={"orders": 10},
)
"""A configuration in which each part stands once."""


def resolved(schema: Schema) -> Schema:
    """Return what a part of the schema is, where it refers to another or may be left out."""
    while True:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = SCHEMA["$defs"][name]
        elif "anyOf" in schema:
            schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
        else:
            return schema


def places(schema: Schema, place: Place = ()) -> Iterator[tuple[Place, Schema]]:
    """Yield every value of a configuration; of lists the first row, of open tables one key."""
    schema = resolved(schema)
    yield place, schema
    for name, part in schema.get("properties", {}).items():
        yield from places(part, (*place, name))
    if "items" in schema:
        yield from places(schema["items"], (*place, 0))
    if place == ("capacity",):
        yield from places(schema["additionalProperties"], (*place, "orders"))


def edges(schema: Schema) -> Iterator[tuple[Any, Any]]:
    """Yield the last value that is taken and the first beyond, for each bound of a value."""
    step = schema.get("multipleOf", 1)
    if "minimum" in schema:
        yield schema["minimum"], schema["minimum"] - step
    if "exclusiveMinimum" in schema:
        yield schema["exclusiveMinimum"] + step, schema["exclusiveMinimum"]
    if "maximum" in schema:
        yield schema["maximum"], schema["maximum"] + step
    if "exclusiveMaximum" in schema:
        yield schema["exclusiveMaximum"] - step, schema["exclusiveMaximum"]
    if "multipleOf" in schema:
        yield 1000 * step, 1000 * step + 1
    if "minLength" in schema:
        yield "x" * schema["minLength"], "x" * (schema["minLength"] - 1)
    if "maxLength" in schema:
        yield "x" * schema["maxLength"], "x" * (schema["maxLength"] + 1)
    if "minItems" in schema:
        yield None, []


EDGES: Final = [
    (place, taken, refused) for place, schema in places(SCHEMA) for taken, refused in edges(schema)
]


def put(place: Place, value: Any) -> Schema:  # noqa: ANN401 - values of a configuration have many types
    table = copy.deepcopy(WHOLE)
    at: Any = table
    for step, key in enumerate(place[:-1]):
        if isinstance(key, str) and key not in at:
            at[key] = [{}] if isinstance(place[step + 1], int) else {}
        at = at[key]
    if isinstance(place[-1], int):
        at[:] = [value]
    else:
        at[place[-1]] = value
    return table


def key_of(place: Place) -> str:
    return ".".join(map(str, place))


def test_the_walk_finds_the_bounds() -> None:
    found = {key_of(place) for place, _, _ in EDGES}
    assert {f"bounds.{name}" for name in SCHEMA["$defs"]["BoundsConfig"]["properties"]} <= found
    assert {
        "core",
        "listen.0.platform",
        "gateways.0.reconnect.switch_after.loss",
        "claim.lease.ttl_ms",
        "capacity.orders",
        "cancel_on_disconnect.0.grace_ms",
        "access.0.addresses",
    } <= found


@pytest.mark.parametrize(
    ("place", "taken", "refused"), EDGES, ids=[f"{key_of(it[0])}={it[2]}" for it in EDGES]
)
def test_a_bound_holds_at_its_edge(
    tmp_path: Path, place: Place, taken: object, refused: object
) -> None:
    path = tmp_path / "gate.toml"
    assert refused_key(path, put(place, refused)) == key_of(place)
    if taken is not None:
        # Two keys may have to fit together; this one by itself is taken.
        assert refused_key(path, put(place, taken)) != key_of(place)


def refused_key(path: Path, table: Schema) -> str:
    """Return the key that a configuration is refused for; blank when it is taken."""
    path.write_text(to_toml(table), encoding="utf-8")
    try:
        load_config(path)
    except BadRecordError as error:
        return error.field
    return ""
