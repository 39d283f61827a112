"""Every mistake of the list can still be made: its place is found, exactly once."""

import pytest

from tests.simulation.mutants import ROOT, Mutant, load_mutants

MUTANTS = load_mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_a_mistake_can_be_made(mutant: Mutant) -> None:
    sound = (ROOT / mutant.file).read_text(encoding="utf-8")
    assert mutant.apply(sound) != sound


def test_a_place_that_is_not_there_is_named() -> None:
    mutant = Mutant(name="moved", what="", file="a.rs", old="gone", new="here")
    with pytest.raises(ValueError, match=r"mutant moved: .* once in a\.rs, found 0"):
        mutant.apply("nothing")


def test_names_are_told_apart() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert sorted(set(names)) == sorted(names)
