"""What ECS and containerd print when a pull fails, as people see it on Fargate 1.4."""

from __future__ import annotations

import hashlib

from playground.estate.images import Image
from playground.estate.ways import Blocked

CANNOT_ASSUME = (
    "ECS was unable to assume the role '{role}' that was provided for this task. Please verify "
    "that the role being passed has the proper trust relationship and permissions and that your "
    "IAM user has permissions to pass this role."
)
NO_ADDRESS = (
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment "
    "{public} in subnet '{subnet}': InsufficientFreeAddressesInSubnet"
)
INIT = "ResourceInitializationError: unable to pull secrets or registry auth: "
SECRET = (
    INIT + "execution resource retrieval failed: unable to retrieve secret from asm: service call "
    "has been retried 1 time(s): failed to fetch secret {secret} from secrets manager: {why}"
)
SECRET_BARE = (
    INIT + "execution resource retrieval failed: unable to retrieve secret from asm: service call "
    "has been retried 1 time(s): {why}"
)
NO_LOG_GROUP = (
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 "
    "times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log "
    "group does not exist. : exit status 1"
)
PARAMETER = (
    INIT + "execution resource retrieval failed: unable to retrieve secrets from ssm: service call "
    "has been retried 1 time(s): {why}"
)
REGISTRY_SECRET = (
    INIT + "execution resource retrieval failed: unable to get registry auth from asm: service "
    "call has been retried 1 time(s): asm fetching secret from the service for {secret}: {why}"
)
REGISTRY_SECRET_MALFORMED = (
    INIT + "execution resource retrieval failed: unable to get registry auth from asm: service "
    "call has been retried 1 time(s): asm fetching {why}"
)
LOGIN_UNREACHABLE = (
    INIT + "The task cannot pull registry auth from Amazon ECR: There is a connection issue "
    "between the task and Amazon ECR. Check your task network configuration. operation error ECR: "
    "GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error "
    'StatusCode: 0, RequestID: , request send failed, Post "https://{host}/": {dial}'
)
LOGIN_DENIED = (
    INIT + "execution resource retrieval failed: unable to retrieve ecr registry auth: service "
    "call has been retried 1 time(s): operation error ECR: GetAuthorizationToken, https response "
    "error StatusCode: 400, RequestID: {request}, api error AccessDeniedException: {why}"
)
# The agent and dockerd of a container instance in EC2.
HOST_LOGIN_DENIED = (
    "CannotPullECRContainerError: AccessDeniedException: {why}\n\tstatus code: 400, "
    "request id: {request}"
)
HOST_LOGIN_UNREACHABLE = (
    "CannotPullECRContainerError: RequestError: send request failed\ncaused by: "
    'Post "https://{host}/": {dial}'
)
CANNOT_PULL = "CannotPullContainerError: "
RETRIED = CANNOT_PULL + "pull image manifest has been retried {times} time(s): "
NOT_FOUND = RETRIED.format(times=7) + "failed to resolve ref {ref}: {ref}: not found"

NO_PLATFORM = (
    RETRIED.format(times=7) + "image Manifest does not contain descriptor matching platform "
    "'{platform}'"
)
NO_SPACE = (
    CANNOT_PULL + "ref pull has been retried 1 time(s): failed to extract layer {digest}: write "
    "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/55/fs/opt/models/base.bin: "
    "no space left on device: unknown"
)
TIMED_OUT = "DockerTimeoutError: Could not transition to pulled; timed out after waiting 2h0m0s"
HOST_NO_SPACE = (
    CANNOT_PULL + "failed to register layer: write /opt/models/base.bin: no space left on device"
)
NO_IMAGE = (
    CANNOT_PULL + "ref pull has been retried 1 time(s): failed to unpack image on snapshotter "
    "overlayfs: mismatched image rootfs and manifest layers"
)

