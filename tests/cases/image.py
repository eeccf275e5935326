"""Recorded services that are broken by the image."""

from __future__ import annotations

from dataclasses import replace

from bot.aws.reference import split
from bot.facts import (
    AskedImage,
    Expiry,
    ImagePlatform,
    ImagePlatforms,
    ImageReference,
    KeyGrants,
    LifecycleRules,
    MendedReference,
    Namesakes,
    Replication,
    Repository,
    RepositoryKey,
    Tags,
    WantedPlatform,
)
from bot.media_types import SCHEMA_1
from tests.cases.building import (
    HUB_SHOP,
    UNSEEN,
    Facts,
    case,
    host,
    image,
    missing_repository,
    outside,
)
from tests.cases.healthy import (
    ACCOUNT,
    ARN,
    HEALTHY,
    HOST,
    NAME,
    NEW,
    OLD,
    REGION,
    REGISTRY,
    URI,
    WHEN,
    network,
)

HELM = "application/vnd.cncf.helm.config.v1+json"
NO_SIGNATURES = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve "
    f"ref {HOST}/{NAME}:v1.0.0: no signatures"
)
NO_PLATFORM = (
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does "
    "not contain descriptor matching platform 'linux/amd64'"
)
ARM_ONLY = ImagePlatforms(True, (ImagePlatform("linux", "arm64", "v8"),))

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
LAYER_REFUSED = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to copy: "
    "httpReadSeeker: failed open: unexpected status code "
    f"https://{HOST}/v2/{NAME}/blobs/{OLD}: 403 Forbidden"
)
FIPS = HOST.replace("ecr", "ecr-fips")
UNASKED = {Repository: Repository(NAME, ARN, exists=False), AskedImage: UNSEEN, Tags: Tags(())}

CASES: dict[str, Facts] = {
    "image-reference-malformed": case(
        image(f"{HOST}/Team/Shop:v1.0.0"), UNASKED, {MendedReference: MendedReference(URI)}
    ),
    "image-reference-malformed/variable": case(image(f"{HOST}/$REPOSITORY:v1.0.0"), UNASKED),
    "image-reference-malformed/empty-tag": case(image(f"{HOST}/{NAME}:"), UNASKED),
    "image-reference-malformed/no-account": case(
        outside(f".dkr.ecr.{REGION}.amazonaws.com/{NAME}:v1")
    ),
    "registry-host-wrong-partition": case(image(f"{HOST}.cn/{NAME}:v1.0.0")),
    "registry-host-wrong-partition/form": case(
        image(f"{HOST.replace('dkr.ecr', 'dkr-ecr')}/{NAME}:v1.0.0")
    ),
    "registry-host-wrong-partition/fips": case(
        image(f"{FIPS}/{NAME}:v1.0.0"),
        text=f"CannotPullContainerError: failed to do request: dial tcp: lookup {FIPS}: no such host",
    ),
    "not-a-container-image": case(
        {AskedImage: AskedImage(True, OLD, "ACTIVE", artifact_type=HELM)}
    ),
    "not-a-container-image/schema-1": case(
        {AskedImage: AskedImage(True, OLD, "ACTIVE", manifest_type=SCHEMA_1[0])}, text=NO_SIGNATURES
    ),
    "image-platform-mismatch": case({ImagePlatforms: ARM_ONLY}, text=NO_PLATFORM),
    "image-platform-mismatch/unsaid": case({ImagePlatforms: ARM_ONLY}),
    "image-platform-mismatch/docker-hub": case(outside("acme/shop:1"), text=NO_PLATFORM),
    "image-platform-mismatch/windows": case(
        {
            ImagePlatforms: ImagePlatforms(
                True, (ImagePlatform("windows", "amd64", None, "10.0.20348.2227"),)
            ),
            WantedPlatform: WantedPlatform("windows", "amd64", "WINDOWS_SERVER_2019_CORE"),
        }
    ),
    "image-expired": case(
        {
            AskedImage: UNSEEN,
            Tags: Tags(HEALTHY[Tags].items[:1]),
            LifecycleRules: LifecycleRules((2,)),
        },
        {Expiry: Expiry(WHEN, 2, OLD, "keep three", by_count=True, number=3)},
    ),
    "image-not-replicated": case(
        {AskedImage: UNSEEN, Tags: Tags(()), Replication: Replication("FAILED", REGISTRY, REGION)}
    ),
    "image-not-replicated/under-way": case(
        {
            AskedImage: UNSEEN,
            Tags: Tags(()),
            Replication: Replication("IN_PROGRESS", ACCOUNT, "us-east-1"),
        }
    ),
    "image-key-unusable": case({RepositoryKey: RepositoryKey(KEY, "Disabled")}),
    "image-key-unusable/deleted": case(
        {RepositoryKey: RepositoryKey(KEY, "PendingDeletion", WHEN)}
    ),
    "image-key-unusable/missing": case(
        {RepositoryKey: RepositoryKey(KEY, "Missing")}, text=LAYER_REFUSED
    ),
    "image-key-unusable/revoked": case(
        {RepositoryKey: RepositoryKey(KEY, "Enabled"), KeyGrants: KeyGrants(held=False)},
        text=LAYER_REFUSED,
    ),
    "image-archived": case({AskedImage: AskedImage(True, OLD, "ARCHIVED", WHEN)}),
    "image-archived/activating": case({AskedImage: AskedImage(True, OLD, "ACTIVATING", WHEN)}),
    "image-tag-missing": case({AskedImage: UNSEEN, Tags: Tags(HEALTHY[Tags].items[:1])}),
    "image-tag-missing/ec2": case(
        {AskedImage: UNSEEN, Tags: Tags(())}, host(network(public=True, default="igw-1"))
    ),
    "image-digest-missing": case(
        {
            ImageReference: split(f"{HOST}/{NAME}:v1.0.0@{OLD}", "app"),
            AskedImage: UNSEEN,
            Tags: Tags((replace(HEALTHY[Tags].items[1], digest=NEW),)),
        }
    ),
    "image-digest-missing/pinned": case(image(f"{HOST}/{NAME}@{OLD}"), {AskedImage: UNSEEN}),
    "repository-missing": case(missing_repository()),
    "repository-missing/account": case(
        missing_repository(f"arn:aws:ecr:{REGION}:{REGISTRY}:repository/{NAME}")
    ),
    "image-in-other-region": case(
        missing_repository(f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/{NAME}")
    ),
    "image-in-other-region/several": case(
        missing_repository(
            f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/{NAME}",
            f"arn:aws:ecr:ap-northeast-1:{ACCOUNT}:repository/{NAME}",
        )
    ),
    "registry-host-forgotten": case(
        HUB_SHOP, {Namesakes: Namesakes((f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/shop",))}
    ),
}
