"""The pull engine, stage by stage, beyond what the scenarios show."""

import json

import pytest

from playground.estate import words
from playground.scenarios.documents import LOG_ACTIONS, PULL_ACTIONS, allow, document
from playground.scenarios.lab import PULL_POLICY, Lab
from playground.scenarios.places import REGISTRY, VIRGINIA, WORKLOAD

REGION = "ap-northeast-1"
LOGIN = '{"username": "robot", "password": "example"}'


class Bench:
    """Runs one task after another, each of its own family, and tells why it stopped."""

    def __init__(self, estate):
        self.lab, self.count = Lab(estate), 0
        self.ecs = estate.client("ecs", WORKLOAD, REGION)
        self.ecs.create_cluster(clusterName="main")
        self.image = self.lab.repository("shop", region=REGION) + ":v1.0.0"

    def role(self, *, managed=(PULL_POLICY,), inline=None, trusts="ecs-tasks.amazonaws.com"):
        self.count += 1
        return self.lab.role(f"role-{self.count}", managed=managed, inline=inline, trusts=trusts)

    def run(self, *, image=None, role=None, kind="public", network=None, task_role=None, **more):
        self.count += 1
        where = network or self.lab.network(REGION, kind)
        roles = {"executionRoleArn": role or self.role(), "taskRoleArn": task_role}
        family = self.ecs.register_task_definition(
            family=f"family-{self.count}", requiresCompatibilities=["FARGATE"], cpu="256",
            memory="512", networkMode="awsvpc", **{k: v for k, v in roles.items() if v},
            containerDefinitions=[{"name": "app", "image": image or self.image, **more}],
        )["taskDefinition"]["family"]  # fmt: skip
        task = self.ecs.run_task(
            cluster="main", taskDefinition=family, launchType="FARGATE",
            networkConfiguration=where.configuration,
        )["tasks"][0]  # fmt: skip
        return task.get("stoppedReason", "") if task["lastStatus"] == "STOPPED" else None


@pytest.fixture(scope="module")
def bench(empty):
    return Bench(empty)


def endpoint(bench, network, service):
    ec2 = bench.lab.aws("ec2", WORKLOAD, REGION)
    vpc = ec2.describe_subnets(SubnetIds=[network.subnet])["Subnets"][0]["VpcId"]
    of = [{"Name": "vpc-id", "Values": [vpc]}]
    found = ec2.describe_vpc_endpoints(Filters=of)["VpcEndpoints"]
    return next(e["VpcEndpointId"] for e in found if e["ServiceName"].endswith(service))


@pytest.mark.parametrize("kind", ["public", "nat", "endpoints"])
def test_what_is_well_runs(bench, kind):
    """
    A role that may, an image that is there, a way to all of it.
    """
    assert bench.run(kind=kind) is None


def test_an_image_by_digest_runs(bench):
    """
    A pinned digest is found without a tag.
    """
    ecr = bench.lab.aws("ecr", WORKLOAD, REGION)
    asked = {"repositoryName": "shop", "imageIds": [{"imageTag": "v1.0.0"}]}
    digest = ecr.describe_images(**asked)["imageDetails"][0]["imageDigest"]
    repository = bench.image.split(":")[0]

    assert bench.run(image=f"{repository}@{digest}") is None
    assert "not found" in bench.run(image=f"{repository}@sha256:{'0' * 64}")


def test_a_task_role_must_be_assumable_too(bench):
    """
    ECS assumes both roles before anything else.
    """
    stranger = bench.role(trusts="ec2.amazonaws.com")

    with pytest.raises(bench.ecs.exceptions.ClientException, match="unable to assume the role"):
        bench.run(task_role=stranger)


def test_layers_need_a_permission_of_their_own(bench):
    """
    Manifest yes, layers no: the text has left the manifest behind.
    """
    role = bench.role(
        managed=(),
        inline=allow(["ecr:GetAuthorizationToken", "ecr:BatchGetImage", *LOG_ACTIONS]),
    )
    said = bench.run(role=role)

    assert "httpReadSeeker: failed open" in said
    assert said.endswith("403 Forbidden")


def test_an_explicit_deny_is_named(bench):
    """
    A deny on the login is told as such.
    """
    role = bench.role(inline={"Effect": "Deny", "Action": "ecr:Get*", "Resource": "*"})

    assert "with an explicit deny in an identity-based policy" in bench.run(role=role)


