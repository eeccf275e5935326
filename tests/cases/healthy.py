"""All that can be learned about a service whose pull works: Fargate in private subnets with a NAT."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.facts import (
    AclEntry,
    AskedImage,
    AttachedPolicies,
    AwsvpcConfiguration,
    CacheCredential,
    CacheRules,
    CacheValidation,
    Choice,
    Circumstances,
    ClusterHosts,
    Container,
    ContainerHost,
    Deployment,
    DescribedParameters,
    DescribedSecrets,
    ExecutionRole,
    ExecutionRolePermissions,
    Expiry,
    FullDisks,
    GrantedBefore,
    HostVolumes,
    HubCachePermissions,
    HubCaches,
    ImageCopy,
    ImagePlatforms,
    ImageReference,
    ImageSizes,
    ImportPermissions,
    InstanceRole,
    InstanceRolePermissions,
    InstanceRolePolicies,
    InternetGateways,
    KeptSecretPermissions,
    KeptSecrets,
    KeyGrants,
    KeyPermissions,
    KeyPolicies,
    KnownRegistries,
    LifecycleRules,
    LogGroups,
    MendedReference,
    Namesakes,
    NatGateway,
    NatGateways,
    NetworkAcl,
    NetworkAcls,
    Now,
    OptimizedImages,
    OtherPlatforms,
    Permission,
    Platform,
    PrefixLists,
    PullingRole,
    PullingRolePermissions,
    PullInterface,
    Recorded,
    RegistryPolicy,
    RegistrySecret,
    Replication,
    RepositoriesElsewhere,
    Repository,
    RepositoryKey,
    RepositoryPolicy,
    Route,
    RouteTable,
    RouteTables,
    Rule,
    SecretKeys,
    SecretPermissions,
    SecretPolicies,
    SecurityGroup,
    SecurityGroups,
    Seen,
    Service,
    StoppedTask,
    Subject,
    Subnet,
    Subnets,
    TaggedImage,
    Tags,
    TaskDefinition,
    TaskRole,
    TaskRolePermissions,
    Vpc,
    VpcEndpoints,
    WantedPlatform,
    WantedSecrets,
)
from bot.symptom import EMPTY, Symptom

ACCOUNT, REGION, REGISTRY = "222233334444", "eu-west-1", "333344445555"
WHEN = datetime(2026, 1, 31, 9, tzinfo=UTC)
OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
NAME, TAG = "team/shop", "v1.0.0"
URI = f"{HOST}/{NAME}:{TAG}"
ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{NAME}"
DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop:7"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-execution"
TASK_ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-task"
READS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def permissions(decision: str, *denied: str, arn: str = ARN) -> tuple[Permission, ...]:
    """The pull actions with *decision*; those named in *denied* are implicitly denied."""
    asked = (("ecr:GetAuthorizationToken", "*"), *((a, arn) for a in READS))
    return tuple(Permission(a, r, "implicit-deny" if a in denied else decision) for a, r in asked)


def definition(image: str, role: str | None = ROLE, credentials: str | None = None):
    """A task definition with one container."""
    container: dict[str, object] = {"name": "app", "image": image, "essential": True}
    if credentials:
        container["repositoryCredentials"] = {"credentialsParameter": credentials}
    raw: dict[str, object] = {
        "taskDefinitionArn": DEFINITION,
        "family": "shop",
        "revision": 7,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "taskRoleArn": TASK_ROLE,
        "containerDefinitions": [container],
    } | ({"executionRoleArn": role} if role else {})
    only = Container("app", image, credentials=credentials)
    return TaskDefinition(
        DEFINITION, "shop", 7, role, TASK_ROLE, "awsvpc", (only,), ("FARGATE",), raw
    )


def network(*, public: bool, default: str | None) -> dict[type, object]:
    """Two subnets of one VPC whose default route leads to *default*."""
    local = Route("10.0.0.0/16", "local")
    out = (Route("0.0.0.0/0", default),) if default else ()
    both = ("subnet-a", "subnet-b")
    anything = AclEntry(100, egress=True, allow=True, protocol="-1", cidr="0.0.0.0/0")
    inwards = AclEntry(100, egress=False, allow=True, protocol="-1", cidr="0.0.0.0/0")
    return {
        PullInterface: PullInterface(both, ("sg-task",), public),
        Subnets: Subnets(
            (
                Subnet("subnet-a", "vpc-1", "eu-west-1a", "10.0.1.0/24"),
                Subnet("subnet-b", "vpc-1", "eu-west-1b", "10.0.2.0/24"),
            )
        ),
        Vpc: Vpc("vpc-1", ("10.0.0.0/16",), dns_support=True, dns_hostnames=True),
        RouteTables: RouteTables(
            (
                RouteTable("rtb-main", True, (), (local,)),
                RouteTable(
                    "rtb-public", False, ("subnet-nat",), (local, Route("0.0.0.0/0", "igw-1"))
                ),
                RouteTable("rtb-task", False, both, (local, *out)),
            )
        ),
        VpcEndpoints: VpcEndpoints(()),
        SecurityGroups: SecurityGroups(
            (
                SecurityGroup("sg-task", (), (Rule("-1", None, None, ("0.0.0.0/0",)),)),
                SecurityGroup(
                    "sg-endpoint",
                    (Rule("tcp", 443, 443, ("10.0.0.0/16",)),),
                    (Rule("-1", None, None, ("0.0.0.0/0",)),),
                ),
            )
        ),
        NetworkAcls: NetworkAcls(
            (NetworkAcl("acl-1", (*both, "subnet-nat"), (anything, inwards)),)
        ),
        NatGateways: NatGateways(
            (NatGateway("nat-1", "subnet-nat", "available", addresses=("198.51.100.7",)),)
        ),
        InternetGateways: InternetGateways(("igw-1",)),
        PrefixLists: PrefixLists(
            {"pl-s3": f"com.amazonaws.{REGION}.s3", "pl-ddb": f"com.amazonaws.{REGION}.dynamodb"}
        ),
    }


HEALTHY: dict[type, object] = {
    Subject: Subject(ACCOUNT, REGION, "main", "shop"),
    Now: Now(WHEN),
    Choice: Choice(),
    KnownRegistries: KnownRegistries(((ACCOUNT, REGION), (REGISTRY, REGION))),
    Symptom: EMPTY,
    StoppedTask: StoppedTask(),
    Service: Service(
        name="shop",
        arn=f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/main/shop",
        exists=True,
        cluster="main",
        definition=DEFINITION,
        launch_type="FARGATE",
        platform_version="LATEST",
        awsvpc=AwsvpcConfiguration(("subnet-a", "subnet-b"), ("sg-task",), False),
        running=2,
        desired=2,
        deployments=(Deployment("ecs-svc/1", "PRIMARY", DEFINITION, "COMPLETED"),),
    ),
    Recorded: Recorded(EMPTY),
    TaskDefinition: definition(URI),
    ImageReference: ImageReference(URI, "app", "ecr", HOST, NAME, TAG, None, ACCOUNT, REGION),
    Platform: Platform("FARGATE"),
    ExecutionRole: ExecutionRole(ROLE, "shop-execution", True, TRUST),
    TaskRole: TaskRole(TASK_ROLE, "shop-task", True),
    ExecutionRolePermissions: ExecutionRolePermissions(permissions("allowed")),
    TaskRolePermissions: TaskRolePermissions(permissions("implicit-deny")),
    ContainerHost: ContainerHost(),
    ClusterHosts: ClusterHosts(),
    FullDisks: FullDisks(),
    HostVolumes: HostVolumes(),
    OptimizedImages: OptimizedImages(),
    InstanceRole: InstanceRole(None),
    InstanceRolePermissions: InstanceRolePermissions(()),
    InstanceRolePolicies: InstanceRolePolicies((), {}),
    PullingRole: PullingRole("execution-role", ROLE, "shop-execution", exists=True),
    PullingRolePermissions: PullingRolePermissions(permissions("allowed")),
    Circumstances: Circumstances(Seen(), Seen()),
    AttachedPolicies: AttachedPolicies(
        ("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",), {}
    ),
    Repository: Repository(NAME, ARN, exists=True),
    RepositoryPolicy: RepositoryPolicy(None),
    AskedImage: AskedImage(True, OLD, "ACTIVE"),
    ImagePlatforms: ImagePlatforms(index=False),
    ImageSizes: ImageSizes((("app", 31_364_647),)),
    Expiry: Expiry(),
    LifecycleRules: LifecycleRules(),
    Replication: Replication(),
    ImageCopy: ImageCopy(),
    RepositoryKey: RepositoryKey(),
    KeyGrants: KeyGrants(),
    MendedReference: MendedReference(),
    OtherPlatforms: OtherPlatforms(),
    WantedPlatform: WantedPlatform("linux", "amd64", source="default"),
    Tags: Tags((TaggedImage("v1.0.1", NEW, WHEN), TaggedImage(TAG, OLD, WHEN))),
    RepositoriesElsewhere: RepositoriesElsewhere(()),
    Namesakes: Namesakes(()),
    RegistrySecret: RegistrySecret(None),
    CacheRules: CacheRules(),
    CacheCredential: CacheCredential(),
    CacheValidation: CacheValidation(),
    RegistryPolicy: RegistryPolicy(),
    ImportPermissions: ImportPermissions(),
    HubCaches: HubCaches(),
    HubCachePermissions: HubCachePermissions(),
    KeptSecrets: KeptSecrets(),
    KeptSecretPermissions: KeptSecretPermissions(),
    GrantedBefore: GrantedBefore(),
    WantedSecrets: WantedSecrets(),
    DescribedSecrets: DescribedSecrets(),
    DescribedParameters: DescribedParameters(),
    SecretPolicies: SecretPolicies(),
    SecretKeys: SecretKeys(),
    KeyPolicies: KeyPolicies(),
    SecretPermissions: SecretPermissions(),
    KeyPermissions: KeyPermissions(),
    LogGroups: LogGroups(),
    **network(public=False, default="nat-1"),
}
