import pytest

from bot.causes.registry.pull_through_cache_credential_invalid import CAUSE, advise, decide
from bot.evidence import ask
from bot.facts import AskedImage, CacheCredential, CacheValidation, Repository
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import CACHE_SECRET, cached, case
from tests.cases.registry import CASES, credential, named
from tests.causes.facts import unknown, well_worded

PREFIX = "pull-through-cache-credential-invalid"
WELL = case(cached("acme/shop"))
KINDS = ("missing", "deleted", "key", "name", "elsewhere")


def test_rule_without_credentials():
    """
    Quay is asked without a login.
    """
    assert isinstance(ask(decide, case(cached("prometheus/node", upstream="quay"))), RuledOut)


def test_secret_that_is_as_it_should_be():
    """
    What is in it is not known; where ECR could log in, whatever else is odd does not matter.
    """
    assert isinstance(ask(decide, WELL), RuledOut)
    default = credential(kms_key="arn:aws:kms:eu-west-1:1:alias/aws/secretsmanager")
    assert isinstance(ask(decide, WELL | default), RuledOut)
    works = {CacheValidation: CacheValidation(valid=True)}
    assert isinstance(ask(decide, WELL | credential(exists=False) | works), RuledOut)


def test_image_that_is_cached():
    """
    What is in the cache is served without a login upstream.
    """
    there = {Repository: WELL[Repository], AskedImage: AskedImage(True, "sha256:1")}
    gone = WELL | credential(exists=False) | there
    gone[Repository] = type(gone[Repository])("docker-hub/acme/shop", "arn", exists=True)

    assert isinstance(ask(decide, gone), RuledOut)


@pytest.mark.parametrize("fact", [CacheCredential, CacheValidation])
def test_unread_facts_leave_it_open(fact):
    """
    Both are named, each with what would help.
    """
    assert isinstance(ask(decide, WELL | {fact: unknown("x")}), Undecided)


@pytest.mark.parametrize("kind", KINDS)
def test_secret_that_ecr_cannot_use(kind):
    """
    Missing, deleted, with a key of its own, of another name, or elsewhere.
    """
    verdict = ask(decide, CASES[f"{PREFIX}/{kind}"])

    assert isinstance(verdict, Confirmed)
    assert kind == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)


def test_login_that_ecr_has_tried():
    """
    ECR says why, in its own words.
    """
    verdict = ask(decide, CASES[PREFIX])

    assert ("refused", "AccessDenied: token expired") == (
        verdict.proof["kind"],
        verdict.proof["failure"],
    )
    assert well_worded(CAUSE, verdict)


def test_ready_calls():
    """
    Restore it, renew it, or name another one; then let ECR try.
    """
    deleted, renewed, another = (
        [c.operation for c in ask(advise, facts)]
        for facts in (
            CASES[f"{PREFIX}/deleted"],
            CASES[PREFIX],
            WELL | named(CACHE_SECRET.replace("ecr-pullthroughcache/", "")),
        )
    )

    assert ["restore_secret", "validate_pull_through_cache_rule"] == deleted
    assert ["put_secret_value", "validate_pull_through_cache_rule"] == renewed
    assert ["update_pull_through_cache_rule", "validate_pull_through_cache_rule"] == another
