"""Measurements: kept by name, the latest first, and never believed when they are damaged."""

import sqlite3

import pytest
from old_store import restored

from tapc.store import StoreError, mend, open_store, verify


def names(store, dataset="d", kind="pace"):
    return [one.name for one in store.measured(dataset, kind)]


def altered(folder, statement):
    database = sqlite3.connect(folder / "store.db", isolation_level=None)
    database.execute(statement)
    database.close()


def test_a_measurement_replaces_the_one_of_its_name_and_no_other(tmp_path):
    store = open_store(tmp_path)
    for dataset, kind, name, value in (
        ("d", "pace", "a", b"1"), ("d", "pace", "b", b"2"), ("d", "other", "a", b"3"), ("", "pace", "a", b"4"), ("d", "pace", "a", b"5"),
    ):  # fmt: skip
        store.measure(dataset, kind, name, value)
    assert {one.name: one.value for one in store.measured("d", "pace")} == {"a": b"5", "b": b"2"}
    assert [one.value for one in store.measured("d", "other")] == [b"3"]
    assert [one.value for one in store.measured("", "pace")] == [b"4"]
    store.close()
    reader = open_store(tmp_path, offline=True)
    assert sorted(names(reader)) == ["a", "b"]
    with pytest.raises(StoreError, match="TAP852"):
        reader.measure("d", "pace", "c", b"")
    reader.close()


def test_only_the_latest_of_a_kind_are_kept(tmp_path):
    store = open_store(tmp_path)
    store.measure("d", "other", "0", b"")
    for number in range(6):  # within one second the name decides
        store.measure("d", "pace", f"r{number}", b"", keep=3)
    assert names(store) == ["r5", "r4", "r3"]
    assert names(store, kind="other") == ["0"]
    store.close()


def test_a_store_without_the_table_is_read_and_gets_it_when_written(tmp_path):
    open_store(tmp_path / "s").close()
    altered(tmp_path / "s", "DROP TABLE measured")
    for folder in (tmp_path / "s", restored(tmp_path / "old")):
        reader = open_store(folder, offline=True)
        assert names(reader) == []
        assert verify(reader).sound
        reader.close()
        store = open_store(folder)
        store.measure("d", "pace", "a", b"1")
        assert names(store) == ["a"]
        assert verify(store).sound
        store.close()


@pytest.mark.parametrize(
    "statement", ["UPDATE measured SET value = x'00' WHERE name = 'a'", "UPDATE measured SET crc = 1 WHERE name = 'a'"]
)
def test_a_damaged_measurement_is_an_error_until_it_is_removed(tmp_path, statement):
    store = open_store(tmp_path)
    store.measure("d", "pace", "a", b"1")
    store.measure("d", "pace", "b", b"2")
    store.close()
    altered(tmp_path, statement)
    store = open_store(tmp_path)
    with pytest.raises(StoreError) as caught:
        names(store)
    assert caught.value.code == "TAP853"
    assert "--mend" in caught.value.next_step
    found = verify(store)
    assert not found.sound
    assert ["pace" in line and "of a" in line for line in found.measured] == [True]
    assert mend(store).measured == 1
    assert names(store) == ["b"]
    assert verify(store).sound
    store.close()