HUB_RATE = (
    RETRIED.format(times=7) + "httpReadSeeker: failed open: unexpected status code "
    "https://registry-1.docker.io/v2/{repository}/manifests/{digest}: 429 Too Many Requests - "
    "Server message: toomanyrequests: You have reached your unauthenticated pull rate limit. "
    "https://www.docker.com/increase-rate-limit"
)
HUB_ABUSE = (
    RETRIED.format(times=7) + "failed to resolve ref {image}: unexpected status from HEAD request "
    "to https://registry-1.docker.io/v2/{repository}/manifests/{tag}: 429 Too Many Requests"
)
ECR_THROTTLED = (
    RETRIED.format(times=7) + "httpReadSeeker: failed open: unexpected status code "
    "https://{host}/v2/{repository}/manifests/{tag}: 429 Too Many Requests - Server message: "
    "toomanyrequests: Rate exceeded"
)
LOGIN_REJECTED = (
    RETRIED.format(times=1) + "failed to resolve ref {image}: failed to authorize: failed to fetch "
    "oauth token: unexpected status from POST request to {token}: 401 Unauthorized"
)
HUB_DENIED = (
    RETRIED.format(times=1) + "failed to resolve ref {image}: pull access denied, repository does "
    "not exist or may require authorization: server message: insufficient_scope: authorization "
    "failed"
)
ANONYMOUS_REFUSED = (
    RETRIED.format(times=1) + "failed to resolve ref {image}: failed to authorize: failed to fetch "
    "anonymous token: unexpected status from GET request to {token}: 401 Unauthorized"
)


def malformed(written: str) -> str:
    """Return the text for what is no reference, as engines print it."""
    name = written.rpartition("/")[2].partition(":")[0]
    more = f": repository name ({name}) must be lowercase" if name != name.lower() else ""
    return f"{CANNOT_PULL}invalid reference format{more}"


def no_such_host(image: Image) -> str:
    """Return the text for a registry whose name resolves to nothing."""
    url = f"https://{image.host}/v2/{image.repository}/manifests/{image.version}"
    return (
        f"{RETRIED.format(times=7)}failed to resolve ref {image.ref}: failed to do request: "
        f'Head "{url}": dial tcp: lookup {image.host} on 10.0.0.2:53: no such host'
    )


def status(image: Image, code: str) -> str:
    """Return the text for a registry that answers a manifest with an error."""
    said = f"failed to resolve ref {image.ref}: pulling from host {image.host} failed with status"
    return f"{RETRIED.format(times=1)}{said} code [manifests {image.version}]: {code}"


def host_refused(image: Image, why: str) -> str:
    """Return dockerd's text for a registry that refuses whoever is logged in, or nobody is."""
    name = image.ref.removesuffix(f":{image.version}")
    return (
        f"{CANNOT_PULL}Error response from daemon: pull access denied for {name}, repository does "
        f"not exist or may require 'docker login': denied: {why}"
    )


def dial(path: Blocked, host: str) -> str:
    """Return how Go ends a connection that found no answer: at the address, or looking it up."""
    if path.foreign:
        return f"dial tcp {path.address}:443: connect: network is unreachable"
    if path.server is None:
        return f"dial tcp {path.address}:443: i/o timeout"
    if path.lost:
        return f"dial tcp: lookup {host} on {path.server}:53: no such host"
    socket = f"{path.address}:40000->{path.server}:53"
    return f"dial tcp: lookup {host} on {path.server}:53: read udp {socket}: i/o timeout"


def unreachable(image: Image, path: Blocked) -> str:
    """Return the text for a registry that does not answer."""
    host = "registry-1.docker.io" if image.host == "docker.io" else image.host
    url = f"https://{host}/v2/{image.repository}/manifests/{image.version}"
    return (
        f"{RETRIED.format(times=5)}failed to resolve ref {image.ref}: failed to do request: "
        f'Head "{url}": {dial(path, host)}'
    )


def layers_unreachable(image: Image, path: Blocked, host: str) -> str:
    """Return the text for a layer store that does not answer."""
    return (
        f"{CANNOT_PULL}The task cannot pull {image.ref} from the registry {image.ref}. There is a "
        "connection issue between the task and the registry. Check your task network "
        "configuration. : failed to copy: httpReadSeeker: failed open: failed to do request: Get "
        f"{image.ref}: {dial(path, host)}"
    )


def far_layer(host: str, address: str) -> str:
    """Return the text for a layer of an upstream registry that does not answer."""
    digest = hashlib.sha256(host.encode()).hexdigest()
    url = f"https://{host}/registry-v2/docker/registry/v2/blobs/sha256/{digest[:2]}/{digest}/data"
    return (
        f"{RETRIED.format(times=5)}failed to copy: httpReadSeeker: failed open: failed to do "
        f'request: Get "{url}": dial tcp {address}:443: i/o timeout'
    )


def layer_denied(image: Image) -> str:
    """Return the text for a layer that is refused."""
    digest = hashlib.sha256(image.ref.encode()).hexdigest()
    return (
        f"{CANNOT_PULL}pull image manifest has been retried 1 time(s): failed to copy: "
        "httpReadSeeker: failed open: unexpected status code "
        f"https://{image.host}/v2/{image.repository}/blobs/sha256:{digest}: 403 Forbidden"
    )
