"""Services whose image is not where they look for it."""

from __future__ import annotations

from playground.estate import words
from playground.scenarios.documents import HELM, index, manifest
from playground.scenarios.lab import Lab
from playground.scenarios.places import REGISTRY, TOKYO, VIRGINIA, WORKLOAD
from playground.scenarios.rows import TAG, Scenario, own_image, scenario


@scenario("image-tag-missing", "shop-web", TOKYO, "The release was never pushed")
def _tag_missing(lab: Lab, s: Scenario) -> None:
    uri = lab.repository(s.service, region=s.region, tags=("v0.9.7", "v0.9.8", "v0.9.9", "v1.0.1"))
    role = lab.pulling_role(s.service)
    lab.service(s.service, f"{uri}:{TAG}", lab.network(s.region), region=s.region, role=role)


@scenario("repository-missing", "recommend", VIRGINIA, "The repository lives in another account")
def _repository_missing(lab: Lab, s: Scenario) -> None:
    lab.repository(s.service, account=REGISTRY, region=s.region, shared=True)
    image = f"{WORKLOAD}.dkr.ecr.{s.region}.amazonaws.com/{s.service}:{TAG}"
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario("image-in-other-region", "catalog", TOKYO, "The repository lives in another Region")
def _other_region(lab: Lab, s: Scenario) -> None:
    lab.repository(s.service, region=VIRGINIA)
    image = f"{WORKLOAD}.dkr.ecr.{s.region}.amazonaws.com/{s.service}:{TAG}"
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario(
    "image-digest-missing", "payments", TOKYO, "The digest that the deployment pinned is gone"
)
def _digest_missing(lab: Lab, s: Scenario) -> None:
    image = own_image(lab, s)
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)
    # The deployment has resolved its tag; now the tag moves on and the old image expires.
    ecr = lab.aws("ecr", WORKLOAD, s.region)
    found = ecr.describe_images(repositoryName=s.service, imageIds=[{"imageTag": TAG}])
    old = found["imageDetails"][0]["imageDigest"]
    lab.push(s.service, TAG, account=WORKLOAD, region=s.region, number=6, build="+1")
    ecr.batch_delete_image(repositoryName=s.service, imageIds=[{"imageDigest": old}])


@scenario("image-expired", "newsletter", TOKYO, "A lifecycle rule removed the release")
def _expired(lab: Lab, s: Scenario) -> None:
    image = own_image(lab, s)
    lab.expire(s.service, region=s.region, kept=1)
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario("image-not-replicated", "returns", TOKYO, "The copy of the release never arrived")
def _not_replicated(lab: Lab, s: Scenario) -> None:
    lab.repository(s.service, account=REGISTRY, region=s.region)
    lab.replicate(s.service, source=REGISTRY, region=s.region)
    uri = lab.repository(s.service, region=s.region, tags=("v0.9.9",))
    role = lab.pulling_role(s.service)
    lab.service(s.service, f"{uri}:{TAG}", lab.network(s.region), region=s.region, role=role)


@scenario("image-key-unusable", "insurance", VIRGINIA, "The key of the repository was disabled")
def _key_disabled(lab: Lab, s: Scenario) -> None:
    key = lab.key(s.region)
    uri = lab.repository(s.service, region=s.region, key=key)
    lab.aws("kms", WORKLOAD, s.region).disable_key(KeyId=key.rpartition("/")[2])
    role = lab.pulling_role(s.service)
    lab.service(s.service, f"{uri}:{TAG}", lab.network(s.region), region=s.region, role=role)


@scenario("image-archived", "statements", TOKYO, "A lifecycle rule archived the image")
def _archived(lab: Lab, s: Scenario) -> None:
    image = own_image(lab, s)
    lab.archive(s.service, TAG, region=s.region)
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario(
    "image-reference-malformed", "loyalty", VIRGINIA, "The repository was written in capitals"
)
def _malformed(lab: Lab, s: Scenario) -> None:
    image = own_image(lab, s).replace(s.service, s.service.title())
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario("registry-host-wrong-partition", "wishlist", TOKYO, "The host ends like those of China")
def _wrong_partition(lab: Lab, s: Scenario) -> None:
    image = own_image(lab, s).replace(".amazonaws.com", ".amazonaws.com.cn")
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


def _other_content(lab: Lab, s: Scenario, content: str) -> None:
    """Let the release be *content*, and let the service ask for it."""
    uri = lab.repository(s.service, region=s.region, tags=("v0.9.9",))
    lab.push(s.service, TAG, account=WORKLOAD, region=s.region, number=2, content=content)
    role = lab.pulling_role(s.service)
    lab.service(s.service, f"{uri}:{TAG}", lab.network(s.region), region=s.region, role=role)


@scenario("not-a-container-image", "pricing", TOKYO, "A Helm chart took the tag of the image")
def _chart(lab: Lab, s: Scenario) -> None:
    _other_content(lab, s, manifest(s.service, HELM))


@scenario("image-platform-mismatch", "transcoder", TOKYO, "The image was built for ARM alone")
def _platform(lab: Lab, s: Scenario) -> None:
    _other_content(lab, s, index(s.service, "linux/arm64"))


@scenario("registry-host-forgotten", "frontend", TOKYO, "The registry was left out of the image")
def _host_forgotten(lab: Lab, s: Scenario) -> None:
    lab.repository(s.service, region=s.region)
    lab.estate.add_pull_rule(rf"^{s.service}:", words.HUB_DENIED)
    role = lab.pulling_role(s.service)
    lab.service(s.service, f"{s.service}:{TAG}", lab.network(s.region), region=s.region, role=role)
