"""The tables of refusals: complete, with sources, and usable as the check uses them."""

import pytest
import regex

from tapc.checks import CheckTools, Subject
from tapc.ir import Check
from tapc.kinds.checks.no_refusal.program import Apology, Phrase, RefusalCheck, read_refusals

TABLES = read_refusals()


def test_there_are_many_languages_and_each_way_is_given_once() -> None:
    assert len(TABLES.phrase) > 50
    assert len(TABLES.apology) > 60
    assert len({one.pattern for one in TABLES.phrase}) == len(TABLES.phrase)
    assert len({(one.sorry, one.cannot) for one in TABLES.apology}) == len(TABLES.apology)
    assert all(one.source and one.languages for one in (*TABLES.phrase, *TABLES.apology))


@pytest.mark.parametrize("one", TABLES.phrase, ids=lambda one: one.pattern[:24])
def test_a_phrase_compiles_and_is_in_the_form_of_the_texts_it_is_searched_in(one: Phrase) -> None:
    regex.compile(one.pattern)
    assert one.part == one.part.casefold()
    assert "’" not in one.pattern
    letters = regex.sub(r"\\[a-zA-Z]", "", one.pattern)
    assert letters == letters.casefold(), "texts are searched without capitals"


@pytest.mark.parametrize("one", TABLES.apology, ids=lambda one: one.sorry[:24])
def test_an_apology_compiles_and_matches_no_empty_text(one: Apology) -> None:
    assert regex.compile(one.sorry).fullmatch("") is None
    assert regex.compile(one.cannot).fullmatch("") is None
    letters = regex.sub(r"\\[a-zA-Z]", "", one.sorry + one.cannot)
    assert letters == letters.casefold()


def test_a_final_sigma_is_found() -> None:
    """Casefolding makes another letter of it."""
    check = RefusalCheck(Check(check="no_refusal"), CheckTools())
    assert check.check(Subject("Δυστυχώς δεν μπορώ να σας βοηθήσω με αυτό.", None, {})) is not None
    assert check.check(Subject("Δυστυχώς έβρεχε όλη μέρα.", None, {})) is None
