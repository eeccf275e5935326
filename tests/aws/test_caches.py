"""What the registry tells of its pull-through caches and its own policy, and what is not asked."""

import json
from datetime import UTC, datetime

import pytest

from bot.aws.accounts import RegistryAccount, WorkloadAccount
from bot.aws.caches import (
    cache_credential,
    cache_rules,
    cache_validation,
    granted_before,
    hub_caches,
    registry_policy,
)
from bot.aws.reference import split
from bot.aws.rights import hub_cache_permissions, import_permissions, kept_secret_permissions
from bot.aws.secrets import kept_secrets
from bot.facts import (
    CacheCredential,
    CacheRule,
    CacheRules,
    CacheValidation,
    Container,
    ExecutionRole,
    GrantedBefore,
    HubCachePermissions,
    HubCaches,
    ImportPermissions,
    KeptSecretPermissions,
    KeptSecrets,
    KnownRegistries,
    Recorded,
    RegistryPolicy,
    Repository,
    TaskDefinition,
)
from bot.model import CannotTell, Unknown
from bot.policy_steps import INLINE_NAME
from bot.symptom import EMPTY, parse
from tests.cases.building import FAR_LAYER, MALFORMED, NOT_FOUND, PRIVATE, RATE

ACCOUNT, REGION = "222233334444", "eu-west-1"
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
IMAGE = split(f"{HOST}/docker-hub/acme/shop:v1", "app")
ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/docker-hub/acme/shop"
GONE, THERE = (Repository(IMAGE.repository, ARN, exists=e) for e in (False, True))
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ecr-pullthroughcache/hub-a1b2c3"
HUB = CacheRule("docker-hub", "docker-hub", "registry-1.docker.io", SECRET)
RULES = CacheRules((HUB,))
ROLE = ExecutionRole(f"arn:aws:iam::{ACCOUNT}:role/web", "web", exists=True)
NOBODY = ExecutionRole(None)
NOWHERE = KnownRegistries()
QUIET = Recorded(EMPTY)
FORBIDDEN = (
    f"CannotPullContainerError: failed to resolve ref {IMAGE.written}: pulling from host {HOST} "
    "failed with status code [manifests v1]: 403 Forbidden"
)
LIST = {
    "pullThroughCacheRules": [
        {"ecrRepositoryPrefix": "docker-hub", "upstreamRegistryUrl": "registry-1.docker.io",
         "credentialArn": SECRET},
        {"ecrRepositoryPrefix": "team", "upstreamRegistryUrl": "1.dkr.ecr.x.amazonaws.com",
         "upstreamRegistry": "ecr", "customRoleArn": "arn:r", "upstreamRepositoryPrefix": "prod"},
    ]
}  # fmt: skip


def said(text):
    return Recorded(parse(text))


@pytest.fixture
def registry(door):
    return lambda **answers: RegistryAccount(door(answers))


@pytest.fixture
def here(door):
    return lambda **answers: WorkloadAccount(door(answers))


def simulated(decision="allowed"):
    """A simulator that decides everything alike."""

    def answer(params):
        results = [{"EvalActionName": a, "EvalDecision": decision} for a in params["ActionNames"]]
        return {"EvaluationResults": results}

    return answer


# --- rules


def test_the_rules_are_asked_for_where_the_repository_is_missing(registry):
    """
    All at once: to ask for one prefix is an error where there is none.
    """
    account = registry(describe_pull_through_cache_rules=LIST)
    found = cache_rules(account, IMAGE, GONE, NOWHERE, QUIET, EMPTY)

    assert HUB == found.items[0]
    assert ("ecr", "prod", "arn:r") == (
        found.items[1].upstream,
        found.items[1].upstream_prefix,
        found.items[1].custom_role,
    )
    assert [{"registryId": ACCOUNT}] == [c.params for c in account.door.asked]


@pytest.mark.parametrize("text", [NOT_FOUND.format(IMAGE.written), FORBIDDEN, FAR_LAYER])
def test_the_rules_of_a_repository_that_is_there(registry, text):
    """
    An image in a namespace may come from a cache, if it failed as one does: told by either text.
    """
    for recorded, asked in ((said(text), EMPTY), (QUIET, parse(text))):
        account = registry(describe_pull_through_cache_rules=LIST)
        assert 2 == len(cache_rules(account, IMAGE, THERE, NOWHERE, recorded, asked).items)


