"""Recorded services that are broken by the image."""

from __future__ import annotations

from dataclasses import replace

from bot.aws.reference import split
from bot.facts import AskedImage, ImageReference, Namesakes, Tags
from tests.cases.building import HUB_SHOP, UNSEEN, Facts, case, host, image, missing_repository
from tests.cases.healthy import (
    ACCOUNT,
    HEALTHY,
    HOST,
    NAME,
    NEW,
    OLD,
    REGION,
    REGISTRY,
    WHEN,
    network,
)

CASES: dict[str, Facts] = {
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
