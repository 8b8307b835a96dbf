"""`python -m dipg_safety_gym`: the `dipg-gym` command."""

from .cli.main import main

if __name__ == "__main__":
    main()
