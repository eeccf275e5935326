"""Read the names that stand in a message: image, ARNs, account, region, cluster, host.

Nothing is filled in: what docker or AWS would imply is None here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.tokens import DIGEST, URL, Arn, Reference, arns, registry_url, split, trim
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


Names = dict[str, str | None]
_TOKEN = r"(?:<[^<>\s]{1,60}>|[^\s\"'`,;()|<>{}\[\]=]){1,600}"  # noqa: S105 - no password
_HOST = (
    r"(?:[\w*.…-]{1,80}|<[^<>\s]{1,60}>)\.dkr[.-]ecr(?:-fips)?\.[\w-]{1,30}\.(?:on\.)?[a-z]{2,17}(?:\.com?)?(?:\.cn)?"
    r"|public\.ecr\.aws|docker\.io|ghcr\.io|quay\.io|(?:[a-z]{2,4}\.)?gcr\.io|registry\.gitlab\.com"
    r"|mcr\.microsoft\.com|registry\.k8s\.io|docker\.elastic\.co|nvcr\.io|[a-z0-9-]{1,60}-docker\.pkg\.dev"
    r"|[a-z0-9]{1,50}\.azurecr\.io"
)
_IMAGE = re.compile(r"(?<![\w/.@-])((?:" + _HOST + r")(?::\d{2,5})?/" + _TOKEN + ")")
_NAMED_IMAGE = re.compile(
    r"(?:resolve ref(?:erence)?|manifest for|pull access denied for|(?:Error: |: |unpack )image"
    r"|can(?:no|')t pull|repository|[\s,{\[(]\"?image\"?[=:]|pull(?:ing)?(?: image)?)"
    r" ?[\"'\[]*(" + _TOKEN + ")",
    re.IGNORECASE,
)
_PLATFORM = re.compile(r"(?:linux|windows)/\w+", re.IGNORECASE)
_ECR = re.compile(
    r"([^.]{1,60})\.dkr[.-]ecr(?:-fips)?\.([a-z]{2}(?:-[a-z]{2,10}){1,3}-\d)"
    r"\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)(?::\d{1,5})?",
    re.ASCII,
)
_REGION = re.compile(
    r"(?<![a-z0-9])((?:us|eu|ap|sa|ca|me|af|il|cn|mx)(?:-gov|-iso[a-z]?)?-[a-z]{4,10}-\d)(?![a-z0-9])"
)
_EXPECTED = re.compile(r"expected (sha256:[0-9a-f]{64})(?![0-9a-f])")
_TAG = re.compile(
    r"\[manifests ([\w][\w.-]{0,127})\]|\btag \"?'?([\w][\w.-]{0,127})\"?'? (?:does not|doesn't) exist"
)
_LOOKUP = re.compile(
    r"lookup ([\w.<>*-]{1,253}\w) ?(?:on\b|:)|lookup ([\w<>*-]{1,99}(?:\.[\w-]{1,63}){2,9})\b"
)
_PULLING = re.compile(r"pulling from host ([\w.<>*-]{1,253}?)(?::\d{1,5})?(?= |$)")
_SERVICE = re.compile(
    r"\(service:? ([\w-]{1,255})[,)]"
    r"|\bservice \(?\[?([\w-]{1,255})\]?\)? (?:was unable|failed to|is unable|has (?:reached|started|stopped|begun)|\(port|could not|deployment)"
    r"|\"(?:serviceName|service|group)\": ?\"(?:service:)?([\w-]{1,255})\"|\bgroup[=:] ?service:([\w-]{1,255})"
    r"|--service(?:-name)?[= ]([\w-]{1,255})"
)
_LABEL = re.compile(
    r"^[ \t>*|-]{0,9}(service|cluster)(?: ?name)?\**[ \t]{0,9}[:=][ \t*`\"]{0,9}([\w-]{1,255})[`\"*]{0,3}[ \t,]{0,9}$",
    re.IGNORECASE,
)
_CLUSTER = re.compile(
    r"\bclusters/([\w-]{1,255})(?:/services/([\w-]{1,255}))?|--cluster[= ]([\w-]{1,255})"
    r"|\"cluster(?:Name)?\": ?\"([\w-]{1,255})\""
)
_CONSOLE = re.compile(
    r"[/.]([a-z0-9-]{5,25})\.console\.aws|[?&]region=([a-z0-9-]{5,25})|\"(?:aws)?region\": ?\"([a-z0-9-]{5,25})\"",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"\"account(?:Id)?\": ?\"(\d{12})\"|registry with id '(\d{12})'")
_REPOSITORY = re.compile(r"repository with name '([^'\s]{1,256})'")
_TWELVE = re.compile(r"\d{12}", re.ASCII)
# Links that people and messages carry along: nobody called these hosts to pull an image.
_READ = (
    "docs.", "console.", "www.", "aws.amazon.com", "docker.com", "github.com", "stackoverflow.com",
    "repost.aws", "slack.com", "atlassian.net", "medium.com", "dev.to", "readthedocs", "developer.",
    "support.", "learn.", "blog", "wiki", "google.com", "schemas.", "sentry.io", "datadoghq",
)  # fmt: skip
# Whose account and region count, when no ECR reference tells.
_RANK = ("ecr", "secretsmanager", "ssm", "sts", "iam", "ecs")


def entities(pasted: Pasted, code: str | None) -> Entities:
    """Return what *pasted* names; *code* is its error code."""
    flat = pasted.flat
    named = arns(flat)
    urls = list(URL.finditer(flat)) if "://" in flat else []
    out: Names = {"error_code": code, **_references(flat, urls), **_of_arns(named)}
    out |= _places(pasted, named)
    out["endpoint_host"] = _endpoint(flat, urls)
    return Entities(**out, **_owner(pasted, out, named))


def _references(flat: str, urls: list[re.Match[str]]) -> Names:
    image = _image(flat)
    asked = next((v for u in urls if (v := registry_url(u))), None)
    part = (
        split(image) if image else asked or Reference(None, _first(_REPOSITORY, flat), None, None)
    )
    digest = part.digest or _first(_EXPECTED, flat)
    if not digest and (layer := DIGEST.search(flat)):
        digest = layer[0]
    same = asked and asked.repository == part.repository
    return {
        "image": image,
        "registry": part.registry,
        "repository": part.repository,
        "tag": part.tag or (asked.tag if asked and same else None) or _first(_TAG, flat),
        "digest": digest,
    }


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    """Return the group that the first match of *pattern* in *text* has filled."""
    m = pattern.search(text)
    return m[m.lastindex or 0] if m else None


def _image(flat: str) -> str | None:
    """Return the first reference with a known registry, else the first that a sentence names."""
    for m in _IMAGE.finditer(flat) if "/" in flat else ():
        if _complete(image := trim(m[1])):
            return image
    for m in _NAMED_IMAGE.finditer(flat):
        image = trim(m[1])
        if _complete(image) and _looks_like_one(image):
            return image
    return None


def _complete(image: str) -> bool:
    return "://" not in image and not image.endswith(("...", "…", "/"))


def _looks_like_one(image: str) -> bool:
    if image.startswith(("arn:", "/", "sha256", "-")) or _PLATFORM.match(image):
        return False
    name = image.rpartition("/")[2]
    return (":" in name[1:-1] or "/" in image[1:-1]) and any(c.isalnum() for c in name)


def _of_arns(named: list[Arn]) -> Names:
    def first(*kinds: str) -> str | None:
        for kind in kinds:
            service, _, start = kind.partition(" ")
            for arn in named:
                if arn.service == service and arn.resource.startswith(start) and arn.whole:
                    return arn.text
        return None

    secret = first("secretsmanager secret:", "ssm parameter/")
    if secret and ":secret:" in secret:  # a valueFrom goes on with a key and a version
        secret = ":".join(secret.split(":")[:7])
    return {
        "role_arn": first("sts assumed-role/", "iam role/"),
        "task_arn": first("ecs task/"),
        "secret_arn": secret,
    }


def _places(pasted: Pasted, named: list[Arn]) -> Names:
    """Return cluster and service, of ARNs, sentences, console links, options and labels."""
    seen: dict[str, list[str | None]] = {"cluster": [], "service": []}
    for arn in named:
        kind, *names = arn.resource.split("/")
        if arn.service == "ecs" and arn.whole and names:
            if kind == "cluster" or (kind in ("task", "service") and len(names) > 1):
                seen["cluster"].append(names[0])
            if kind == "service":
                seen["service"].append(names[-1])
    if "ervice" in pasted.flat:
        seen["service"].append(_first(_SERVICE, pasted.flat))
    if "luster" in pasted.raw and (link := _CLUSTER.search(pasted.raw)):
        seen["cluster"].append(link[1] or link[3] or link[4])
        seen["service"].append(link[2])
    for line in pasted.lines[:400]:
        if len(line) < 400 and ("ervice" in line or "luster" in line) and (m := _LABEL.match(line)):
            seen[m[1].lower()].append(m[2])
    return {kind: next((name for name in names if name), None) for kind, names in seen.items()}


def _endpoint(flat: str, urls: list[re.Match[str]]) -> str | None:
    """Return the host that was called, never a link to read and never a proxy."""
    for url in urls:
        host = url[1].rstrip(".")
        before = flat[max(0, url.start() - 14) : url.start()].lower()
        if "." in host and "proxy" not in before and not any(mark in host for mark in _READ):
            return host
    for pattern in (_LOOKUP, _PULLING):
        for m in pattern.finditer(flat):
            host = m[m.lastindex or 1]
            proxied = "proxyconnect" in flat[max(0, m.start() - 40) : m.start()]
            if not proxied and not host.startswith("fs-"):
                return host
    return None


def _owner(pasted: Pasted, out: Names, named: list[Arn]) -> Names:
    """Return account and region: the registry's, else the secret's, the role's, the task's."""
    if ecr := _ECR.fullmatch(out["registry"] or ""):
        masked = _TWELVE.fullmatch(ecr[1]) is None
        return {"account_id": None if masked else ecr[1], "region": ecr[2]}
    ranked = sorted(
        (arn for arn in named if arn.service != "organizations"),
        key=lambda arn: _RANK.index(arn.service) if arn.service in _RANK else len(_RANK),
    )
    account = next((arn.account for arn in ranked if _TWELVE.fullmatch(arn.account)), None)
    region = next((arn.region for arn in ranked if _REGION.fullmatch(arn.region)), None)
    region = region or _first(_REGION, f"{out['endpoint_host']} {out['registry']}")
    if not region and (field := _first(_CONSOLE, pasted.raw)) and _REGION.fullmatch(field):
        region = field
    return {"account_id": account or _first(_ACCOUNT, pasted.flat), "region": region}