def test_rules_that_cannot_matter_are_not_asked_for(registry):
    """
    Another registry, a name or a Region that there is none of, a pull that failed otherwise.
    """
    account = registry()
    plain = split(f"{HOST}/shop:v1", "app")
    odd = split(f"{HOST}/Shop--:v1", "app")
    missing = said(NOT_FOUND.format(plain.written))
    nowhere = RegistryAccount(type(account.door)({}, region="nowhere-1"))

    for there, image, found, recorded in (
        (account, split("redis:7", "app"), GONE, QUIET),
        (account, odd, GONE, QUIET),
        (nowhere, IMAGE, GONE, QUIET),
        (account, plain, Repository("shop", ARN, exists=True), missing),
        (account, IMAGE, THERE, QUIET),
        (account, IMAGE, THERE, said(RATE)),
        (account, IMAGE, THERE, Unknown("Recorded", "x")),
    ):
        assert CacheRules() == cache_rules(there, image, found, NOWHERE, recorded, EMPTY)
    assert [] == account.door.asked


def test_caches_of_docker_hub_beside_the_task(here):
    """
    They are looked for once its limit is reached.
    """
    account, image = here(describe_pull_through_cache_rules=LIST), split("redis:7", "app")

    assert HubCaches(("docker-hub",)) == hub_caches(account, image, said(RATE), EMPTY)
    assert HubCaches() == hub_caches(here(), image, QUIET, EMPTY)
    assert HubCaches() == hub_caches(here(), IMAGE, said(RATE), EMPTY)


# --- credentials


def test_the_secret_of_the_rule(registry):
    """
    There, deleted, with a key, or not there; its value is never asked for.
    """
    gone = datetime(2026, 1, 1, tzinfo=UTC)
    answer = {"ARN": SECRET, "DeletedDate": gone, "KmsKeyId": "key"}
    account = registry(describe_secret=answer)

    found = cache_credential(account, IMAGE, RULES)
    assert CacheCredential(SECRET, exists=True, deleted_at=gone, kms_key="key") == found
    assert CacheCredential(SECRET) == cache_credential(registry(), IMAGE, RULES)
    assert ["describe_secret"] == [c.operation for c in account.door.asked]


def test_secrets_that_are_not_asked_for(registry):
    """
    No rule, no credentials, or a secret that ECR would not read either.
    """
    account = registry()
    far = SECRET.replace(REGION, "us-east-1")
    elsewhere = CacheRules((CacheRule("docker-hub", "docker-hub", "h", far),))
    bare = CacheRules((CacheRule("docker-hub", "quay", "quay.io"),))

    assert CacheCredential() == cache_credential(account, IMAGE, CacheRules())
    assert CacheCredential() == cache_credential(account, IMAGE, bare)
    assert CacheCredential(far) == cache_credential(account, IMAGE, elsewhere)
    assert [] == account.door.asked


def test_ecr_tries_the_login_only_where_the_failure_points_there(registry):
    """
    It is a call to somebody else's registry.
    """
    answer = {"isValid": False, "failure": "token expired"}
    account = registry(validate_pull_through_cache_rule=answer)

    found = cache_validation(account, IMAGE, RULES, said(FORBIDDEN), EMPTY)
    assert CacheValidation(valid=False, failure="token expired") == found
    for recorded in (QUIET, said(NOT_FOUND.format(IMAGE.written))):
        assert CacheValidation() == cache_validation(registry(), IMAGE, RULES, recorded, EMPTY)
    assert CacheValidation() == cache_validation(
        registry(), IMAGE, CacheRules(), said(FORBIDDEN), EMPTY
    )
    assert CacheValidation() == cache_validation(registry(), IMAGE, RULES, said(FORBIDDEN), EMPTY)


# --- the policy of the registry


def test_the_policy_and_its_scope(registry, here):
    """
    Asked for where ECR refused, where a cache is to import, and across accounts.
    """
    document = {"Version": "2012-10-17", "Statement": []}
    answers = {
        "get_registry_policy": {"policyText": json.dumps(document)},
        "get_account_setting": {"value": "V2"},
    }
    foreign = split(f"333344445555.dkr.ecr.{REGION}.amazonaws.com/shop:v1", "app")
    none = CacheRules()

    for image, rules, recorded in (
        (IMAGE, none, said(FORBIDDEN)),
        (IMAGE, RULES, QUIET),
        (foreign, none, QUIET),
        (foreign, Unknown("CacheRules", "x"), QUIET),
    ):
        found = registry_policy(registry(**answers), here(), image, rules, recorded, EMPTY)
        assert RegistryPolicy(document, "V2") == found
    assert RegistryPolicy() == registry_policy(registry(), here(), foreign, none, QUIET, EMPTY)


