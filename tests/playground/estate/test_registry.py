"""Images that are there and cannot be had: archived, encrypted, for another CPU, or no images."""

from __future__ import annotations

import pytest

from playground.estate import lifecycle, registry
from playground.estate.world import WORLD
from playground.scenarios.documents import HELM, allow, document, index, manifest
from playground.scenarios.lab import Lab
from playground.scenarios.places import REGISTRY, WORKLOAD
from tests.playground.estate.test_pull import REGION, Bench

TAG = "v1.0.0"


@pytest.fixture(scope="module")
def bench(empty):
    return Bench(empty)


@pytest.fixture
def ecr(bench):
    return bench.lab.aws("ecr", WORKLOAD, REGION)


def moved(ecr, target):
    return ecr.update_image_storage_class(
        repositoryName="shop", imageId={"imageTag": TAG}, targetStorageClass=target
    )["imageStatus"]


def listed(ecr):
    return [t for i in ecr.describe_images(repositoryName="shop")["imageDetails"] for t in i["imageTags"]]  # fmt: skip


def test_an_archived_image_is_described_and_not_pulled(bench, ecr):
    """
    It is left out of a list of all; restored, it takes its time, and then it is pulled again.
    """
    assert "ARCHIVED" == moved(ecr, "ARCHIVE")
    asked = {"repositoryName": "shop", "imageIds": [{"imageTag": TAG}]}
    assert "ARCHIVED" == ecr.describe_images(**asked)["imageDetails"][0]["imageStatus"]
    assert TAG not in listed(ecr)
    assert f"shop:{TAG}: not found" in bench.run()

    WORLD.restoring = 1000.0
    assert "ACTIVATING" == moved(ecr, "STANDARD")
    assert "not found" in bench.run()
    registry.found(WORKLOAD, REGION, "shop", {"imageTag": TAG}).restored_at = 0.0
    WORLD.restoring = 0.0
    assert bench.run() is None
    with pytest.raises(ecr.exceptions.ImageStorageClassUpdateNotSupportedException):
        moved(ecr, "STANDARD")


def push(bench, tag, content):
    bench.lab.push("shop", tag, account=WORKLOAD, region=REGION, number=9, content=content)
    return bench.image.replace(TAG, tag)


def test_an_index_is_for_what_it_lists(bench):
    """
    A task of the platform that it lacks fails; what it lists is pulled.
    """
    assert bench.run(image=push(bench, "both", index("both", "linux/arm64", "linux/amd64"))) is None
    assert "'linux/amd64'" in bench.run(image=push(bench, "arm", index("arm", "linux/arm64")))


def test_a_chart_is_no_image(bench):
    """
    All of it is downloaded, and then no container can be made of it.
    """
    said = bench.run(image=push(bench, "chart", manifest("chart", HELM)))

    assert "mismatched image rootfs and manifest layers" in said


def test_a_key_that_is_disabled_locks_the_repository(bench):
    """
    ECR's own grant is on the key from the start; enabled again, the layers come.
    """
    kms, key = bench.lab.aws("kms", WORKLOAD, REGION), bench.lab.key(REGION)
    image = bench.lab.repository("vault", region=REGION, key=key) + f":{TAG}"
    name = key.rpartition("/")[2]
    arn = f"arn:aws:ecr:{REGION}:{WORKLOAD}:repository/vault"

    grants = kms.list_grants(KeyId=name)["Grants"]
    assert [{"aws:ecr:arn": arn}] == [g["Constraints"]["EncryptionContextSubset"] for g in grants]
    assert bench.run(image=image) is None
    kms.disable_key(KeyId=name)
    assert "403 Forbidden" in bench.run(image=image)
    kms.enable_key(KeyId=name)
    assert bench.run(image=image) is None


def test_a_lifecycle_rule_leaves_an_event(bench):
    """
    CloudTrail has what was removed and by which rule; the newest images stay.
    """
    bench.lab.repository("weekly", region=REGION)
    bench.lab.expire("weekly", region=REGION, kept=2)
    trail = bench.lab.aws("cloudtrail", WORKLOAD, REGION)
    named = [{"AttributeKey": "EventName", "AttributeValue": "PolicyExecutionEvent"}]

    (event,) = trail.lookup_events(LookupAttributes=named)["Events"]
    assert '"v0.9.7"' in event["CloudTrailEvent"]
    assert (
        [] == trail.lookup_events(LookupAttributes=[{**named[0], "AttributeValue": "X"}])["Events"]
    )
    left = bench.lab.aws("ecr", WORKLOAD, REGION).describe_images(repositoryName="weekly")
    assert {"v1.0.0", "v1.0.1"} == {i["imageTags"][0] for i in left["imageDetails"]}
    lifecycle.run(WORKLOAD, REGION, "weekly")
    assert 1 == len(trail.lookup_events(LookupAttributes=named)["Events"])


def test_replication_is_refused_until_the_registry_lets_it_in(bench):
    """
    Across accounts the registry policy of the destination decides.
    """
    lab: Lab = bench.lab
    lab.repository("copied", account=REGISTRY, region=REGION, tags=(TAG,))
    lab.replicate("copied", source=REGISTRY, region=REGION)
    source, own = (lab.aws("ecr", account, REGION) for account in (REGISTRY, WORKLOAD))

    def status():
        asked = {"repositoryName": "copied", "imageId": {"imageTag": TAG}}
        (found,) = source.describe_image_replication_status(**asked)["replicationStatuses"]
        return found["status"]

    assert "FAILED" == status()
    arn = f"arn:aws:ecr:{REGION}:{WORKLOAD}:repository/*"
    let_in = allow(
        ["ecr:ReplicateImage", "ecr:CreateRepository"],
        arn,
        {"AWS": f"arn:aws:iam::{REGISTRY}:root"},
        Sid="Replication",
    )
    own.put_registry_policy(policyText=document(let_in))
    assert "IN_PROGRESS" == status()
    lab.repository("copied", region=REGION, tags=(TAG,))
    assert "COMPLETE" == status()


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("https://x.dkr.ecr.eu-west-1.amazonaws.com/app:v1", "invalid reference format"),
        ("222233334444.dkr.ecr.eu-west-1.amazonaws.com/app:", "invalid reference format"),
        ("222233334444.dkr.ecr.eu-west-1.amazonaws.com/MyApp", "(MyApp) must be lowercase"),
        (".dkr.ecr.eu-west-1.amazonaws.com/app:v1", "invalid reference format"),
        ("222233334444.dkr-ecr.eu-west-1.amazonaws.com/app:v1", "no such host"),
        ("222233334444.dkr.ecr.eu-west-1.amazonaws.com.cn/app:v1", "no such host"),
        ("222233334444.dkr-ecr.eu-west-1.on.aws/app:v1", "app:v1: not found"),
    ],
)
def test_what_no_engine_can_look_for(bench, image, words):
    """
    What is no reference is not looked for, and a host that nobody has is not found.
    """
    assert words in bench.run(image=image)
