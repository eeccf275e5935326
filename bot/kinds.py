"""Tell an incident from talk about one: whether a text is an ECS failure at all."""

from __future__ import annotations

import re
from typing import Literal

from bot.patterns import Found

Kind = Literal["pull", "near-miss", "negative"]

# Words that say more than the code in front of them does.
_BEFORE_CODES = frozenset({"not-pull:logger", "not-pull:env-file", "not-pull:efs-volume"})
_AT_START = frozenset(
    f"not-pull:container-{step}" for step in ("create", "start", "stop", "inspect")
)
# Words that follow from a failed pull as often as from anything else.
_WEAK = frozenset(
    f"not-pull:{name}"
    for name in (
        "container-exited", "deployment", "agent-error", "registration", "agent-disconnected",
        "placement", "capacity", "health-check",
    )
)  # fmt: skip
_BY_CODE = {
    "CannotCreateContainerError": "not-pull:container-create",
    "CannotStartContainerError": "not-pull:container-start",
    "CannotInspectContainerError": "not-pull:container-inspect",
    "CannotStopContainerError": "not-pull:container-stop",
    "CannotCreateVolumeError": "not-pull:volume",
    "DockerTimeoutError": "not-pull:docker-timeout",
    "ContainerRuntimeTimeoutError": "not-pull:docker-timeout",
    "OutOfMemoryError": "not-pull:oom",
}
_ERROR_FIRST = re.compile(
    r"\W{0,6}(?:RequestError|AccessDenied|UnableToGet|error[: ]|unable to retrieve|.{0,40}`AccessDenied)",
    re.IGNORECASE,
)
# A line of a program that mentions an error, in any of the usual languages.
_CODE_LINE = re.compile(
    r"re\.compile\(|^\s*(?:def|class|func|fn|import|from \w+ import|elif|except|raise|assert|switch|case|package|export|public|private|@\w+\()\b.*[:({;\"']\s*$"
    r"|^\s*(?:if|while|for|return|elif)\b.{0,300}(?:\bin\b|==|!=|\(|\"\"\"|&&|\|\|)|^\s*(?:const|let|var|val|final|static)\s+\w+.{0,80}[=({]"
    r"|^\s*[\w.]{1,80}\((?:.{0,400}[\"'].{0,400})\)[;,]?\s*$|^\s*[\w.\[\]]{1,60}\s+:?=\s+(?:[\[({]|re\.|new |f?[\"'].{0,400}[\"'][;,]?\s*$)"
    r"|=>\s*[{(\"']|\bstrings\.Contains|\berrors\.New|\bassert\w*\(|\.(?:includes|contains|startsWith|indexOf|test|match|matches|append)\(|^[+-]\s{2,}\S.*[;{},]$|^@@ |console\.(?:log|error)\(|fmt\.\w+f?\("
)
_LITERAL = re.compile(
    r"^\s*[rbuf]{0,2}[\"'].*[\"'][,)\]};]*\s*$|^\s*[\"']?[\w-]+[\"']?:\s*(?:re\.compile|/).*$"
)
_OPENS = re.compile(r"[(\[{]\s*$")
_CLOSES = re.compile(r"^\s*[)\]}]+[;,.]?\s*$")
_TRACE = re.compile(
    r"Traceback \(most|^\s*File \"[^\"]+\", line \d+|^\s+at [\w.$]+\([\w.]+:\d+\)|Exception: |Error: .*\(RequestToken",
    re.M,
)
_OCCURRED = re.compile(
    r"has been retried \d+ time ?\(s\)|error response from daemon|arn:aws|amazonaws\.com|dial tcp|requestid: ?[0-9a-f]|request id: ?[0-9a-f]"
    r"|API error \(\d+\)|https?://|StatusCode: \d",
    re.I,
)
_COMMAND = re.compile(
    r"^\s*(?:[\w@~:./-]{0,60}[$#>%❯]\s*|\(\w+\)\s*|I ran:?\s*|\+\s*)?(?:sudo\s+)?(?:docker|podman|nerdctl|finch|ctr|crictl|crane|skopeo|docker-compose)\s+(?:-\S+\s+)*(?:image\s+|compose\s+|images\s+|--\S+\s+)*(?:pull|run|push|build|login|up|tag|create|copy|inspect|manifest)\b"
    r"|locally\s*$|^Using default tag:|See 'docker run|^docker: Error|^\s*[0-9a-f]{12}: (?:Waiting|Pulling|Download|Already|Verifying|Pull complete|Extracting|Retrying)|^Trying to pull |^ctr: |FATA\[",
    re.I | re.M,
)
_TITLE = re.compile(
    r"^\W{0,4}(?:(?:fix|feat|chore|docs|refactor|test|ci|build|perf|bug|feature|enhancement|bugfix)(?:\([^)]{1,40}\))?!?\s?(?::|-\s)"
    r"|(?:fix(?:e[sd])?|add(?:s|ed)?|handle[sd]?|retry|retries|improve[sd]?|bump|document(?:s|ed)?|resolve[sd]?|avoid(?:s|ed)?|ignore[sd]?|detect|support|implement(?:s|ed)?|prevent(?:s|ed)?|surface|treat|classify|merge pull request)\s+[^:]{0,90}\b(?:cannotpull|resourceinit|pull|error))",
    re.I,
)
_PAST = re.compile(
    r"\b(?:(?:fixed|solved|resolved) (?:it|this|that|by|the|for|my|our|with|when|in)|turned out|turns out|never ?mind|nvm|closing|no longer|went away|was (?:fixed|solved|resolved|caused by|due to)|(?:is|are|was) gone|back to normal|works now|working now|thanks|thank you|root cause was|used to (?:see|get|fail))\b",
    re.I,
)
_STILL = re.compile(
    r"\b(?:still|again|but now|keeps?|why|help|any ?(?:one|body|ideas?)|now (?:it|i|we|they)|instead)\b|\?",
    re.I,
)
_TROUBLE = re.compile(
    r"\b(?:i|we|my|our|us|me)\b|\b(?:why|help|fails?|failed|failing|stuck|cannot start|stops?|stopped|won't|doesn't|unable|getting|anyone)\b|[?!]|失敗|エラー|起動|助け|报错|失败|falla|échoue|schlägt|fehl|실패|오류|erro\b|falha",
    re.I,
)
_HOWTO = re.compile(
    r"\b(?:if (?:you|your|the task|a task|it|tasks)|when you|that is expected|this (?:error )?(?:means|occurs|happens|indicates)|common (?:causes|errors)|to (?:fix|resolve|avoid|troubleshoot) (?:this|the|a|it)|you (?:may|might|will|can|could) (?:see|get|encounter|run into)|is (?:returned|raised|thrown) when|refers to|the following (?:error|reasons)|such as|e\.g\.|for example)\b",
    re.I,
)
_WORDS = re.compile(r"[^\W\d_]{2,}", re.U)
_CODE_NAME = re.compile(
    r"Cannot\s?Pull\s?\w*|ContainerPullError|ResourceInitializationError|TaskFailedToStart", re.I
)


