"""The part of PostgREST that `rpc()` needs, over a real Postgres: enough to hold the Supabase way to the direct one.

Like PostgREST it runs the function as the role the key stands for, in one transaction, with named arguments, and
answers errors with the SQLSTATE in a JSON body (PostgREST docs: "Errors"). It knows one key and one schema.
"""

import json
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_FUNCTION = """
select p.proretset, coalesce(p.proargnames, '{}'), array(select format_type(t, null) from unnest(p.proargtypes) t)
from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname = %s
"""
_STATUS_OF = {"23503": 409, "23505": 409, "42883": 404, "42P01": 404, "42501": 403, "P0001": 400}
_STATUS_OF_CLASS = {"08": 503, "53": 503, "28": 403, "40": 500, "54": 500, "55": 500, "57": 500, "58": 500, "XX": 500}


def postgrest(database_url: str, key: str, *, role: str = "service_role") -> Starlette:
    """An ASGI application for `SUPABASE_URL`."""

    async def rpc(request: Request) -> Response:
        if request.headers.get("apikey") != key or request.headers.get("authorization") != f"Bearer {key}":
            return JSONResponse({"message": "Invalid API key"}, 401)
        try:
            arguments = json.loads(await request.body())
        except ValueError:
            return _error(400, "PGRST102", "Empty or invalid json")
        try:
            return await _run(database_url, role, request.path_params["function"], arguments)
        except psycopg.Error as error:
            if error.sqlstate is None:
                return _error(503, "PGRST000", "Database connection error. Retrying the connection.")
            return _error(_status(error.sqlstate), error.sqlstate, error.diag.message_primary or "")

    return Starlette(routes=[Route("/rest/v1/rpc/{function}", rpc, methods=["POST"])])


async def _run(database_url: str, role: str, function: str, arguments: dict[str, Any]) -> Response:
    async with await psycopg.AsyncConnection.connect(database_url, connect_timeout=2) as connection:
        found = await (await connection.execute(_FUNCTION, (function,))).fetchone()
        if found is None or set(found[1]) != set(arguments):
            return _error(404, "PGRST202", f"Could not find the function public.{function} in the schema cache")
        await connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        returns_set, names, types = found
        given = (json.dumps(arguments),) if names else ()
        rows = await (await connection.execute(_call(function, names, types), given)).fetchall()
        values = [row[0] for row in rows]
        return JSONResponse(values if returns_set else values[0])


def _call(function: str, names: Sequence[str], types: Sequence[str]) -> sql.Composed:
    if not names:
        return sql.SQL("select public.{}()").format(sql.Identifier(function))
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in zip(names, types, strict=True)
    ]
    named = [sql.SQL("{0} := given.{0}").format(sql.Identifier(name)) for name in names]
    return sql.SQL("select public.{}({}) from json_to_record(%s::json) as given({})").format(
        sql.Identifier(function), sql.SQL(", ").join(named), sql.SQL(", ").join(columns)
    )


def _status(sqlstate: str) -> int:
    return _STATUS_OF.get(sqlstate) or _STATUS_OF_CLASS.get(sqlstate[:2], 400)


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"code": code, "message": message, "details": None, "hint": None}, status)
