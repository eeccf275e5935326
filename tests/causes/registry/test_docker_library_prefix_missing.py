from dataclasses import replace

from bot.causes.registry.docker_library_prefix_missing import CAUSE, decide, plan
from bot.evidence import ask
from bot.facts import AskedImage, CacheRules, ImageReference, Repository, Service
from bot.model import Confirmed, RuledOut
from tests.cases.building import cached, case
from tests.cases.healthy import HEALTHY, HOST
from tests.causes.facts import well_worded

BROKEN = case(cached("redis"))


def rules(**changes):
    """The rule of the cache with *changes*."""
    return {CacheRules: CacheRules((replace(BROKEN[CacheRules].items[0], **changes),))}


def test_image_with_a_namespace():
    """
    An owner's image, and an official one that is named in full, are known to Docker Hub.
    """
    for path in ("acme/shop", "library/redis"):
        assert isinstance(ask(decide, case(cached(path))), RuledOut)


def test_other_registries_have_images_without_one():
    """
    Quay's and ECR Public's rules, and images under no rule, are not Docker Hub's.
    """
    assert isinstance(ask(decide, BROKEN | rules(upstream="k8s")), RuledOut)
    assert isinstance(ask(decide, BROKEN | rules(prefix="hub")), RuledOut)
    assert isinstance(ask(decide, HEALTHY), RuledOut)


def test_image_that_somebody_pushed_there():
    """
    What is in the repository is not fetched.
    """
    there = {
        Repository: replace(BROKEN[Repository], exists=True),
        AskedImage: AskedImage(True, "sha256:1"),
    }

    assert isinstance(ask(decide, BROKEN | there), RuledOut)


def test_official_image_by_its_short_name():
    """
    The proof names the repository that would work, under ROOT as well.
    """
    verdict = ask(decide, BROKEN)
    assert isinstance(verdict, Confirmed)
    assert "docker-hub/library/redis" == verdict.proof["better"]
    assert well_worded(CAUSE, verdict)

    root = BROKEN | rules(prefix="ROOT")
    root[ImageReference] = replace(root[ImageReference], repository="redis")
    assert "library/redis" == ask(decide, root).proof["better"]


def test_name_that_is_no_official_image():
    """
    Whose it is, only a person can tell.
    """
    unnamed = case(cached("shop"))
    verdict = ask(decide, unnamed)

    assert isinstance(verdict, Confirmed)
    assert verdict.proof["better"] is None
    assert ask(plan, unnamed) is None
    assert well_worded(CAUSE, verdict)


def test_plan_makes_the_verdict_ruled_out():
    """
    The new revision names the image in full, with its tag.
    """
    container = ask(plan, BROKEN).steps[0].after["containers"]["app"]

    assert f"{HOST}/docker-hub/library/redis:v1.0.0" == container["image"]
    assert isinstance(ask(decide, case(cached("library/redis"))), RuledOut)


def test_no_plan_where_nothing_would_change():
    """
    Without a service there is nobody to deploy it; an image that is right stays.
    """
    assert ask(plan, BROKEN | {Service: Service()}) is None
    assert ask(plan, case(cached("acme/shop"))) is None
