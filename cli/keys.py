"""`dipg-gym keys`: make, list and revoke the bearer keys of a server, at its database."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from .names import valid_name

if TYPE_CHECKING:
    from ..server.keys import KeyStore
    from ..server.storage import Database

T = TypeVar("T")

keys_app = typer.Typer(
    help="Make, list and revoke the keys with which runs are begun and answered. Works on the database that "
    "DIPG_DATABASE_URL names. Once there is a key, changes need one; reading stays open.",
    no_args_is_help=True,
)


class Scope(StrEnum):
    """Choices of `--scope`."""

    submit = "submit"
    verify = "verify"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@keys_app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, as the list shows it.")],
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="submit: begin and answer runs. verify: runs that count as verified.", show_default="submit"),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it expires.")] = 365,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it. It is shown this once; what is stored is its hash.

    Examples:

        dipg-gym keys create "team at the children's hospital"

        dipg-gym keys create operator --scope submit --scope verify --days 30
    """
    whose = valid_name(name, "NAME")
    scopes: list[Literal["submit", "verify"]] = [one.value for one in scope or [Scope.submit]]
    key, made = _with_store(lambda store: store.create(whose, scopes, days))
    if as_json:
        print(json.dumps({"key": key, **made._asdict()}, indent=1))
        return
    print(key)
    print(f"{made.key_id}, scopes {', '.join(made.scopes)}, until {made.expires_at}", file=sys.stderr)
    print("Keep it now: it is not stored. Clients send it as DIPG_API_KEY.", file=sys.stderr)


@keys_app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show every key, those that ended among them. The keys themselves are not stored.

    Example: dipg-gym keys list
    """
    found = _with_store(lambda store: store.every())
    if as_json:
        print(json.dumps([one._asdict() for one in found], indent=1))
    elif not found:
        print("There is no key: anyone who reaches the server may begin runs. dipg-gym keys create NAME makes one.")
    else:
        from ..agents.terminal import print_table

        rows = [[one.key_id, one.name, ", ".join(one.scopes), one.state, (one.expires_at or "")[:10]] for one in found]
        print_table([["key", "name", "scopes", "state", "expires"], *rows])


@keys_app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="Id of the key, as `keys list` shows it.")]) -> None:
    """End a key at once. Its runs stay.

    Example: dipg-gym keys revoke key-0123456789ab
    """
    if not _with_store(lambda store: store.revoke(key_id)):
        print(f"dipg-gym: there is no key {key_id!r} that could be revoked; see dipg-gym keys list", file=sys.stderr)
        raise typer.Exit(1)
    print(f"{key_id} is revoked.")


@keys_app.command()
def audit(
    subject: Annotated[str | None, typer.Argument(help="Id of a run or a key.", show_default="all")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Most lines to show.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show who changed what, the latest first.

    Example: dipg-gym keys audit run-0123456789abcdef
    """
    from ..server.audit import read

    async def reading(database: Database) -> list[dict[str, Any]]:
        async with database.reading() as connection:
            return await read(connection, subject, limit)

    lines = asyncio.run(_with_database(reading))
    if as_json:
        print(json.dumps(lines, indent=1))
        return
    for line in lines:
        whose = line["key_id"] or "no key"
        detail = ", ".join(f"{name} {value}" for name, value in line["detail"].items())
        print(f"{line['at']}  {line['action']}  {line['subject']}  {whose}  {line['address'] or 'operator'}  {detail}")


def _with_store(work: Callable[[KeyStore], Awaitable[T]]) -> T:
    from ..server.keys import KeyStore

    return asyncio.run(_with_database(lambda database: work(KeyStore(database))))


async def _with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    from ..server.settings import Settings
    from ..server.storage import Database

    database = Database(Settings().database_url)
    try:
        return await work(database)
    finally:
        await database.close()
