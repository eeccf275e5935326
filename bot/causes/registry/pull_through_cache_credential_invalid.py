"""The secret with which a cache logs in upstream is missing, unusable to ECR, or refused there.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
"""

from __future__ import annotations

from bot.caching import SECRETS, login_fault, missed, rule_of, secret_name
from bot.facts import (
    AskedImage,
    CacheCredential,
    CacheRules,
    CacheValidation,
    ImageReference,
    Repository,
)
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict


def decide(
    image: ImageReference,
    rules: CacheRules,
    repository: Repository,
    asked: AskedImage,
    secret: CacheCredential | Unknown,
    validation: CacheValidation | Unknown,
) -> Verdict:
    rule = missed(image, rules, repository, asked)
    seen = {"image": image.written, "container": image.container}
    if rule is None or rule.credential is None:
        return RuledOut(seen)
    seen |= {"prefix": rule.prefix, "upstream": rule.host, "secret": secret_name(rule.credential)}
    if isinstance(validation, CacheValidation) and validation.valid is True:
        return RuledOut(seen)
    kind = login_fault(image, rule.credential, secret)
    if kind:
        return Confirmed({**seen, "kind": kind, "failure": ""})
    if isinstance(validation, CacheValidation) and validation.valid is False:
        return Confirmed({**seen, "kind": "refused", "failure": validation.failure})
    open_ = tuple(u for u in (secret, validation) if isinstance(u, Unknown))
    return Undecided(open_) if open_ else RuledOut(seen)


def advise(image: ImageReference, rules: CacheRules, secret: CacheCredential) -> tuple[Call, ...]:
    """Restore the secret, renew what is in it, or name another one; then let ECR try it."""
    rule = rule_of(rules, image.repository)
    if rule is None or rule.credential is None:
        return ()
    named = {"registryId": image.account, "ecrRepositoryPrefix": rule.prefix}
    tried = Call("ecr", "validate_pull_through_cache_rule", named)
    if secret.deleted_at is not None:
        return (Call("secretsmanager", "restore_secret", {"SecretId": secret.arn}), tried)
    if not secret.exists or login_fault(image, rule.credential, secret):
        other = {**named, "credentialArn": f"<arn of a secret {SECRETS}... with the default key>"}
        return (Call("ecr", "update_pull_through_cache_rule", other), tried)
    value = '{"username":"<user>","accessToken":"<access token>"}'
    put = {"SecretId": rule.credential, "SecretString": value}
    return (Call("secretsmanager", "put_secret_value", put), tried)


CAUSE = Cause(
    id="pull-through-cache-credential-invalid",
    group="registry",
    stage="S4",
    families=(
        "pull-through-cache-failure",
        "repository-policy-denied",
        "ecr-auth-permission",
        "image-or-tag-not-found",
    ),
    registries=("ecr",),
    decide=decide,
    advise=advise,
)
