"""Build the product with one mistake at a time and see that the simulator finds it."""

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("mutants.toml")
KEPT = Path(__file__).with_name("kept")
WORK = ROOT / "target" / "mutants"
SEEDS = 200
"""Seeds of the fast set, as in `native/simulation/tests/seeds.rs`."""


FAR_SEEDS = 20_000
"""Seeds that are tried to find a plan worth keeping."""


@dataclass(frozen=True)
class Mutant:
    """One mistake: a place in a file and what is written there instead."""

    name: str
    what: str
    file: str
    old: str
    new: str

    def apply(self, text: str) -> str:
        """Return a file's text with the mistake in it.

        Raises:
            ValueError: If the place is not found exactly once.
        """
        found = text.count(self.old)
        if found != 1:
            raise ValueError(
                f"mutant {self.name}: its old text must stand once in {self.file}, found {found}"
            )
        return text.replace(self.old, self.new)


def load_mutants() -> list[Mutant]:
    """Load every mistake of the list."""
    rows = tomllib.loads(LIST.read_text(encoding="utf-8"))["mutant"]
    return [Mutant(**row) for row in rows]


def copy_sources(target: Path) -> None:
    """Copy what the simulator is built from; files that did not change keep their time."""
    for name in ("Cargo.toml", "Cargo.lock"):
        _copy(ROOT / name, target / name)
    for path in (ROOT / "native").rglob("*"):
        if path.is_file():
            _copy(path, target / path.relative_to(ROOT))


def _copy(source: Path, target: Path) -> None:
    text = source.read_bytes()
    if target.exists() and target.read_bytes() == text:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def build(source: Path) -> Path:
    """Build the simulator from a copy of the sources and return the program."""
    environment = os.environ | {"CARGO_TARGET_DIR": str(WORK / "target")}
    command = ["cargo", "build", "--quiet", "--profile", "simulation", "-p", "panshi-simulation"]
    subprocess.run(command, cwd=source, env=environment, check=True)
    return WORK / "target" / "simulation" / "panshi-simulation"


def catch(program: Path) -> str:
    """Play the fast set and the kept plans; return what was found, or nothing."""
    runs = [["sweep", "1", str(SEEDS), "--jobs", "2", "--stop", "1"]]
    runs += [["run", "--plan", str(plan)] for plan in sorted(KEPT.glob("*.json"))]
    for words in runs:
        done = subprocess.run([program, *words], check=False, capture_output=True, text=True)
        if done.returncode == 1:
            lines = [line for line in done.stdout.splitlines() if "broken:" in line]
            return f"{words[-1] if words[0] == 'run' else 'seeds'}: {lines[0]}"
    return ""


def keep(program: Path, name: str) -> str:
    """Look beyond the fast set for a seed that finds a mistake; keep its smallest plan."""
    words = ["sweep", str(SEEDS + 1), str(FAR_SEEDS), "--jobs", "2", "--stop", "1"]
    done = subprocess.run([program, *words], check=False, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if "broken:" in line]
    if not lines:
        return ""
    seed = lines[0].split(",")[0].removeprefix("seed ")
    plan = KEPT / f"{name}.json"
    subprocess.run([program, "reduce", seed, "--out", str(plan)], check=True, capture_output=True)
    return f"kept {plan.name}: {lines[0]}"


def try_mutant(mutant: Mutant, *, keeping: bool = False) -> str:
    """Build the product with one mistake and return what the simulator found, or nothing.

    With `keeping`, a mistake that the fast set does not find is looked for farther on, and the
    plan that finds it is written down among the kept ones.
    """
    source = WORK / "source"
    copy_sources(source)
    place = source / mutant.file
    sound = place.read_text(encoding="utf-8")
    place.write_text(mutant.apply(sound), encoding="utf-8")
    try:
        program = build(source)
        return catch(program) or (keep(program, mutant.name) if keeping else "")
    finally:
        place.write_text(sound, encoding="utf-8")


def main(words: list[str]) -> int:
    """Try the mistakes of these names, or all of them; `--keep` writes new plans down."""
    missed = 0
    names = [word for word in words if word != "--keep"]
    for mutant in load_mutants():
        if names and mutant.name not in names:
            continue
        found = try_mutant(mutant, keeping="--keep" in words)
        missed += not found
        print(f"{mutant.name}: {found or 'NOT FOUND'}", flush=True)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
