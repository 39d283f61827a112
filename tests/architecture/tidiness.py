"""The limits of docs/STYLE.md that no linter knows, as functions from a text to findings."""

import ast
import re
from pathlib import PurePath

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
VAGUE_NAMES = frozenset(
    {"common", "core", "helper", "helpers", "manager", "misc", "util", "utilities", "utils"}
)
BANNER = re.compile(r"^\s*(?:#|//+!?)\s*[-=*#/~]{8,}")
BARE_MARKER = re.compile(r"(?:#|//+!?)\s*(?:(?:FIXME|XXX)\b|TODO(?!\(#\d+\)))")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/")


def check_text(path: PurePath, text: str) -> list[str]:
    """Return what is untidy about one source file, each finding with its line.

    Args:
        path: The file's path inside the repository; its suffix names the language.
        text: The whole text of the file.

    Returns:
        One sentence per finding; empty when the file is tidy.
    """
    lines = text.splitlines()
    findings = check_names(path)
    if len(lines) > FILE_LINES_MAX:
        findings.append(f"file must have at most {FILE_LINES_MAX} lines, found {len(lines)}")
    for number, line in enumerate(lines, start=1):
        if BANNER.search(line):
            findings.append(f"line {number}: a comment is a sentence, not a banner")
        if BARE_MARKER.search(line):
            findings.append(f"line {number}: an open point must name its issue: TODO(#n)")
        if MACHINE_PATH.search(line):
            findings.append(f"line {number}: a path of one machine must not be named")
    measure = rust_functions if path.suffix == ".rs" else python_functions
    findings += [
        f"line {line}: function {name} must have at most {FUNCTION_LINES_MAX} code lines, "
        f"found {size}"
        for name, line, size in measure(text)
        if size > FUNCTION_LINES_MAX
    ]
    return findings


def check_names(path: PurePath) -> list[str]:
    """Return a finding for each part of a path whose name says nothing."""
    parts = [*path.parent.parts, path.stem]
    return [f"name {part!r} does not say what is inside" for part in parts if part in VAGUE_NAMES]


def python_functions(text: str) -> list[tuple[str, int, int]]:
    """Return name, first line and code lines of each Python function, docstrings left out."""
    lines = text.splitlines()
    found = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.lineno
        if ast.get_docstring(node, clean=False) is not None:
            first = (node.body[0].end_lineno or first) + 1
        body = lines[first - 1 : node.end_lineno]
        size = sum(1 for line in body if line.strip() and not line.strip().startswith("#"))
        found.append((node.name, node.lineno, size))
    return found


RUST_SKIPPED = re.compile(
    r"""
      //[^\n]*                      # comment to the end of the line
    | /\*.*?\*/                     # block comment
    | \bb?r(?P<fence>\#*)".*?"(?P=fence)  # raw string
    | b?"(?:\\.|[^"\\])*"           # string
    | b?'(?:\\(?:u\{\w+\}|x\w\w|.)|[^'\\\n])'   # character, which a lifetime is not
    """,
    re.VERBOSE | re.DOTALL,
)
RUST_FUNCTION = re.compile(r"\bfn\s+(\$?\w+)")


def rust_functions(text: str) -> list[tuple[str, int, int]]:
    """Return name, first line and code lines of each Rust function that has a body."""
    code = RUST_SKIPPED.sub(_blank, text)
    found = []
    for match in RUST_FUNCTION.finditer(code):
        end = _body_end(code, match.end())
        if end is None:
            continue
        size = sum(1 for line in code[match.start() : end].splitlines() if line.strip())
        found.append((match.group(1), code.count("\n", 0, match.start()) + 1, size))
    return found


def _blank(match: re.Match[str]) -> str:
    """Return the same text with everything but line ends blanked, so that lines keep."""
    if match.group().startswith("/"):
        return re.sub(r"[^\n]", " ", match.group())
    return re.sub(r"[^\n]", "_", match.group())


def _body_end(code: str, start: int) -> int | None:
    """Return where the body that follows a signature ends, or None when there is none."""
    depth = {"{": 0, "(": 0}
    for index in range(start, len(code)):
        sign = code[index]
        if sign in "([":
            depth["("] += 1
        elif sign in ")]":
            depth["("] -= 1
        elif sign == ";" and depth["{"] == 0 and depth["("] == 0:
            return None
        elif sign == "{":
            depth["{"] += 1
        elif sign == "}":
            depth["{"] -= 1
            if depth["{"] <= 0:
                return index + 1
    return None
