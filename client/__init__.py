"""How programs call the environment: HTTP, OpenEnv, Gymnasium, in process."""
