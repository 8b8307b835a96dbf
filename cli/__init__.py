"""The `dipg-gym` command."""
