"""Digests of the parts of a key: each part moves its own digest, and no other."""

from hashlib import blake2b

import msgspec
import pytest

from tapc.jobs import Draw, JobFactory, Message, PartsMaker, Recipe, read_parts
from tapc.jobs.parts import MAX_PARTS

RECIPE = Recipe("write", "pen", "m", "model-1", "real", b'{"temperature":0.7}', None, 0, True, 100, 1, 8, None)
MESSAGES = (Message("system", "Be brief."), Message("user", "Ask about rivers."))
DRAW = Draw(7, bytes(range(16)), 3, 1, 2)


def parts_of(recipe=RECIPE, messages=MESSAGES, draw=DRAW):
    return PartsMaker()(JobFactory(recipe).job(messages, draw))


def setting(name, value):
    return blake2b(name.encode(), digest_size=2).digest() + blake2b(value, digest_size=4).digest()


def digest(value):
    return blake2b(msgspec.msgpack.encode(value), digest_size=8).digest()


def test_the_format_is_as_documented():
    data = parts_of()
    assert data == b"".join((
        b"\x02",
        digest(["real", "model-1", "chat"]),
        digest([b'{"temperature":0.7}', True, ""]),
        digest(None),
        bytes(range(8)),
        (7).to_bytes(4, "big"), (3).to_bytes(4, "big"),
        (1).to_bytes(2, "big"), (2).to_bytes(2, "big"), (0).to_bytes(2, "big"),
        b"\x02", *sorted(setting(name, value) for name, value in (("temperature", b"0.7"), ("derived seed", b'"sent"'))),
        digest({"role": "system", "content": "Be brief."}),
        digest({"role": "user", "content": "Ask about rivers."}),
    ))  # fmt: skip
    assert len(data) == 48 + 2 * 6 + 8 * len(MESSAGES)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("identity", {"recipe": {"identity": "model-2"}}),
        ("identity", {"recipe": {"realm": "sim"}}),
        ("identity", {"recipe": {"kind": "pooling"}}),
        ("parameters", {"recipe": {"parameters": b'{"temperature":0.8}'}}),
        ("parameters", {"recipe": {"seeded": False}}),
        ("parameters", {"recipe": {"thinking": "on"}}),
        ("schema", {"recipe": {"schema": b"{}"}}),
        ("draw_group", {"recipe": {"draw_group": 1}}),
        ("seed", {"draw": {"seed": 8}}),
        ("cell", {"draw": {"cell": b"another cell's h"}}),
        ("ordinal", {"draw": {"ordinal": 4}}),
        ("candidate", {"draw": {"candidate": 0}}),
        ("attempt", {"draw": {"attempt": 0}}),
        ("messages", {"messages": (MESSAGES[0], Message("user", "Ask about lakes."))}),
        ("messages", {"messages": (MESSAGES[0], Message("assistant", "Ask about rivers."))}),
        ("messages", {"messages": MESSAGES[1:]}),
    ],
)
def test_a_change_moves_its_part_alone(part, change):
    changed = {
        "recipe": msgspec.structs.replace(RECIPE, **change.get("recipe", {})),
        "draw": msgspec.structs.replace(DRAW, **change.get("draw", {})),
        "messages": change.get("messages", MESSAGES),
    }
    old, new = read_parts(parts_of()), read_parts(parts_of(**changed))
    assert {name for name in old.__struct_fields__ if getattr(old, name) != getattr(new, name)} == {part} | (
        {"settings"} if part == "parameters" else set()
    )


def test_the_setting_that_changed_is_named():
    one = msgspec.structs.replace(RECIPE, parameters=b'{"max_completion_tokens":9,"temperature":0.7,"top_p":1}')
    other = msgspec.structs.replace(RECIPE, parameters=b'{"max_tokens":9,"temperature":0.8,"stop":["x"]}')
    old, new = read_parts(parts_of(one)).settings, read_parts(parts_of(other)).settings
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    assert changed == {setting(name, b"")[:2] for name in ("temperature", "top_p", "stop")}


def test_parts_of_version_1_are_read_without_settings():
    data = parts_of()
    earlier = b"\x01" + data[1:47] + data[48 + 2 * 6 :]
    found = read_parts(earlier)
    assert found == msgspec.structs.replace(read_parts(data), settings=None)
    assert read_parts(earlier[:-1]) is None


@pytest.mark.parametrize(
    "change", [{"step": "x"}, {"endpoint": "x"}, {"model": "x"}, {"max_tokens": 1}, {"overhead": 0}]
)
def test_what_is_no_part_of_the_key_is_no_part(change):
    assert parts_of(msgspec.structs.replace(RECIPE, **change)) == parts_of()


def test_one_message_of_many_is_named():
    talk = tuple(Message("user" if n % 2 else "assistant", f"turn {n}") for n in range(6))
    other = (*talk[:4], Message("assistant", "another"), talk[5])
    old, new = (read_parts(parts_of(messages=messages)).messages for messages in (talk, other))
    assert [a == b for a, b in zip(old, new, strict=True)] == [True, True, True, True, False, True]


def test_numbers_that_do_not_fit_stand_as_the_largest():
    found = read_parts(parts_of(draw=Draw(2**40 + 5, b"", 2**40, 10**6, 10**6)))
    assert (found.seed, found.cell, found.ordinal, found.candidate, found.attempt) == (
        5, bytes(8), 2**32 - 1, 2**16 - 1, 2**16 - 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        b"\x01",
        b"\x02",
        b"\x03" + parts_of()[1:],
        parts_of()[:47] + b"\xff" + parts_of()[48:],
        parts_of()[:-1],
        parts_of() + b"x",
        b"\x01" * (MAX_PARTS + 8),
    ],
)
def test_what_cannot_be_read_is_as_if_it_were_not_kept(data):
    assert read_parts(data) is None


def test_a_job_whose_draw_is_not_known_has_none():
    job = JobFactory(RECIPE).job(MESSAGES, DRAW)
    assert PartsMaker()(msgspec.structs.replace(job, draw=None)) == b""


def test_recipes_that_come_and_go_are_told_apart():
    """A recipe's digests are found by its address, which may be given to another once it is gone."""
    maker = PartsMaker()
    found = set()
    for number in range(300):
        recipe = msgspec.structs.replace(RECIPE, identity=f"model-{number}")
        found.add(maker(JobFactory(recipe).job(MESSAGES, DRAW)))
        del recipe
    assert len(found) == 300
