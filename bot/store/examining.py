"""What Redis says of itself."""

from __future__ import annotations

from redis.exceptions import RedisError

from bot.store.base import StoreAway, connect


def version(url: str) -> str | None:
    """Return the version of the Redis at *url*, None where it does not tell; raises StoreAway."""
    client = connect(url)
    try:
        client.ping()
    except RedisError as error:
        raise StoreAway(type(error).__name__) from error
    try:
        said = client.info("server")
    except RedisError:  # a user of the ACL may be kept from asking
        return None
    found = said.get("redis_version") if isinstance(said, dict) else None
    return str(found) if found else None
