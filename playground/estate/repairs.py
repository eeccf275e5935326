"""moto's EC2, ECR and STS made to behave like AWS where a diagnosis looks.

moto keeps its state in one dictionary of backends per service, for the whole process; ``install``
puts subclasses of ours there before the first account exists.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.amis import Ami
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance
from moto.ec2.models.internet_gateways import InternetGateway
from moto.ec2.models.route_tables import Route
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses import EC2Response
from moto.ecr.exceptions import ImageAlreadyExistsException, InvalidParameterException
from moto.ecr.models import ECRBackend, Image, ecr_backends
from moto.ecr.responses import ECRResponse
from moto.secretsmanager.models import SecretsStore

from playground.estate import network, registry
from playground.estate.caches import scope
from playground.estate.secrets import one_of

PULL_THROUGH_ACTION = "ecr:BatchImportUpstreamImage"


class ImageTagAlreadyExistsException(ImageAlreadyExistsException):  # type: ignore[misc]
    """AWS's name for overwriting an immutable tag."""

    code = "ImageTagAlreadyExistsException"


class Ec2(EC2Backend):  # type: ignore[misc]
    """Endpoints that can change their private DNS and their routes."""

    __module__ = EC2Backend.__module__

    def modify_vpc_endpoint(self, vpc_id: str, *args: Any, **changes: Any) -> None:
        super().modify_vpc_endpoint(vpc_id, *args, **changes)
        prefix_list = self.vpc_end_points[vpc_id].destination_prefix_list_id
        for table in changes.get("add_route_tables") or []:
            self.create_route(
                table, None, gateway_id=vpc_id, destination_prefix_list_id=prefix_list
            )
        for table in changes.get("remove_route_tables") or []:
            with contextlib.suppress(Exception):  # taking away what is not there is no error
                self.delete_route(table, None, destination_prefix_list_id=prefix_list)

    def delete_vpc_endpoints(self, vpce_ids: list[str] | None = None) -> None:
        super().delete_vpc_endpoints(vpce_ids)
        for gone in vpce_ids or []:  # moto keeps them as "deleted" for ever
            self.vpc_end_points.pop(gone, None)


class Ecr(ECRBackend):  # type: ignore[misc]
    """A registry whose digests are digests, and whose errors have AWS's names."""

    __module__ = ECRBackend.__module__

    def create_repository(self, *args: Any, **kwargs: Any) -> Any:
        repository = super().create_repository(*args, **kwargs)
        registry.grant_itself(repository)
        return repository

    def put_image(
        self,
        repository_name: str,
        image_manifest: str,
        image_tag: str,
        image_manifest_mediatype: str | None = None,
        digest: str | None = None,
    ) -> Image:
        repository = self._get_repository(repository_name)
        computed = "sha256:" + hashlib.sha256(image_manifest.encode()).hexdigest()
        if digest and digest != computed:
            raise InvalidParameterException(
                f"Image digest does not match: {digest} against {computed}"
            )
        try:
            return super().put_image(
                repository_name, image_manifest, image_tag, image_manifest_mediatype, computed
            )
        except ImageAlreadyExistsException as error:
            if repository.is_tag_immutable():
                raise ImageTagAlreadyExistsException(
                    repository_name, repository.registry_id, computed, image_tag
                ) from error
            raise

    def describe_images(self, *args: Any, **kwargs: Any) -> list[Image]:
        """Return images; a list of all leaves out what cannot be pulled (moto knows no status)."""
        named = kwargs.get("image_ids") or (args[2] if len(args) > 2 else None)
        images = super().describe_images(*args, **kwargs)
        return [i for i in images if named or registry.status(i) == registry.ACTIVE]

    def _validate_registry_policy_action(self, policy_text: str) -> None:
        """Take every action in scope V2; in V1 those that moto takes, and imports."""
        if scope(self.account_id, self.region_name) == "V2":
            return
        without = json.loads(policy_text)
        for statement in without["Statement"]:
            said = statement["Action"]
            actions = [said] if isinstance(said, str) else list(said)
            kept = [a for a in actions if a != PULL_THROUGH_ACTION]
            statement["Action"] = kept or "ecr:CreateRepository"
        super()._validate_registry_policy_action(json.dumps(without))


def _registry(response: Any) -> Any:
    """Return the registry that registryId names; moto only knows the caller's own."""
    owner = response._get_param("registryId") or response.current_account
    return ecr_backends[owner][response.region]


def _route_state(route: Any) -> str:
    """Return ``blackhole`` for a route over a gateway that is gone (moto: active for ever)."""
    nat, gateway = route.nat_gateway, route.gateway
    deleted = nat is not None and nat.state == "deleted"
    detached = isinstance(gateway, InternetGateway) and gateway.vpc is None
    return "blackhole" if deleted or detached else "active"


def profile_of(instance: Any) -> Any:
    """Return the instance profile of an instance, None where it has none."""
    found = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    return found.iam_instance_profile if found else None


def _described_profile(instance: Any) -> Any:
    """Return what DescribeInstances tells of an instance profile (moto: nothing)."""
    profile = profile_of(instance)
    return {"Arn": profile.arn, "Id": profile.id} if profile else None


def _with_private_dns(original: Any, response: Any) -> Any:
    """Honour PrivateDnsEnabled, which moto does not read when an endpoint is modified."""
    answer = original(response)
    asked = response._get_param("PrivateDnsEnabled")
    if asked is not None:
        endpoint = response.ec2_backend.vpc_end_points[response._get_param("VpcEndpointId")]
        endpoint.private_dns_enabled = str(asked).lower() == "true"
    return answer


def _dns_entries(endpoint: Any) -> list[dict[str, str]]:
    """Return the names of an endpoint: one of its own, and with private DNS the service's (moto: none)."""
    if (endpoint.vpc_endpoint_type or "").lower() != "interface":
        return []
    _, _, region, *service = endpoint.service_name.split(".")
    tail = ".".join((*reversed(service), region, "vpce.amazonaws.com"))
    private = network.names(endpoint) if str(endpoint.private_dns_enabled).lower() == "true" else []
    found = [f"{endpoint.id}-0a1b2c3d.{tail}", *private]
    return [{"dns_name": n, "hosted_zone_id": "Z7HUB22UULQXV"} for n in found]


@functools.cache
def install() -> None:
    """Repair moto, once per process."""
    ec2_backends.backend = Ec2
    ecr_backends.backend = Ecr
    ECRResponse.ecr_backend = property(_registry)
    Image.image_status = property(registry.status)
    Image.last_archived_at = property(registry.archived_at)
    Ami.image_owner_alias = property(lambda image: image.owner_alias)
    Image.image_size_in_bytes = property(lambda image: registry.size(image) or None)
    Image.artifact_media_type = property(registry.artifact_type)
    Route.state = property(_route_state)
    Instance.iam_instance_profile = property(_described_profile, lambda *_: None)
    SecretsStore.get = one_of
    SecretsStore.__contains__ = lambda secrets, key: one_of(secrets, key) is not None
    SecretsStore.__getitem__ = one_of
    # run_task is a 500 where enableDnsHostnames is false, unless interfaces have this name.
    NetworkInterface.private_dns_name = None
    VPCEndPoint.dns_entries = property(_dns_entries, lambda *_: None)
    original = EC2Response.modify_vpc_endpoint
    EC2Response.modify_vpc_endpoint = functools.partialmethod(
        lambda response: _with_private_dns(original, response)
    )
