"""Protocol 0.3, where the SDK's layer for it leaves something out, by the text of its specification:

- Parameters that do not fit are -32602, and no invalid request; a part names its kind.
- A deletion has a result, which is null. REST deletes push configurations as well.
- A stream ends with an event that says so, also where the task waits for its user.
- A stream that cannot begin is an error with its status, and not a broken answer.
- A push configuration may be asked for by its task alone, and may hold an empty authentication.
- REST takes a field by the name it has in the text as well as by that of the protobuf definition.
"""

from __future__ import annotations

import functools
import json
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Any

from a2a.server.context import ServerCallContext
from a2a.server.jsonrpc_models import InvalidParamsError as InvalidParams
from a2a.server.request_handlers.request_handler import RequestHandler
from a2a.server.routes import create_rest_routes
from a2a.server.routes.common import DefaultServerCallContextBuilder, create_event_source_response
from a2a.server.routes.jsonrpc_dispatcher import JsonRpcDispatcher
from a2a.utils.error_handlers import rest_error_handler, rest_stream_error_handler
from a2a.utils.errors import InvalidParamsError
from pydantic import ValidationError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

# After the routes, which it imports and which import it.
from a2a.compat.v0_3 import types as v03  # isort: skip
from a2a.compat.v0_3.jsonrpc_adapter import JSONRPC03Adapter  # isort: skip
from a2a.compat.v0_3.request_handler import RequestHandler03  # isort: skip
from a2a.compat.v0_3.rest_adapter import REST03Adapter  # isort: skip
from a2a.compat.v0_3.rest_handler import REST03Handler  # isort: skip

PROTOCOL = "0.3"

_DELETE = "tasks/pushNotificationConfig/delete"
_KINDS = ("text", "file", "data")
_WAITING = (v03.TaskState.input_required, v03.TaskState.auth_required)


def speaks_v03(context: ServerCallContext) -> bool:
    """Whether a call came in the words of 0.3."""
    return context.state.get("protocol") == PROTOCOL


def jsonrpc_routes(handler: RequestHandler, url: str) -> list[BaseRoute]:
    """JSON-RPC of both versions at one address."""
    dispatcher = JsonRpcDispatcher(handler, enable_v0_3_compat=True)
    # The SDK has no other way to put one in its place; a test of the error codes notices where this is no longer one.
    dispatcher._v03_adapter = _JsonRpcAdapter(handler, _ContextBuilder())
    return [Route(url, dispatcher.handle_requests, methods=["POST"])]


def rest_routes(handler: RequestHandler) -> list[BaseRoute]:
    """REST of both versions: 0.3 under `/v1`."""
    adapter = _RestAdapter(handler, _ContextBuilder())
    # First: 1.0 has a route for every first segment, as a tenant.
    old = [Route(path, endpoint, methods=[method]) for (path, method), endpoint in adapter.routes().items()]
    return [*old, *create_rest_routes(handler)]


class _ContextBuilder(DefaultServerCallContextBuilder):
    def build(self, request: Request) -> ServerCallContext:
        context = super().build(request)
        context.state["protocol"] = PROTOCOL
        return context


class _Handler(RequestHandler03):
    """Calls of 0.3, carried out by the handler of 1.0."""

    async def on_message_send(
        self, request: v03.SendMessageRequest, context: ServerCallContext
    ) -> v03.Task | v03.Message:
        _drop_empty_authentication(request)
        return await super().on_message_send(request, context)

    async def on_message_send_stream(
        self, request: v03.SendMessageRequest, context: ServerCallContext
    ) -> AsyncIterator[v03.SendStreamingMessageSuccessResponse]:
        _drop_empty_authentication(request)
        async for event in super().on_message_send_stream(request, context):
            yield _final(event)

    async def on_subscribe_to_task(
        self, request: v03.TaskResubscriptionRequest, context: ServerCallContext
    ) -> AsyncIterator[v03.SendStreamingMessageSuccessResponse]:
        async for event in super().on_subscribe_to_task(request, context):
            yield _final(event)

    async def on_create_task_push_notification_config(
        self, request: v03.SetTaskPushNotificationConfigRequest, context: ServerCallContext
    ) -> v03.TaskPushNotificationConfig:
        _clean(request.params.push_notification_config)
        return await super().on_create_task_push_notification_config(request, context)

    async def on_get_task_push_notification_config(
        self, request: v03.GetTaskPushNotificationConfigRequest, context: ServerCallContext
    ) -> v03.TaskPushNotificationConfig:
        if not getattr(request.params, "push_notification_config_id", None):
            params = v03.ListTaskPushNotificationConfigParams(id=request.params.id)
            every = v03.ListTaskPushNotificationConfigRequest(id=request.id, params=params)
            stored = await self.on_list_task_push_notification_configs(every, context)
            if stored:
                return stored[0]
        return await super().on_get_task_push_notification_config(request, context)