def test_a_boundary_holds_the_pull_back(bench):
    """
    The permissions boundary has its own words.
    """
    role = bench.role()
    iam = bench.lab.aws("iam", WORKLOAD, VIRGINIA)
    cap = iam.create_policy(PolicyName="cap", PolicyDocument=document(allow("logs:*")))
    iam.put_role_permissions_boundary(
        RoleName=role.split("/")[1], PermissionsBoundary=cap["Policy"]["Arn"]
    )

    assert "because no permissions boundary allows the ecr:GetAuthorizationToken" in (
        bench.run(role=role)
    )


def test_across_accounts_the_identity_policy_is_needed_as_well(bench):
    """
    A repository that is shared does not help a role that may not read.
    """
    shared = bench.lab.repository("shared", account=REGISTRY, region=REGION, shared=True)
    login = bench.role(managed=(), inline=allow("ecr:GetAuthorizationToken"))

    assert bench.run(image=f"{shared}:v1.0.0") is None
    assert "403 Forbidden" in bench.run(image=f"{shared}:v1.0.0", role=login)


def test_in_one_account_the_repository_policy_is_enough(bench):
    """
    The repository names the role, whose own policies say nothing of it.
    """
    uri = bench.lab.repository("own", region=REGION)
    login = bench.role(managed=(), inline=allow("ecr:GetAuthorizationToken"))
    assert "403 Forbidden" in bench.run(image=f"{uri}:v1.0.0", role=login)

    text = document(allow(PULL_ACTIONS, principal={"AWS": login}))
    bench.lab.aws("ecr", WORKLOAD, REGION).set_repository_policy(
        repositoryName="own", policyText=text
    )
    assert bench.run(image=f"{uri}:v1.0.0", role=login) is None


def test_an_image_of_another_region_needs_the_internet(bench):
    """
    Endpoints serve their own Region.
    """
    far = bench.lab.repository("far", region=VIRGINIA)

    assert bench.run(image=f"{far}:v1.0.0", kind="nat") is None
    assert "api.ecr.us-east-1.amazonaws.com" in bench.run(image=f"{far}:v1.0.0", kind="endpoints")


def test_the_policy_of_an_endpoint_may_refuse(bench):
    """
    The endpoint of the API refuses by name; that of the registry and of S3 with a bare 403.
    """
    network = Lab(bench.lab.estate).network(REGION, "endpoints")
    ec2 = bench.lab.aws("ec2", WORKLOAD, REGION)
    nothing = {"Version": "2012-10-17", "Statement": []}
    anyone = allow("*", "*", principal="*")
    inside = {**anyone, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}}
    said = {}
    for service, policy in (("ecr.api", nothing), ("ecr.dkr", nothing), (".s3", inside)):
        made = endpoint(bench, network, service)
        ec2.modify_vpc_endpoint(VpcEndpointId=made, PolicyDocument=document(policy))
        said[service] = bench.run(network=network)
        ec2.modify_vpc_endpoint(VpcEndpointId=made, PolicyDocument=document(anyone))

    assert "because no VPC endpoint policy allows the ecr:GetAuth" in said["ecr.api"]
    assert "[manifests v1.0.0]: 403 Forbidden" in said["ecr.dkr"]
    assert "httpReadSeeker: failed open" in said[".s3"]
    assert bench.run(network=network) is None


def secret(bench, name, account=WORKLOAD, **more):
    secrets = bench.lab.aws("secretsmanager", account, REGION)
    value = {"SecretString": LOGIN, **more}
    return secrets.create_secret(Name=name, **{k: v for k, v in value.items() if v})["ARN"]


def test_secrets_are_read_before_the_login(bench):
    """
    Readable, refused, missing, on its way out: each has its words.
    """
    arn = secret(bench, "database")
    asked = {"secrets": [{"name": "DB", "valueFrom": f"{arn}:password::"}]}
    reader = bench.role(inline=allow("secretsmanager:GetSecretValue"))
    gone = {"secrets": [{"name": "DB", "valueFrom": arn.replace("database", "databank")}]}

    assert bench.run(role=reader, **asked) is None
    assert "because no identity-based policy allows the secretsmanager:Get" in bench.run(**asked)
    assert "ResourceNotFoundException" in bench.run(role=reader, **gone)
    bench.lab.aws("secretsmanager", WORKLOAD, REGION).delete_secret(SecretId=arn)
    assert "marked for deletion" in bench.run(role=reader, **asked)


