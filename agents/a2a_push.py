"""Push notifications: configurations in the database, and each told in the version of the protocol it was made in."""

from __future__ import annotations

from typing import Any

import httpx
from a2a.server.context import ServerCallContext
from a2a.server.tasks import BasePushNotificationSender
from a2a.server.tasks.database_push_notification_config_store import DatabasePushNotificationConfigStore
from a2a.server.tasks.push_notification_sender import PushNotificationEvent
from a2a.types.a2a_pb2 import StreamResponse, TaskPushNotificationConfig
from a2a.utils.push_url_validator import validate_push_notification_url
from google.protobuf.json_format import ParseDict

from .a2a_v03 import PROTOCOL, speaks_v03

from a2a.compat.v0_3 import conversions  # isort: skip

TIMEOUT_S = 10.0


class PushConfigs(DatabasePushNotificationConfigStore):
    """Keeps the version beside each configuration, in the field for a tenant: there are no tenants here."""

    async def set_info(
        self, task_id: str, notification_config: TaskPushNotificationConfig, context: ServerCallContext
    ) -> TaskPushNotificationConfig:
        """Store a configuration, and give it back with its id."""
        notification_config.tenant = PROTOCOL if speaks_v03(context) else ""
        stored = await super().set_info(task_id, notification_config, context)
        return _without_version(stored)

    async def get_info(self, task_id: str, context: ServerCallContext) -> list[TaskPushNotificationConfig]:
        """The configurations of a task."""
        return [_without_version(one) for one in await super().get_info(task_id, context)]


def _without_version(config: TaskPushNotificationConfig) -> TaskPushNotificationConfig:
    found = TaskPushNotificationConfig()
    found.CopyFrom(config)
    found.tenant = ""
    return found


class PushSender(BasePushNotificationSender):
    """Tells each listener of a task what becomes of it, in the listener's version."""

    def __init__(self, configs: PushConfigs, *, allow_private: bool) -> None:
        """
        Args:
            allow_private: Whether notifications may go to addresses that are not public.
        """
        self.validator = None if allow_private else validate_push_notification_url
        self._clients = (httpx.AsyncClient(timeout=TIMEOUT_S), _ClientV03(timeout=TIMEOUT_S))
        super().__init__(self._clients[0], configs, push_url_validator=self.validator)
        self._v03 = BasePushNotificationSender(self._clients[1], configs, push_url_validator=self.validator)

    async def _dispatch_notification(
        self, event: PushNotificationEvent, push_info: TaskPushNotificationConfig, task_id: str
    ) -> bool:
        if push_info.tenant == PROTOCOL:
            return await self._v03._dispatch_notification(event, push_info, task_id)
        return await super()._dispatch_notification(event, push_info, task_id)

    async def aclose(self) -> None:
        """Close the connections."""
        for client in self._clients:
            await client.aclose()


class _ClientV03(httpx.AsyncClient):
    """Posts an event of 1.0 as one of 0.3."""

    async def post(self, url: httpx.URL | str, *, json: Any = None, **options: Any) -> httpx.Response:
        event = conversions.to_compat_stream_response(ParseDict(json, StreamResponse()), "").result
        said = event.model_dump(mode="json", by_alias=True, exclude_none=True)
        return await super().post(url, json=said, **options)
