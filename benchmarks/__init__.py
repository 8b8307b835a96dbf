"""What measures speed and validity. Run from the repository root: `python -m benchmarks.serving`."""
