"""Makes the fonts of the pictures and the widths of their letters out of Debian's fonts-dejavu-core.

    pip install fonttools
    python3 subset.py /usr/share/fonts/truetype/dejavu

Kerning and ligatures are left out, so that a text is as wide as its letters.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

# Latin with its accents, Greek letters, dashes, quotation marks, the ellipsis, arrows and a few signs of arithmetic.
RANGES = [
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x391, 0x3C9),
    (0x2010, 0x2027),
    (0x2030, 0x2030),
    (0x2070, 0x2089),
    (0x2190, 0x2195),
    (0x2211, 0x2212),
    (0x221A, 0x221A),
    (0x221E, 0x221E),
    (0x2248, 0x2248),
    (0x2260, 0x2265),
]


def main(folder: Path) -> None:
    here = Path(__file__).parent
    tables = []
    for name, constant in [("DejaVuSans", "REGULAR"), ("DejaVuSans-Bold", "BOLD")]:
        options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=["*"])
        font = TTFont(folder / f"{name}.ttf")
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
        subsetter.subset(font)
        font["head"].modified = font["head"].created
        font.recalcTimestamp = False
        font.save(here / f"{name}.ttf")
        tables.append((constant, widths(font)))
    lines = ["//! The widths of the embedded fonts' letters. Made by `subset.py`.", ""]
    for constant, runs in tables:
        weight = constant.lower()
        lines.append(f"/// First code point, and the widths from there on in 2048ths of the size: {weight}.")
        lines.append(f"pub const {constant}: &[(u32, &[u16])] = &[")
        for first, row in runs:
            lines.append(f"    (0x{first:x}, &[")
            lines.extend(
                "        " + ", ".join(str(width) for width in row[at : at + 16]) + "," for at in range(0, len(row), 16)
            )
            lines.append("    ]),")
        lines.append("];")
        lines.append("")
    (here.parent / "widths.rs").write_text("\n".join(lines))


def widths(font: TTFont) -> list[tuple[int, list[int]]]:
    assert font["head"].unitsPerEm == 2048
    runs: list[tuple[int, list[int]]] = []
    for code, glyph in sorted(font.getBestCmap().items()):
        width = font["hmtx"][glyph][0]
        if runs and runs[-1][0] + len(runs[-1][1]) == code:
            runs[-1][1].append(width)
        else:
            runs.append((code, [width]))
    return runs


if __name__ == "__main__":
    main(Path(sys.argv[1]))