def test_a_policy_that_cannot_matter_is_not_asked_for(registry, here):
    """
    Nothing was refused, another registry, or IAM blamed another policy or the login.
    """
    account = registry()
    blamed = (
        "CannotPullContainerError: AccessDeniedException: User: arn:aws:sts::222233334444:assumed-"
        "role/web/1 is not authorized to perform: ecr:BatchGetImage on resource: arn:x because no "
        "identity-based policy allows the ecr:BatchGetImage action"
    )
    for image, recorded in (
        (IMAGE, QUIET),
        (IMAGE, Unknown("Recorded", "x")),
        (IMAGE, said(blamed)),
        (IMAGE, said(blamed.replace("BatchGetImage", "GetAuthorizationToken"))),
        (split("redis:7", "app"), said(RATE)),
    ):
        found = registry_policy(account, here(), image, CacheRules(), recorded, EMPTY)
        assert RegistryPolicy() == found
    assert [] == account.door.asked


# --- what the role may


def test_what_an_import_takes(here):
    """
    A new repository takes one permission more; without a rule nobody is asked.
    """
    account = here(simulate_principal_policy=simulated())
    both = import_permissions(account, ROLE, IMAGE, RULES, GONE)
    one = import_permissions(account, ROLE, IMAGE, RULES, THERE)

    assert {(ARN, "allowed")} == {(p.resource, p.decision) for p in both.items}
    assert ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"] == [
        p.action for p in both.items
    ]
    assert ["ecr:BatchImportUpstreamImage"] == [p.action for p in one.items]
    silent = here()
    assert ImportPermissions() == import_permissions(silent, ROLE, IMAGE, CacheRules(), GONE)
    assert ImportPermissions() == import_permissions(silent, NOBODY, IMAGE, RULES, GONE)
    assert [] == silent.door.asked


def test_what_a_first_pull_through_a_cache_takes(here):
    """
    Login, reading, creating and importing, all on the repository that there will be.
    """
    account, image = here(simulate_principal_policy=simulated()), split("redis:7", "app")
    found = hub_cache_permissions(account, ROLE, image, HubCaches(("hub",)))

    assert 5 == len(found.items)
    assert f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/hub/library/redis" == found.items[1].resource
    none = hub_cache_permissions(here(), ROLE, image, HubCaches())
    assert HubCachePermissions() == none


def test_what_an_earlier_fix_granted(here):
    """
    Only the bot's own policy is read, and only where a fix would add to it.
    """
    document = {"Statement": []}
    account = here(get_role_policy={"PolicyDocument": document})
    none = KeptSecrets()

    assert GrantedBefore(document) == granted_before(account, ROLE, IMAGE, RULES, none)
    assert INLINE_NAME == account.door.asked[0].params["PolicyName"]
    assert GrantedBefore() == granted_before(here(), ROLE, IMAGE, RULES, none)
    silent = here()
    for role, rules in ((ROLE, CacheRules()), (NOBODY, RULES), (ROLE, Unknown("CacheRules", "x"))):
        assert GrantedBefore() == granted_before(silent, role, IMAGE, rules, none)
    assert [] == silent.door.asked


# --- secrets that may be meant


def secret(name, **more):
    return {"ARN": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}", "Name": name, **more}


def definition(image, credentials=None):
    app = Container("app", image.written, credentials=credentials)
    return TaskDefinition("arn:td", "web", 7, None, None, "awsvpc", (app,))


SHOP = split("registry.example.com/acme/shop:1", "app")
ASKED = said(PRIVATE)


def test_secrets_that_speak_of_a_registry(here):
    """
    Those that name the registry come first, then those that name the image; five at most.
    """
    many = [secret(f"quay-{n}") for n in range(9)]
    account = here(
        list_secrets={
            "SecretList": [
                *many,
                secret("database/shop"),
                secret("docker/shop"),
                secret("prod/pull", Tags=[{"Key": "for", "Value": "registry.example.com"}]),
                secret("x1", Description="Login of our registry for acme shop"),
            ]
        }
    )
    found = kept_secrets(account, definition(SHOP), SHOP, ASKED, EMPTY)

    assert ["prod/pull", "x1", "docker/shop", "quay-0", "quay-1"] == [s.name for s in found.items]


