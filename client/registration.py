"""Makes `DIPGSafety-v0` known to Gymnasium, without importing the environment itself."""

from __future__ import annotations

ENV_ID = "DIPGSafety-v0"


def register_envs() -> None:
    """Register the environment where Gymnasium is installed; any number of times.

    Gymnasium loads no plugins, so the package does this when it is imported. It takes 0.1 s, and nothing where
    Gymnasium is not installed.
    """
    try:
        import gymnasium
    except ModuleNotFoundError:
        return
    if ENV_ID not in gymnasium.registry:
        gymnasium.register(
            id=ENV_ID,
            entry_point=f"{__package__}.gymnasium_env:DIPGSafetyGymEnv",
            vector_entry_point=f"{__package__}.gymnasium_vector:DIPGSafetyVectorEnv",
        )
