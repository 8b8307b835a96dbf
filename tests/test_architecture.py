"""Imports run one way, heavy libraries stay out, and what is public is as it is written down."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import dipg_safety_gym
import pytest

ROOT = Path(dipg_safety_gym.__file__).parent
MAY_IMPORT = {
    "core": set(),
    "server": {"core"},
    "client": {"core", "server"},
    "agents": {"core", "client", "server"},
    "generation": {"core", "client"},
    "training": {"core", "client"},
    "cli": {"core", "client", "agents", "generation", "training", "server"},
}
"""Rooms by the rooms they may import. `server` is for the command line, for `client/local.py` and for the tool that
tunes the baseline on the shipped train set."""

SERVER_USERS = {"client/local.py", "agents/tune.py"}


def modules() -> list[Path]:
    return [path for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]


def imported_rooms(path: Path) -> set[str]:
    """Rooms that a module imports, in whatever function it does so."""
    rooms = set()
    depth = len(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == depth + 1 and node.module:
            rooms.add(node.module.split(".")[0])
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dipg_safety_gym."):
            rooms.add((node.module or "").split(".")[1])
    return rooms & set(MAY_IMPORT)


def local_imports(path: Path) -> set[Path]:
    """Modules of ours that a module imports when it is imported itself."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1]
            target = base.joinpath(*(node.module or "").split(".")) if node.module else base
            names = [target.with_suffix(".py")] if node.module else [base / f"{a.name}.py" for a in node.names]
            found.update(name for name in names if name.exists())
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    rooms = imported_rooms(path) - {room}
    assert rooms <= MAY_IMPORT[room], f"{path} imports {rooms - MAY_IMPORT[room]}"
    if "server" in rooms and room != "cli":
        assert str(path.relative_to(ROOT)) in SERVER_USERS


def test_there_is_no_import_circle() -> None:
    waiting = {path: local_imports(path) for path in modules()}
    while free := [path for path, needs in waiting.items() if not needs & waiting.keys()]:
        for path in free:
            del waiting[path]
    assert not waiting, f"circle among {sorted(str(path.relative_to(ROOT)) for path in waiting)}"


HEAVY = ["openenv", "fastapi", "rapidfuzz", "litellm", "torch", "jax", "datasets", "matplotlib"]


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import dipg_safety_gym", set()),
        ("import dipg_safety_gym.client.http, dipg_safety_gym.core.wire", set()),
        ("import dipg_safety_gym.cli.main", set()),
        ("import dipg_safety_gym.server.rewards", {"rapidfuzz"}),
    ],
)
def test_importing_a_room_does_not_import_heavy_libraries(statement: str, allowed: set[str]) -> None:
    code = f"import sys; {statement}; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= allowed


def test_the_facade_names_what_is_public() -> None:
    for name in dipg_safety_gym.__all__:
        assert getattr(dipg_safety_gym, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = dipg_safety_gym.nonsense