def test_secrets_that_no_task_could_use(here):
    """
    Of caches, of services, with a key of their own, or on the way out.
    """
    account = here(
        list_secrets={
            "SecretList": [
                secret("ecr-pullthroughcache/docker-hub"),
                secret("docker-of-rds", OwningService="rds"),
                secret("docker-with-key", KmsKeyId="arn:aws:kms:eu-west-1:1:key/1"),
                secret("docker-gone", DeletedDate=datetime(2026, 1, 1, tzinfo=UTC)),
            ]
        }
    )

    assert () == kept_secrets(account, definition(SHOP), SHOP, ASKED, EMPTY).items


def test_a_new_secret_gets_a_name_that_none_has(here):
    """
    Nor one that waits for its deletion, which AWS keeps the name for; ECS takes no other's.
    """
    name = "ecs-pull/registry.example.com/login"
    gone = {"DeletedDate": datetime(2026, 1, 1, tzinfo=UTC)}
    account = here(list_secrets={"SecretList": [secret(name, **gone), secret(f"{name}-2")]})

    found = kept_secrets(account, definition(SHOP), SHOP, ASKED, EMPTY)

    assert f"{name}-3" == found.free
    (asked,) = account.door.asked
    assert {"IncludePlannedDeletion": True} == asked.params


def test_a_malformed_secret_is_replaced_by_a_new_one_alone(here):
    """
    Another secret that is there belongs to somebody else's trouble.
    """
    account = here(list_secrets={"SecretList": [secret("docker/shop")]})
    bad = said(MALFORMED.format("authorization data: empty secrets value"))

    found = kept_secrets(account, definition(SHOP, "hub"), SHOP, bad, EMPTY)

    assert KeptSecrets((), "ecs-pull/registry.example.com/login") == found


def test_secrets_are_listed_only_where_credentials_are_missing(here):
    """
    They are set, nobody asked for a login, ECR is meant, or what is public.
    """
    account = here()
    for image, credentials, recorded in (
        (SHOP, "hub", ASKED),
        (SHOP, None, QUIET),
        (SHOP, None, said(RATE)),
        (IMAGE, None, ASKED),
        (split("redis:7", "app"), None, ASKED),
    ):
        those = definition(image, credentials)
        assert KeptSecrets() == kept_secrets(account, those, image, recorded, EMPTY)
    assert [] == account.door.asked


def test_whether_the_role_may_read_them(here):
    """
    Each is asked about on its own.
    """
    account = here(
        list_secrets={"SecretList": [secret("docker-a"), secret("docker-b")]},
        simulate_principal_policy=simulated("implicitDeny"),
    )
    kept = kept_secrets(account, definition(SHOP), SHOP, ASKED, EMPTY)

    found = kept_secret_permissions(account, ROLE, kept)
    assert [s.arn for s in kept.items] == [p.resource for p in found.items[:-1]]
    assert f":secret:{kept.free}-" in found.items[-1].resource
    assert KeptSecretPermissions() == kept_secret_permissions(here(), NOBODY, kept)


def test_what_may_not_be_read_is_not_taken_for_absent(registry, here):
    """
    Each refusal names its grant.
    """
    denied = CannotTell("denied x:Read", "x:Read")
    for ask in (
        lambda: cache_rules(
            registry(describe_pull_through_cache_rules=denied), IMAGE, GONE, NOWHERE, QUIET, EMPTY
        ),
        lambda: cache_credential(registry(describe_secret=denied), IMAGE, RULES),
        lambda: registry_policy(
            registry(get_registry_policy=denied), here(), IMAGE, RULES, QUIET, EMPTY
        ),
        lambda: registry_policy(
            registry(get_registry_policy={"policyText": "{}"}, get_account_setting=denied),
            here(), IMAGE, RULES, QUIET, EMPTY,
        ),
        lambda: kept_secrets(here(list_secrets=denied), definition(SHOP), SHOP, ASKED, EMPTY),
    ):  # fmt: skip
        with pytest.raises(CannotTell, match="denied x:Read"):
            ask()
