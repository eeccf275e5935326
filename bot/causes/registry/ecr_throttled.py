"""Amazon ECR throttles: too many logins or pulls a second in this account and Region.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
"""

from __future__ import annotations

from bot.facts import ImageReference, Recorded, Subject
from bot.model import Call, Cause, Confirmed, RuledOut, Verdict

THROTTLED = "ecr-rate-limit"
ELSEWHERE = {"secretsmanager", "ssm"}  # they throttle in the same words


def decide(subject: Subject, image: ImageReference, recorded: Recorded) -> Verdict:
    """Believe what ECS recorded: a quota of a second is long over when anybody asks."""
    login = recorded.symptom.stage == "S3" or recorded.symptom.target == "ecr-api"
    seen = {
        "image": image.written,
        "container": image.container,
        "account": subject.account if login else image.account or subject.account,
        "region": subject.region if login else image.region or subject.region,
        "login": login,
        "public": image.registry == "ecr-public",
    }
    said = recorded.symptom
    if said.family != THROTTLED or said.target in ELSEWHERE:
        return RuledOut(seen)
    if image.registry not in ("ecr", "ecr-public"):
        return RuledOut(seen)
    return Confirmed(seen)


def advise(image: ImageReference) -> tuple[Call, ...]:
    """Read the quotas; whether to ask for more is a person's decision."""
    code = "ecr-public" if image.registry == "ecr-public" else "ecr"
    more = {"ServiceCode": code, "QuotaCode": "<code of the quota>", "DesiredValue": "<value>"}
    return (
        Call("service-quotas", "list_service_quotas", {"ServiceCode": code}),
        Call("service-quotas", "request_service_quota_increase", more),
    )


CAUSE = Cause(
    id="ecr-throttled",
    group="registry",
    stage="S3",
    until="S5",
    families=("ecr-rate-limit",),
    registries=("ecr", "ecr-public"),
    decide=decide,
    advise=advise,
)