def without_code(lines: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Return *lines* less those of programs and tables, and what was left out: code or docs."""
    if _TRACE.search("\n".join(lines[:200])):
        return lines, None
    kept: list[str] = []
    dropped: str | None = None
    depth = False
    for line in lines:
        if (
            line.count("|") >= 2
            and (line.lstrip().startswith("|") or line.endswith("|"))
            and not _OCCURRED.search(line)
        ):
            dropped = "docs"
        elif line.rstrip().endswith(" |") and not _OCCURRED.search(line):
            dropped = "docs"
        elif _CODE_LINE.search(line[:1000]) and not line.lstrip().startswith(("#", ">", "{")):
            dropped, depth = "code", depth or _OPENS.search(line) is not None
        elif depth and (_LITERAL.match(line[:1000]) or _CLOSES.match(line)):
            depth = _CLOSES.match(line) is None
        else:
            kept.append(line)
    return (tuple(kept), dropped) if dropped else (lines, None)


def kind(
    lines: tuple[str, ...], flat: str, seen: Found, named: list[str]
) -> tuple[Kind, str | None]:
    """Return what *flat* is, with the family where that is already decided.

    *named* are its error codes. A failed pull beats the other failures of a task, which
    often only follow from it.
    """
    pulling = any("Pull" in code for code in named)
    cause = bool(seen.pull) or "denial" in seen.context
    ecs = bool(named) or "ecs" in seen.context
    if not pulling and (other := _other_failure(seen, named)):
        around = _surroundings(lines, seen, ecs=ecs)
        return ("negative", around) if around else ("near-miss", other)
    said = pulling or "staged" in seen.context or ("engine" in seen.context and cause)
    said = said or "denial" in seen.context or (cause and ("ecs" in seen.context or _bare(flat)))
    if not said:
        return "negative", "negative:mention" if cause or seen.context else None
    if around := _surroundings(lines, seen, ecs=ecs):
        return "negative", around
    return ("negative", "negative:mention") if _talk(flat, cause=cause) else ("pull", None)


def _other_failure(seen: Found, named: list[str]) -> str | None:
    """Return the near-miss that *seen* shows, unless the words of a pull outweigh it."""
    families = [row.family for row in seen.near]
    if not families:
        return None
    coded = next((f for code in named if (f := _BY_CODE.get(code)) in families), None)
    first = families[0]
    if (
        "staged" in seen.context
        and first not in _BEFORE_CODES
        and not (coded and first in _AT_START)
    ):
        return None
    if first in _WEAK and seen.pull and {"engine", "denial"} & seen.context:
        return None
    return first if first in _BEFORE_CODES else coded or first


def _surroundings(lines: tuple[str, ...], seen: Found, *, ecs: bool) -> str | None:
    """Return the negative family that the surroundings of a message stand for, if any."""
    if ecs:
        return None
    if "kubernetes" in seen.context:
        return "negative:kubernetes"
    if _COMMAND.search("\n".join(lines)):
        return "negative:local-docker"
    if "build" in seen.context:
        return "negative:build-or-ci"
    if {"other-principal", "other-aws"} & seen.context:
        return "negative:other-aws"
    return None


def _bare(flat: str) -> bool:
    """Tell whether *flat*, without any frame, begins with the error itself."""
    start = _ERROR_FIRST.match(flat)
    return start is not None and "." not in start[0]


def _talk(flat: str, *, cause: bool) -> bool:
    """Tell whether *flat* only talks about the error: a title, a thank-you, a how-to."""
    words = len(_WORDS.findall(flat[:3000]))
    if _TITLE.match(flat) and words < 40 and not _TRACE.search(flat):
        return True
    occurred = _OCCURRED.search(flat) is not None
    if _PAST.search(flat) and not _STILL.search(flat) and not occurred:
        return True
    if cause:
        return not occurred and _HOWTO.search(flat) is not None and words > 14
    rest = _CODE_NAME.sub(" ", flat)
    if _HOWTO.search(flat) and words > 8:
        return True
    if len(_WORDS.findall(rest)) + rest.count("。") * 5 < 9:
        return False
    named = _CODE_NAME.search(flat)
    asked = _TROUBLE.search(flat) is not None
    told = (
        re.search(r"(?:Error|errors?)\"?:? ?\S", flat) is not None
        and re.search(r"Error: ", flat) is not None
    )
    return not occurred and not (named and asked and told) and not told