def test_a_customer_key_needs_a_permission_of_its_own(bench):
    """
    The secret may be read, its key may not be used.
    """
    key = bench.lab.aws("kms", WORKLOAD, REGION).create_key()["KeyMetadata"]["Arn"]
    asked = {"secrets": [{"name": "DB", "valueFrom": secret(bench, "locked", KmsKeyId=key)}]}
    reader = bench.role(inline=allow("secretsmanager:GetSecretValue"))
    both = bench.role(inline=allow(["secretsmanager:GetSecretValue", "kms:Decrypt"]))

    kms = bench.lab.aws("kms", WORKLOAD, REGION)
    kms.create_alias(AliasName="alias/shop", TargetKeyId=key)
    named = {
        "secrets": [{"name": "DB", "valueFrom": secret(bench, "named", KmsKeyId="alias/shop")}]
    }

    assert "Access to KMS is not allowed" in bench.run(role=reader, **asked)
    assert bench.run(role=both, **asked) is None
    assert bench.run(role=both, **named) is None
    kms.disable_key(KeyId=key.rpartition("/")[2])
    assert "Access to KMS is not allowed" in bench.run(role=both, **named)


def test_parameters_are_read_as_well(bench):
    """
    A bare name is a parameter of the task's own Region.
    """
    ssm = bench.lab.aws("ssm", WORKLOAD, REGION)
    ssm.put_parameter(Name="/shop/key", Value="x", Type="String")
    reader = bench.role(inline=allow("ssm:GetParameters"))
    asked = {"secrets": [{"name": "KEY", "valueFrom": "/shop/key"}]}
    arn = f"arn:aws:ssm:{REGION}:{WORKLOAD}:parameter/shop/gone"

    assert bench.run(role=reader, **asked) is None
    assert "ssm:GetParameters on resource" in bench.run(**asked)
    missing = {"secrets": [{"name": "KEY", "valueFrom": arn}]}
    assert "invalid ssm parameters: /shop/gone" in bench.run(role=reader, **missing)


def test_a_parameter_with_a_key_of_its_own_is_decrypted(bench):
    """
    Only a SecureString needs its key.
    """
    key = bench.lab.aws("kms", WORKLOAD, REGION).create_key()["KeyMetadata"]["KeyId"]
    ssm = bench.lab.aws("ssm", WORKLOAD, REGION)
    ssm.put_parameter(Name="/shop/locked", Value="x", Type="SecureString", KeyId=key)
    asked = {"secrets": [{"name": "KEY", "valueFrom": "/shop/locked"}]}
    reader = bench.role(inline=allow("ssm:GetParameters"))
    both = bench.role(inline=allow(["ssm:GetParameters", "kms:Decrypt"]))

    assert "customer master key" in bench.run(role=reader, **asked)
    assert bench.run(role=both, **asked) is None


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ("", None),
        (":password::", None),
        (":password", "unexpected ARN format with parameters"),
        (":passwd::", "did not contain json key passwd"),
        ("::AWSOLD:", "secret value for staging label: AWSOLD"),
        (":::00000000-0000-0000-0000-000000000000", "secret value for VersionId: 0000"),
    ],
)
def test_parts_of_a_secret_are_asked_for_behind_its_arn(bench, tail, words):
    """
    Key, stage and version, with all colons.
    """
    reader = bench.role(inline=allow("secretsmanager:GetSecretValue"))
    arn = secret(bench, f"parts{bench.count}")
    said = bench.run(role=reader, secrets=[{"name": "DB", "valueFrom": arn + tail}])

    assert said is None if words is None else words in said


def test_a_value_has_to_be_there_and_to_be_json(bench):
    """
    A secret without a value has no version; one that is no JSON has no key.
    """
    reader = bench.role(inline=allow("secretsmanager:GetSecretValue"))

    def run(arn):
        return bench.run(role=reader, secrets=[{"name": "DB", "valueFrom": arn}])

    assert "staging label: AWSCURRENT" in run(secret(bench, "valueless", SecretString=None))
    plain = secret(bench, "plain", SecretString="hello")
    assert "invalid character 'h' looking for" in run(f"{plain}:password::")
    assert run(plain) is None