def _final(event: v03.SendStreamingMessageSuccessResponse) -> v03.SendStreamingMessageSuccessResponse:
    update = event.result
    if isinstance(update, v03.TaskStatusUpdateEvent) and update.status.state in _WAITING:
        update.final = True
    return event


def _drop_empty_authentication(request: v03.SendMessageRequest) -> None:
    configuration = request.params.configuration
    if configuration and configuration.push_notification_config:
        _clean(configuration.push_notification_config)


def _clean(config: v03.PushNotificationConfig) -> None:
    """1.0 knows no authentication without a scheme."""
    if config.authentication and not (config.authentication.schemes or config.authentication.credentials):
        config.authentication = None


class _JsonRpcAdapter(JSONRPC03Adapter):
    def __init__(self, handler: RequestHandler, context_builder: _ContextBuilder) -> None:
        super().__init__(handler, context_builder)
        self.handler = _Handler(handler)

    async def handle_request(
        self, request_id: str | int | None, method: str, body: dict[str, Any], request: Request
    ) -> Any:
        wrong = _wrong_params(self.METHOD_TO_MODEL[method], body)
        if wrong:
            return self._generate_error_response(request_id, InvalidParams(data=wrong))
        answer = await super().handle_request(request_id, method, body, request)
        if method == _DELETE:
            said = json.loads(bytes(answer.body))
            return JSONResponse(said if "error" in said else {**said, "result": None})
        return answer


def _wrong_params(model: Any, body: dict[str, Any]) -> str | None:
    try:
        model.model_validate(body)
    except ValidationError as error:
        return str(error) if any(one["loc"][:1] == ("params",) for one in error.errors()) else None
    message = (body.get("params") or {}).get("message") or {}
    for part in message.get("parts", ()):
        if part.get("kind") not in _KINDS:
            return f"a part's kind is {part.get('kind')!r}; expected one of {', '.join(_KINDS)}"
    return None


class _AsInTheText(Request):
    """Takes the names that the text gives to what the protobuf definition names otherwise."""

    @property
    def query_params(self) -> QueryParams:
        names = {"history_length": "historyLength"}
        return QueryParams([(names.get(name, name), value) for name, value in super().query_params.items()])

    async def body(self) -> bytes:
        body = await super().body()
        try:
            configuration = (said := json.loads(body))["configuration"]
            configuration.setdefault("pushNotification", configuration.pop("pushNotificationConfig"))
        except (ValueError, TypeError, KeyError, AttributeError):
            # Not one that holds such a configuration.
            return body
        return json.dumps(said).encode()


class _RestHandler(REST03Handler):
    def __init__(self, handler: RequestHandler) -> None:
        super().__init__(handler)
        self.handler03 = _Handler(handler)

    async def delete_push_notification(self, request: Request, context: ServerCallContext) -> dict[str, Any]:
        params = v03.DeleteTaskPushNotificationConfigParams(
            id=request.path_params["id"], push_notification_config_id=request.path_params["push_id"]
        )
        await self.handler03.on_delete_task_push_notification_config(
            v03.DeleteTaskPushNotificationConfigRequest(id="", params=params), context
        )
        return {}


class _RestAdapter(REST03Adapter):
    def __init__(self, handler: RequestHandler, context_builder: _ContextBuilder) -> None:
        super().__init__(handler, context_builder)
        self.handler = self._calls = _RestHandler(handler)

    def routes(self) -> dict[tuple[str, str], Callable[[Request], Any]]:
        path = "/v1/tasks/{id}/pushNotificationConfigs/{push_id}"
        delete = functools.partial(self._handle_request, self._calls.delete_push_notification)
        return {**super().routes(), (path, "DELETE"): delete}

    @rest_error_handler
    async def _handle_request(
        self, method: Callable[[Request, ServerCallContext], Awaitable[Any]], request: Request
    ) -> Response:
        try:
            said = await method(_AsInTheText(request.scope, request.receive), self._context_builder.build(request))
        except ValueError as error:
            raise InvalidParamsError(message=str(error)) from error
        return JSONResponse(said)

    @rest_stream_error_handler
    async def _handle_streaming_request(
        self, method: Callable[[Request, ServerCallContext], AsyncIterable[Any]], request: Request
    ) -> Response:
        asked = _AsInTheText(request.scope, request.receive)
        events = aiter(method(asked, self._context_builder.build(request)))
        try:
            first = await anext(events, None)
        except ValueError as error:
            raise InvalidParamsError(message=str(error)) from error

        async def told() -> AsyncIterator[str]:
            if first is not None:
                yield json.dumps(first)
            async for event in events:
                yield json.dumps(event)

        return create_event_source_response(told(), shutdown_grace_period=self._shutdown_grace_period)
