"""A small run of `benchmarks/durability.py`: a real server, killed while clients submit, on either database."""

from __future__ import annotations

import asyncio

import pytest
from dipg_safety_gym.benchmarks.durability import measure


@pytest.mark.e2e
@pytest.mark.slow
def test_what_was_acknowledged_before_a_kill_is_there_after_it(database_url: str) -> None:
    found = asyncio.run(measure(database_url.split(":")[0], database_url, clients=10, total=1200, kills=2, seed=4))
    assert found.broken_calls > 0, "no kill cut off a call: the test shows nothing"
    assert found.acknowledged == found.responses == 1200
    assert (found.lost, found.twice, found.strange) == (0, 0, 0)