def test_a_name_that_ends_like_an_arn_is_taken_for_one(bench):
    """
    Without its six characters such a secret is not found by its ARN; any other one is.
    """
    reader = bench.role(inline=allow("secretsmanager:GetSecretValue"))
    for name, found in (("the-secret", False), ("thesecrets", True)):
        arn = secret(bench, name)[: -len("-AbCdEf")]
        said = bench.run(role=reader, secrets=[{"name": "DB", "valueFrom": arn}])

        assert (said is None) == found, said


def test_a_key_decrypts_for_whom_its_policy_admits(bench):
    """
    A policy that names the role needs no other; one that leaves the account out admits nobody of it.
    """
    reader = bench.role(inline=allow("secretsmanager:GetSecretValue"))
    kms = bench.lab.aws("kms", WORKLOAD, REGION)
    for principal, admitted in ((reader, True), (f"arn:aws:iam::{REGISTRY}:root", False)):
        policy = document(allow("kms:Decrypt", principal={"AWS": principal}, resource="*"))
        key = kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"]
        arn = secret(bench, f"kept{admitted}", KmsKeyId=key)
        said = bench.run(role=reader, secrets=[{"name": "DB", "valueFrom": arn}])

        assert (said is None) == admitted, said


def test_another_account_shares_its_secret_and_its_key(bench):
    """
    Across accounts both sides allow both; AWS's default key stays at home.
    """
    reader = bench.role(inline=allow(["secretsmanager:GetSecretValue", "kms:Decrypt"]))
    policy = document(allow("kms:Decrypt", principal={"AWS": reader}, resource="*"))
    key = bench.lab.aws("kms", REGISTRY, REGION).create_key(Policy=policy)["KeyMetadata"]["Arn"]
    owner = bench.lab.aws("secretsmanager", REGISTRY, REGION)
    shared = document(
        allow("secretsmanager:GetSecretValue", principal={"AWS": reader}, resource="*")
    )
    for name, more, expected in (
        ("far", {"KmsKeyId": key}, None),
        ("home", {}, "Access to KMS is not allowed"),
    ):
        arn = secret(bench, name, REGISTRY, **more)
        asked = {"secrets": [{"name": "DB", "valueFrom": arn}]}
        assert "because no resource-based policy allows" in bench.run(role=reader, **asked)
        owner.put_resource_policy(SecretId=arn, ResourcePolicy=shared)
        said = bench.run(role=reader, **asked)

        assert said is None if expected is None else expected in said


def test_a_log_group_has_to_be_there(bench):
    """
    Unless the log driver was told to make it.
    """
    named = {"awslogs-group": "/ecs/x", "awslogs-region": REGION}
    logging = {"logDriver": "awslogs", "options": named}
    makes = {"logDriver": "awslogs", "options": named | {"awslogs-create-group": "true"}}

    assert "log group does not exist" in bench.run(logConfiguration=logging)
    assert bench.run(logConfiguration=makes) is None
    bench.lab.aws("logs", WORKLOAD, REGION).create_log_group(logGroupName="/ecs/x")
    assert bench.run(logConfiguration=logging) is None


def test_secrets_need_a_way_too(bench):
    """
    The endpoints of the registry do not lead to Secrets Manager.
    """
    asked = {"secrets": [{"name": "DB", "valueFrom": secret(bench, "walled")}]}

    assert "context deadline exceeded" in bench.run(kind="endpoints", **asked)


def test_a_pull_rule_does_not_touch_a_container_with_credentials(bench):
    """
    Private images come once the registry's secret is there and readable.
    """
    bench.lab.estate.add_pull_rule("^example.com/private", words.ANONYMOUS_REFUSED)
    image = "example.com/private:v1"
    reader = bench.role(inline=allow("secretsmanager:GetSecretValue"))
    given = {"repositoryCredentials": {"credentialsParameter": secret(bench, "robot")}}

    assert "failed to resolve ref example.com/private:v1" in bench.run(image=image)
    assert bench.run(image=image, role=reader, **given) is None
    assert bench.run(image="example.com/public:v1") is None


def test_reasons_are_plain_json(bench):
    """
    Whatever is said can be stored and sent.
    """
    said = bench.run(image="222233334444.dkr.ecr.ap-northeast-1.amazonaws.com/here:<!channel>")

    assert json.loads(json.dumps(said)) == said
    assert "invalid reference format" in said
