"""Names that a user gives on the command line, as the server takes them."""

from __future__ import annotations

import typer


def valid_name(name: str, hint: str) -> str:
    """The name, without white space around it.

    Raises:
        BadParameter: it is empty, too long, or holds control characters; `hint` says which parameter it is.
    """
    from pydantic import TypeAdapter, ValidationError

    from ..core.run_wire import Name

    try:
        return TypeAdapter(Name).validate_python(name)
    except ValidationError as error:
        raise typer.BadParameter(str(error.errors()[0]["msg"]), param_hint=hint) from None
