"""The channel layer of channels_redis, which waits for messages instead of asking ten times a second for one.

Asked so often, an otherwise idle web process spends half of its time on that.
"""

from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisSingleShardConnection

WAIT_SECONDS = 5.0


class PatientLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """Backend for `CHANNEL_LAYERS`."""

    def _get_layer(self) -> Any:
        layer = super()._get_layer()
        if any(type(shard) is not PatientShard for shard in layer._shards):
            layer._shards = [PatientShard(shard.host, layer) for shard in layer._shards]
        return layer


class PatientShard(RedisSingleShardConnection):  # type: ignore[misc]
    """One Redis. What is told here: how long to wait for a message."""

    def _ensure_redis(self) -> None:
        if self._redis is not None:
            return
        super()._ensure_redis()
        get_message = self._pubsub.get_message

        async def wait_for_message(**_how: Any) -> Any:
            return await get_message(ignore_subscribe_messages=True, timeout=WAIT_SECONDS)

        self._pubsub.get_message = wait_for_message
