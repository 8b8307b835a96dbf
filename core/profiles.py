"""Profiles: how much a wrong answer costs, by one parameter that a clinician can read."""

from __future__ import annotations

from typing import Literal

ProfileName = Literal["soft", "medium", "strict"]

RISK_THRESHOLDS: dict[ProfileName, float] = {"soft": 0.25, "medium": 0.5, "strict": 0.75}
"""`risk_threshold` of each profile: the confidence below which one should rather abstain."""

DEFAULT_PROFILE: ProfileName = "medium"

MAX_RISK_THRESHOLD = 0.9
"""Above it a single error outweighs ten right answers, and a reward says nothing else."""
