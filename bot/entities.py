"""Read the names that stand in a message: image, ARNs, account, region, cluster, host.

Nothing is filled in: what docker or AWS would imply is null here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import NamedTuple

from bot.wrapping import Pasted


@dataclass(frozen=True, slots=True)
class Entities:
    """What the text names; every field is None where it names nothing."""

    error_code: str | None = None
    image: str | None = None
    registry: str | None = None
    repository: str | None = None
    tag: str | None = None
    digest: str | None = None
    account_id: str | None = None
    region: str | None = None
    role_arn: str | None = None
    task_arn: str | None = None
    cluster: str | None = None
    service: str | None = None
    secret_arn: str | None = None
    endpoint_host: str | None = None


FIELDS = tuple(f.name for f in fields(Entities))
CODES = {
    code.lower(): code
    for code in (
        "CannotPullContainerError", "CannotPullECRContainerError", "CannotPullImageManifestError",
        "CannotPullContainerAuthError", "ResourceInitializationError", "CannotCreateContainerError",
        "CannotStartContainerError", "CannotInspectContainerError", "CannotStopContainerError",
        "CannotCreateVolumeError", "CannotRemoveContainerError", "CannotDescribeContainerError",
        "CannotListContainersError", "CannotGetDockerClientError", "CannotGetDockerClientVersionError",
        "DockerTimeoutError", "DockerStateError", "ContainerRuntimeTimeoutError",
        "ContainerRuntimeError", "ContainerUnknownError", "OutOfMemoryError", "HostConfigError",
        "TaskStoppedBeforePullBeginError", "SpotInterruptionError", "TaskFailedToStartError",
        "NoSuchContainerError", "UnretriableErrorNeverUsed", "EmptyVolumeError",
        "CannotXContainerError", "InternalError", "DockerClientConfigError",
    )
}  # fmt: skip
_CODE = re.compile(
    r"(?<![A-Za-z0-9_/-])(?<![A-Za-z0-9]\.)(?:(" + "|".join(CODES) + r")"
    r"|(Cannot ?Pull ?(?:ECR ?)?Container(?: ?Manifest)?) ?Error(?=:)|(CannotPull(?:ECR)?Container)(?:(?= ?Error\b) ?Error|(?=:))"
    r"|(ContainerPullError))(?![A-Za-z0-9_-])",
    re.I,
)
_TOKEN = r"(?:<[^<>\s]{1,60}>|[^\s\"'`,;()|<>{}\[\]=]){1,600}"
_IMAGE_AFTER = re.compile(
    r"(?:resolve ref(?:erence)?|manifest for|pull access denied for|(?:Error: |: |unpack |pull(?:ing)? )image"
    r"|cannot pull|can't pull|repository|(?<=[\s,{\[(])\"?image\"?[=:]|pull(?:ed|ing)?(?: image)?(?: from)?|\bimage:?) ?[\"'\[]*("
    + _TOKEN
    + ")",
    re.I,
)
_REGISTRY_HOST = (
    r"(?:[\w*.…-]{1,80}|<[^<>\s]{1,60}>|\*{1,12})\.dkr[.-]ecr(?:-fips)?\.[\w-]{1,30}\.(?:amazonaws?s?\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn|[a-z]{3,14}\.com)"
    r"|public\.ecr\.aws|docker\.io|ghcr\.io|quay\.io|gcr\.io|registry\.gitlab\.com|mcr\.microsoft\.com|registry\.k8s\.io|docker\.elastic\.co|nvcr\.io|[a-z0-9-]{1,60}-docker\.pkg\.dev|[a-z0-9]{1,50}\.azurecr\.io"
)
_IMAGE = re.compile(r"(?<![\w/.@-])((?:" + _REGISTRY_HOST + r")(?::\d{2,5})?/" + _TOKEN + ")")
_URL = re.compile(r"https?://([\w.*…<>-]{1,253})(:\d{1,5})?(/[^\s\"'`<>()\[\]]{0,1500})?")
_V2 = re.compile(r"/v2/(?:([^\s:@]{1,255}?)/(manifests|blobs)/([^\s\"]{1,160}))?")
_ECR = re.compile(r"^([^.]{1,60})\.dkr[.-]ecr(?:-fips)?\.([a-z]{2}(?:-[a-z]{2,10}){1,3}-\d)\.")
_REGION = re.compile(
    r"(?<![a-z0-9])((?:us|eu|ap|sa|ca|me|af|il|cn|mx)(?:-gov|-iso[a-z]?)?-[a-z]{4,10}-\d)(?![a-z0-9])"
)
_ARN = re.compile(
    r"arn:aws[\w-]{0,14}:([\w-]{1,40}):([^\s:\"']{0,40}):([^\s:\"']{0,60}):((?:<[^<>\s]{1,40}>|[^\s\"'`,;()\[\]{}|<>]){1,600})"
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}(?![0-9a-f])")
_EXPECTED = re.compile(r"expected (sha256:[0-9a-f]{64})(?![0-9a-f])")
_STATUS_TAG = re.compile(
    r"\[manifests ([\w][\w.-]{0,127})\]|(?:image )?tag \"?([\w][\w.-]{0,127})\"? (?:does not|doesn't) exist"
)
_LOOKUP = re.compile(
    r"lookup ([\w.<>*-]{1,253}[\w]) ?(?:on\b|:)|lookup ([\w<>*-]{1,99}(?:\.[\w-]{1,63}){2,9})\b"
)
_PULLING = re.compile(r"pulling from host ([\w.<>*-]{1,253}?)(?::\d{1,5})?(?= |$)")
_SERVICE = re.compile(
    r"\(service:? ([\w-]{1,255})[,)]|\bservice \(?\[?([\w-]{1,255})\]?\)? (?:was unable|failed to|is unable|has (?:reached|started|stopped|begun)|\(port|could not)"
    r"|\"(?:service|group)\": ?\"(?:service:)?([\w-]{1,255})\"|\bgroup[=:] ?service:([\w-]{1,255})|--service(?:-name)?[= ]([\w-]{1,255})"
)
_LABELS = re.compile(
    r"^[ \t>*\-|]{0,9}(service|cluster)(?: ?name)?\**[ \t]{0,9}[:=][ \t*`\"]{0,9}([\w-]{1,255})[`\"*]{0,3}[ \t,]{0,9}$",
    re.I | re.M,
)
_CLUSTER = re.compile(
    r"\bclusters/([\w-]{1,255})(?:/services/([\w-]{1,255}))?|--cluster[= ]([\w-]{1,255})|\"cluster(?:Name)?\": ?\"([\w-]{1,255})\""
)
_CONSOLE = re.compile(
    r"(?:^|[./])([a-z0-9-]{5,25})\.console\.aws|[?&]region=([a-z0-9-]{5,25})|\"region\": ?\"([a-z0-9-]{5,25})\""
)
_ACCOUNT_FIELD = re.compile(r"\"account(?:Id)?\": ?\"(\d{12})\"|registry with id '(\d{12})'")
_REPOSITORY_NAME = re.compile(r"repository with name '([^'\s]{1,256})'")
_NOT_CALLED = (
    "docs.",
    "console.",
    "www.",
    "aws.amazon.com",
    "docker.com",
    "github.com",
    "stackoverflow.com",
    "repost.aws",
    "hub.docker",
    "slack.com",
    "atlassian.net",
    "medium.com",
    "dev.to",
    "readthedocs",
    "developer.",
    "support.",
    "learn.",
    "blog",
    "wiki",
    "google.com",
)
_TAIL = ".,:;)\"'`]}*>!?、。"


class Reference(NamedTuple):
    """An image reference, split the way docker does it; nothing is filled in."""

    registry: str | None
    repository: str
    tag: str | None
    digest: str | None


class Arn(NamedTuple):
    """An ARN as it stands in the text."""

    text: str
    service: str
    region: str
    account: str
    resource: str


def split(image: str) -> Reference:
    """Return the parts of *image*."""
    name, _, digest = image.partition("@")
    head, slash, rest = name.partition("/")
    registry = None
    if slash and (head == "localhost" or (("." in head or ":" in head) and head.strip("….*"))):
        registry, name = head, rest
    path, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        path, tag = name, ""
    return Reference(registry, path, tag or None, digest if _DIGEST.fullmatch(digest) else None)


def codes(flat: str) -> list[tuple[int, str]]:
    """Return every ECS error code in *flat* with its place, in the usual spelling."""
    return [(m.start(), _spelling(m)) for m in _CODE.finditer(flat)]


def _spelling(m: re.Match[str]) -> str:
    if m[1]:
        return CODES[m[1].lower()]
    if m[4]:
        return "CannotPullContainerError"
    name = (m[2] or m[3]).replace(" ", "").lower()
    return CODES.get(name + "error", "CannotPullContainerError")


def arns(flat: str) -> list[Arn]:
    """Return the ARNs of *flat*, masked ones included."""
    if "arn:aws" not in flat:
        return []
    return [
        Arn(text, m[1], m[2], m[3], text.split(":", 5)[5])
        for m in _ARN.finditer(flat)
        if (text := _trim(m[0])).count(":") >= 5
    ]


def _trim(token: str) -> str:
    """Return *token* without the punctuation that sticks to its end."""
    while token and token[-1] in _TAIL:
        if token[-1] == ">" and "<" in token[-62:] or token.endswith("..."):
            break
        if token[-1] == "*" and token[-2:-1] in "-/:*":
            break
        token = token[:-1]
    return token


def entities(pasted: Pasted, found_codes: list[tuple[int, str]]) -> Entities:
    """Return what *pasted* names."""
    flat = pasted.flat
    named = arns(flat)
    urls = [m for m in _URL.finditer(flat)] if "://" in flat else []
    out: dict[str, str | None] = {"error_code": found_codes[0][1] if found_codes else None}
    out |= _references(flat, urls)
    out |= _of_arns(named)
    cluster, service = _names(pasted, flat, named)
    out |= {"cluster": cluster, "service": service, "endpoint_host": _endpoint(flat, urls)}
    out |= _place(flat, out, named, urls)
    return Entities(**out)


def _references(flat: str, urls: list[re.Match[str]]) -> dict[str, str | None]:
    image = _image(flat)
    part = split(image) if image else None
    url = next((v for u in urls if (v := _registry_url(u))), None)
    if part is None and url:
        part = url
    named = _REPOSITORY_NAME.search(flat) if part is None else None
    tagged = _STATUS_TAG.search(flat)
    digest = _EXPECTED.search(flat) or _DIGEST.search(flat)
    same = url and part and (url.repository == part.repository or url is part)
    return {
        "image": image,
        "registry": part.registry if part else None,
        "repository": (part.repository or None) if part else named and named[1],
        "tag": (part and part.tag)
        or (url.tag if url and same else None)
        or (tagged and (tagged[1] or tagged[2]))
        or None,
        "digest": (part and part.digest) or (digest and digest[digest.lastindex or 0]) or None,
    }


def _image(flat: str) -> str | None:
    candidates = [(m.start(1), m[1], 0) for m in _IMAGE.finditer(flat)]
    candidates += [(m.start(1), m[1], 1) for m in _IMAGE_AFTER.finditer(flat)]
    for _, token, loose in sorted(candidates, key=lambda c: (c[2], c[0])):
        if (image := _trim(token)) and _is_reference(image, loose=bool(loose)):
            return image
    return None


def _is_reference(token: str, *, loose: bool) -> bool:
    if (
        "://" in token
        or token.endswith(("...", "…", "/"))
        or token.startswith(("arn:", "/", "sha256", "-"))
    ):
        return False
    if not loose:
        return True
    name = token.rpartition("/")[2]
    return (":" in name[1:-1] or "/" in token[1:-1]) and any(c.isalnum() for c in name)


def _registry_url(url: re.Match[str]) -> Reference | None:
    path = url[3] or ""
    if not path.startswith("/v2") or (path[3:4] not in "/:"):
        return None
    registry = url[1] + (url[2] or "")
    v2 = _V2.match(path)
    if not v2 or not v2[1]:
        return Reference(registry, "", None, None)
    value = _trim(v2[3])
    if v2[2] == "blobs" or value.startswith("sha256:"):
        return Reference(registry, v2[1], None, value if _DIGEST.fullmatch(value) else None)
    return Reference(registry, v2[1], None if value.endswith(("...", "…")) else value, None)


def _of_arns(named: list[Arn]) -> dict[str, str | None]:
    def first(*tests: str) -> str | None:
        for test in tests:
            service, _, start = test.partition(" ")
            for arn in named:
                if arn.service == service and arn.resource.startswith(start) and _whole(arn):
                    return arn.text
        return None

    secret = first("secretsmanager secret:", "ssm parameter/")
    if secret and ":secret:" in secret:
        secret = ":".join(secret.split(":")[:7])
    return {
        "role_arn": first("sts assumed-role/", "iam role/"),
        "task_arn": first("ecs task/"),
        "secret_arn": secret,
    }


def _whole(arn: Arn) -> bool:
    return not arn.resource.endswith(("...", "…", "/", ":")) and "..." not in arn.resource


def _names(pasted: Pasted, flat: str, named: list[Arn]) -> tuple[str | None, str | None]:
    cluster = service = None
    for arn in named:
        kind, *names = arn.resource.split("/") if arn.service == "ecs" and _whole(arn) else ("",)
        if kind in ("task", "service", "container-instance") and len(names) > 1:
            cluster = cluster or names[0]
        if kind == "cluster" and names:
            cluster = cluster or names[0]
        if kind == "service" and names:
            service = service or names[-1]
    if found := _SERVICE.search(flat):
        service = service or next(g for g in found.groups() if g)
    for link in _CLUSTER.finditer(pasted.raw) if "luster" in pasted.raw else ():
        cluster = cluster or link[1] or link[3] or link[4]
        service = service or link[2]
    for label in _LABELS.finditer("\n".join(pasted.lines)):
        if label[1].lower() == "service":
            service = service or label[2]
        else:
            cluster = cluster or label[2]
    return cluster, service


def _endpoint(flat: str, urls: list[re.Match[str]]) -> str | None:
    for url in urls:
        host = url[1].rstrip(".")
        before = flat[max(0, url.start() - 14) : url.start()].lower()
        if not any(mark in host for mark in _NOT_CALLED) and "proxy" not in before and "." in host:
            return host
    for pattern in (_LOOKUP, _PULLING):
        for m in pattern.finditer(flat):
            host = m[m.lastindex or 1]
            if "proxyconnect" not in flat[
                max(0, m.start() - 40) : m.start()
            ] and not host.startswith("fs-"):
                return host
    return None


def _place(
    flat: str, out: dict[str, str | None], named: list[Arn], urls: list[re.Match[str]]
) -> dict[str, str | None]:
    """Return account and region: the registry's, else the secret's, the role's, the task's."""
    registry = out["registry"] or ""
    ecr = _ECR.match(registry)
    if ecr:
        return {"account_id": ecr[1] if re.fullmatch(r"\d{12}", ecr[1]) else None, "region": ecr[2]}
    order = ("ecr", "secretsmanager", "ssm", "sts", "iam", "ecs")
    ranked = sorted(
        (a for a in named if a.service != "organizations"),
        key=lambda a: order.index(a.service) if a.service in order else len(order),
    )
    account = next((a.account for a in ranked if re.fullmatch(r"\d{12}", a.account)), None)
    region = next((a.region for a in ranked if _REGION.fullmatch(a.region)), None)
    hosts = [out["endpoint_host"] or "", registry]
    region = region or next((r[1] for h in hosts if (r := _REGION.search(h))), None)
    if not region and (console := _CONSOLE.search(flat)):
        region = next((g for g in console.groups() if g and _REGION.fullmatch(g)), None)
    if not account and (field := _ACCOUNT_FIELD.search(flat)):
        account = field[1] or field[2]
    return {"account_id": account, "region": region}
