"""Line coverage of the pure crates by their own tests; fails when one is below its share.

Run by `make coverage`. It needs the compiler's LLVM tools: `rustup component add llvm-tools`, or
the system's `llvm-profdata-N` and `llvm-cov-N` of the LLVM that rustc was built with.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "target" / "coverage"
LEAST_PERCENT = {"engine": 95.0, "wire": 95.0}
"""Crates and the share of their lines that their tests must reach."""
TESTS_BEGIN = "#[cfg(test)]"
SHOWN = 12


def run(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """Run a command and return its output; what it says about errors is shown."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env)
    return done.stdout


def find_tools() -> tuple[Path, Path]:
    """Return llvm-profdata and llvm-cov of rustc's own version, or say what is needed."""
    version = run("rustc", "-vV")
    found = re.search(r"host: (\S+)[\s\S]*LLVM version: (\d+)", version)
    assert found is not None, version
    host, major = found.groups()
    beside = Path(run("rustc", "--print", "sysroot").strip()) / "lib" / "rustlib" / host / "bin"
    tools = []
    for name in ("llvm-profdata", "llvm-cov"):
        path = shutil.which(name, path=beside) or shutil.which(f"{name}-{major}")
        if path is None:
            sys.exit(
                f"coverage: needs {name} of LLVM {major}, found none in {beside} or the path. "
                f"Run `rustup component add llvm-tools`, or install the system's llvm-{major}."
            )
        tools.append(Path(path))
    return tools[0], tools[1]


def run_tests(crates: list[str]) -> list[Path]:
    """Build the crates' tests with counters, run them, and return their programs."""
    env = os.environ | {
        "CARGO_TARGET_DIR": str(TARGET),
        "RUSTFLAGS": "-C instrument-coverage",
        "LLVM_PROFILE_FILE": str(TARGET / "profiles" / "%p-%m.profraw"),
    }
    shutil.rmtree(TARGET / "profiles", ignore_errors=True)
    packages = [part for crate in crates for part in ("-p", f"panshi-{crate}")]
    build = run("cargo", "test", "--no-run", "--message-format=json", "--quiet", *packages, env=env)
    messages = [json.loads(line) for line in build.splitlines() if line.startswith("{")]
    programs = [
        Path(message["executable"])
        for message in messages
        if message.get("executable") and message["profile"]["test"]
    ]
    run("cargo", "test", "--quiet", *packages, "--lib", "--tests", env=env)
    return programs


def counted_lines(profdata: Path, cov: Path, programs: list[Path]) -> dict[Path, dict[int, int]]:
    """Return how often each line of each source file ran."""
    merged = TARGET / "merged.profdata"
    profiles = sorted((TARGET / "profiles").glob("*.profraw"))
    run(profdata, "merge", "-sparse", "-o", merged, *profiles)
    objects = [part for program in programs[1:] for part in ("-object", program)]
    report = run(cov, "export", "-format=lcov", "-instr-profile", merged, programs[0], *objects)
    files: dict[Path, dict[int, int]] = defaultdict(dict)
    lines: dict[int, int] = {}
    for row in report.splitlines():
        kind, _, rest = row.partition(":")
        if kind == "SF":
            lines = files[Path(rest)]
        elif kind == "DA":
            number, count = rest.split(",")[:2]
            lines[int(number)] = max(lines.get(int(number), 0), int(count))
    return files


def without_tests(path: Path, lines: dict[int, int]) -> dict[int, int]:
    """Leave out the unit tests at the end of a source file."""
    text = path.read_text(encoding="utf-8").splitlines()
    end = text.index(TESTS_BEGIN) + 1 if TESTS_BEGIN in text else len(text) + 1
    return {number: count for number, count in lines.items() if number < end}


def show(crate: str, files: dict[Path, dict[int, int]]) -> bool:
    """Print a crate's figure and the lines it missed most; tell whether it is enough."""
    source = ROOT / "native" / crate / "src"
    own = {
        path.relative_to(source): without_tests(path, lines)
        for path, lines in files.items()
        if path.is_relative_to(source)
    }
    missed = {
        path: sorted(number for number, count in lines.items() if not count)
        for path, lines in own.items()
    }
    total = sum(len(lines) for lines in own.values())
    reached = total - sum(len(numbers) for numbers in missed.values())
    percent = 100 * reached / total
    least = LEAST_PERCENT[crate]
    print(f"{crate}: {reached} of {total} lines reached, {percent:.2f} % (at least {least} %)")
    worst = sorted(missed.items(), key=lambda item: (-len(item[1]), item[0]))
    for path, numbers in worst[:SHOWN]:
        if numbers:
            print(f"  {path}: {len(numbers)} missed: {', '.join(map(str, numbers[:20]))}")
    return percent >= least


def main() -> None:
    """Measure every crate and fail when one is below its share."""
    tools = find_tools()
    files = counted_lines(*tools, run_tests(sorted(LEAST_PERCENT)))
    below = [crate for crate in LEAST_PERCENT if not show(crate, files)]
    if below:
        sys.exit(f"coverage: below its share of lines: {', '.join(below)}")


if __name__ == "__main__":
    main()
