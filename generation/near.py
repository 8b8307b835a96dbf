"""Near-duplicates among any number of texts, in memory that does not grow: MinHash with banding, in SQLite.

Two texts are near where half of all their runs of eight words stand in both (Jaccard index, estimated by 64 hashes;
Broder 1997). Sixteen bands of four hashes find such a pair: one band agrees at that share with a chance of 64 %, and
of pairs that share nine tenths all but one in a million are found.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3

import numpy as np

RUN_WORDS = 8
NEAR_SHARE = 0.5
BANDS, ROWS = 16, 4

Hashes = np.ndarray[tuple[int, ...], np.dtype[np.uint64]]

_SEEDS: Hashes = np.random.Generator(np.random.PCG64(17)).integers(0, 1 << 63, size=BANDS * ROWS, dtype=np.uint64)


class NearDuplicates:
    """The texts seen so far, kept on disk in a file that is deleted with the object."""

    def __init__(self) -> None:
        # An empty name is a temporary database: in memory while small, on disk when it grows.
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE band (name INTEGER, of INTEGER, PRIMARY KEY (name, of)) WITHOUT ROWID")
        self._database.execute("CREATE TABLE signature (of INTEGER PRIMARY KEY, hashes BLOB)")

    def nearest(self, signature: Hashes) -> int | None:
        """The number of a text that the one of this signature is near to."""
        names = _bands(signature)
        marks = ",".join("?" * len(names))
        found = self._database.execute(
            f"SELECT of, hashes FROM signature WHERE of IN (SELECT of FROM band WHERE name IN ({marks})) ORDER BY of",
            names,
        )
        for number, hashes in found:
            if float(np.mean(np.frombuffer(hashes, dtype=np.uint64) == signature)) >= NEAR_SHARE:
                return int(number)
        return None

    def add(self, number: int, signature: Hashes) -> None:
        """Remember a text by its signature."""
        self._database.execute("INSERT INTO signature VALUES (?, ?)", (number, signature.tobytes()))
        self._database.executemany(
            "INSERT OR IGNORE INTO band VALUES (?, ?)", [(name, number) for name in _bands(signature)]
        )

    def close(self) -> None:
        """Forget all."""
        self._database.close()


def signature_of(text: str) -> Hashes:
    """By which texts are compared: 64 numbers."""
    words = re.findall(r"\w+", text.lower())
    runs = {" ".join(words[at : at + RUN_WORDS]) for at in range(max(1, len(words) - RUN_WORDS + 1))}
    whole = [int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big") for run in runs]
    smallest: Hashes = _mixed(np.array(whole, dtype=np.uint64)[:, None] ^ _SEEDS).min(axis=0)
    return smallest


def _mixed(bits: Hashes) -> Hashes:
    """Each number as another one that looks drawn by chance: the last step of MurmurHash3 (Appleby, 2011)."""
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        bits = (bits ^ (bits >> np.uint64(33))) * np.uint64(factor)
    return bits ^ (bits >> np.uint64(33))


def _bands(signature: Hashes) -> list[int]:
    return [
        int.from_bytes(
            hashlib.blake2b(
                bytes([band]) + signature[band * ROWS : (band + 1) * ROWS].tobytes(), digest_size=8
            ).digest(),
            "big",
            signed=True,
        )
        for band in range(BANDS)
    ]
