"""The page that describes a snapshot, made from the tables that write and read it."""

from __future__ import annotations

from panshi import _native

INTRODUCTION = """\
# 快照格式 / The snapshot

This page is made from the code by `make docs`.

快照文件由文件头和若干段组成，段按下列顺序排列，重复的段只列一次；整数均为小端。
每段先有 40 字节的段头：名称（24 字节，右补零）、形式（4 字节：1 单行，2 按位置的行，
3 带编号的行）、每行字节数（4 字节，不含编号）、行数（8 字节）；带编号的行之前各有
4 字节编号。文件头中的布局哈希由本页全部名称与宽度算出：程序改变任何一个表，旧快照即
被跳过。

A snapshot is a header and sections in the order of this page, one that is repeated shown once;
integers are little-endian. Before the rows of each section stands a head of 40 bytes: name (24,
zero padded), form (4: 1 one row, 2 rows by place, 3 numbered rows), bytes of a row (4, its number
left out), rows (8); a numbered row has its number (4) before it. The layout hash of the header is
made of every name and width on this page: when a program changes a table, older snapshots are
passed over. What follows from saved rows, such as indices, is not saved.
"""


def snapshot_page() -> str:
    """Return the page: the header, then each kind of section once."""
    lines = [INTRODUCTION]
    seen = set()
    for name, form, row_bytes, fields in _native.gate_snapshot_layout():
        if name in seen:
            continue
        seen.add(name)
        lines += [f"## {name}", "", f"{form}, {row_bytes} bytes a row", ""]
        lines += ["| field | type | bytes | meaning |", "|---|---|---|---|"]
        for field, kind, width, times, note in fields:
            shown = field or "value"
            lines.append(f"| `{shown}` | {kind} | {width * times} | {note} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
