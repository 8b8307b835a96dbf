"""What every room shares: tasks, tags, prompts and wire models. Imports nothing of ours but itself."""
