"""The table of what the engines, the agent, the registries and IAM say when a pull fails.

Rows stand in order of precedence: what names the fault comes before what only surrounds it.
All patterns are matched in one linear pass over the flattened text, without regard to case.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import re2


class Row(NamedTuple):
    """One wording: the *family* it stands for, and the *stage* of the pull it belongs to."""

    family: str
    stage: str | None
    pattern: str


# A line of a program that mentions an error, in any of the usual languages.
PROGRAM = (
    r"re\.compile\(|^\s*(?:def|class|except|elif|case|try|else)\b.*:\s*$"
    r"|^\s*(?:func|fn|public|private|export|package|switch|class|interface|import|from|type)\b.*[{;(]\s*$"
    r"|^\s*(?:raise|assert|throw)\s+\w+.*[\"');]\s*$"
    r"|^\s*(?:if|while|for|return|elif)\b.*(?:==|!=|&&|\|\||\"\"\"|\bin\b.*:\s*$|[({;]\s*$)"
    r"|^\s*(?:const|let|var|val|final|static)\s+\w+(?:\s*:\s*[\w\[\]<>., ]+)?\s*="
    r"|^\s*[a-z_][\w.]*\(.*[\"'].*\)[;,]?\s*$"
    r"|^\s*[\w.\[\]]+\s+:?=\s+(?:[\[({]|re\.|new |f?[\"'].*[\"'][;,]?\s*$)"
    r"|=>\s*[{(\"']|\bstrings\.Contains|\berrors\.New|\bassert\w*\("
    r"|\.(?:includes|contains|startsWith|startswith|endswith|indexOf|test|match|matches|append)\("
    r"|^[+-]\s{2,}\S.*[;{},]$|^@@ |console\.(?:log|error)\(|fmt\.\w+f?\("
)

PULL = (
    Row("pull-through-cache-failure", "S4", r"UnableToGetUpstream|UnableToAccessSecretException|UnableToDecryptSecretValue|UnsupportedUpstreamRegistry|PullThroughCacheRuleNotFound|using the pull.through cache rule"),
    Row("disk-full", "S6", r"no space left on device|not enough (?:free )?(?:disk )?space|disk quota exceeded|Thin Pool has \d+ free|disk is full|insufficient disk space"),
    Row("platform-mismatch", "S4", r"descriptor matching platform|no matching manifest for|no match for platform|cannot be used on this platform|image platform .{0,80}does not match|does not match the (?:specified|detected|host) platform"),
    Row("unsupported-manifest", "S4", r"media ?type .{0,120}(?:no longer supported|not supported|unsupported)|mediaType in manifest should be|unsupported (?:manifest )?(?:media ?type|schema|manifest)|(?:unknown|unexpected|unrecognized) media ?type|: no signatures|manifest schema v?1|schema ?version 1|image format v1|failed to unmarshal manifest|unexpected end of JSON input|invalid rootfs in image configuration|Encountered remote .{0,120} when fetching"),
    Row("secret-malformed", "S2", r"did not contain json key|AuthorizationData is malformed|unable to unmarshal secret|invalid schema|empty secrets? value|unexpected ARN format|invalid ARN format|(?:from asm|secret).{0,300}invalid character|json key .{0,80}(?:not found|does not exist|missing)|secret .{0,80}not (?:a )?valid json|parsing ARN|arn: (?:invalid|not enough)"),
    Row("secret-not-found", "S2", r"invalid (?:ssm )?parameters: ?/|invalid ssm parameters|can'?t find the specified secret|ParameterNotFound|marked for deletion|scheduled for deletion|staging label|(?:asm|ssm|secret|parameter)\b.{0,400}ResourceNotFoundException|can'?t retrieve the secret"),
    Row("kms-denied", "S2", r"Access to KMS is not allowed|KMS.?AccessDenied|KMSInvalidState|KMS key .{0,80}(?:disabled|pending)|ciphertext refers to a customer master key|kms:Decrypt"),
    Row("layer-store-denied", "S5", r"parsing HTTP 403 response body|<Code>AccessDenied</Code>|unexpected status code [^ ]*(?:/blobs/|[./-]s3[.-]|starport|cloudfront|cloudflare)[^ ]* 403|httpRead(?:er)?Seeker: failed open: (?:server message: )?403"),
    Row("layer-corrupt", "S5", r"unknown blob|blob unknown|layers and diff ?ids don'?t +match|unexpected commit digest|failed size validation|digest mismatch|verification failed for digest|layer verification failed|could not fetch content descriptor .{0,200}not found|invalid tar header|gzip: invalid|zstd: |flate: corrupt|LayersNotFound|layer .{0,120}does not exist|invalid checksum digest|/blobs/[^ ]* 404|content digest .{0,90}not found"),
    Row("layer-corrupt|network-unreachable", "S5", r"unexpected EOF|failed to read expected number of bytes"),
    Row("snapshotter-failure", "S6", r"failed to prepare extraction snapshot|failed to create snapshot|failed to prepare .{0,80}snapshot|soci.{0,80}(?:fail|error|unavailable)|snapshotter"),
    Row("proxy-failure", None, r"proxyconnect|Proxy Authentication Required|407 Proxy|proxy error|error from proxy|proxy refused"),
    Row("certificate-invalid", None, r"x509:|certificate (?:has expired|signed by|is not valid|is valid for|verify failed|required|verification failed)|tls: (?:failed to verify|bad certificate|unknown certificate|unknown authority|handshake failure)|self.signed certificate"),
    Row("dns-failure", None, r"dial (?:tcp|udp): (?:lookup|i/o timeout.{0,20}lookup)|no such host|server misbehaving|temporary failure in name resolution|could ?n.t resolve host|name or service not known|lookup [^ ]+\.[^ ]+ on |NXDOMAIN"),
    Row("dockerhub-rate-limit", "S4", r"reached your (?:[\w-]+ )?pull rate limit|docker\.com/increase-rate-limit"),
    Row("ecr-rate-limit", None, r"data limit exceeded|ThrottlingException|RequestLimitExceeded|: Rate exceeded|TooManyRequestsException|Throttling: "),
    Row("rate-limit", "S4", r"429 Too Many|parsing HTTP 429|toomanyrequests|pull rate limit|rate limit (?:exceeded|reached)|status code:? 429|exceeded (?:the |your )?(?:pull )?rate limit"),
    Row("invalid-reference", "S4", r"invalid reference format|parse (?:normalized |image )?ref|invalid (?:image )?(?:name|reference)\b|must be lowercase|could not parse (?:image )?(?:name|reference)|object required|invalid repository name"),
    Row("pull-access-denied", "S4", r"pull access denied|insufficient_scope|requested access to the resource is denied|does not exist or may require"),
    Row("repository-not-found", "S4", r"repository [^ ]+ not found: |repository [^ ]+ not found[.)\"']*$|name unknown|NAME_UNKNOWN|RepositoryNotFound|repository with name .{1,200}does not exist|repository does not exist(?: *[^ o]| *$)|repository not found"),
    Row("image-or-tag-not-found|repository-not-found", "S4", r"repository [^ ]+ not found or image"),
    Row("ecr-auth-permission", "S3", r"ecr credentials: not found"),
    Row("unauthorized", "S4", r"private registry credentials: not found|authentication required.{0,300}Error: image [^ ]+ not found"),
    Row("image-or-tag-not-found", "S4", r"manifest unknown|MANIFEST_UNKNOWN|manifest for [^ ]+ not found|image [^ ]+ not found|ImageNotFoundException|requested image not found|resolve ref.{1,900}: not found|(?:\.\.\.|…) not found|(?:tag|image) [^ ]+ (?:does not|doesn't) exist|CannotPull\w*Error: .{0,300}\bnot found|/manifests/[^ ]* 404|status code .{0,200}404 Not Found|image not found"),
    Row("unauthorized", "S4", r"no basic auth credentials"),
    Row("unauthorized", "S4", r"401 Unauthorized|status code:? 401|authentication required|fetch anonymous token|fetch oauth token|incorrect username or password|invalid username|unauthorized: |: unauthorized(?:$|[\"'` )])|authorization token has expired|authorization failed|private registry credentials: not found|bad credentials|access forbidden|denied: denied"),
    Row("forbidden", "S4", r"403 Forbidden|status code:? 403"),
    Row("ecr-auth-permission", "S3", r"ecr registry auth.{0,300}AccessDenied|GetAuthorizationToken.{0,300}(?:AccessDenied|UnauthorizedException)|Failed to get ECR auth"),
    Row("secret-access-denied", "S2", r"(?:asm|ssm|secrets? manager|fetch secret|parameter store|secretsmanager)\b.{0,900}AccessDenied"),
    Row("ecr-auth-permission|repository-policy-denied", "S4", r"(?:Error: |pull.{0,200})AccessDenied"),
    Row("ecr-auth-permission|image-or-tag-not-found", "S4", r"check that the role has the permissions|check (?:if|that|whether) the image exists"),
    Row("network-unreachable", None, r"dial (?:tcp|udp)|i/o timeout|TLS handshake timeout|connection (?:refused|reset|timed out)|no route to host|network is unreachable|client\.timeout|waiting for connection|parsing HTTP 408|Request Time-?out|context deadl|deadline exceeded|signal: killed|send request failed|StatusCode: 0\b|there is a connection issue|unable to connect\b|exceeded maximum number of attempts|: EOF|check your task network configuration|could not connect to the endpoint|read: operation timed out|http2: .{0,40}(?:timeout|lost)"),
    Row("registry-unavailable", "S4", r"reach any registry endpoint|parsing HTTP 5\d\d|unexpected HTTP status: 5|\b50[0234] (?:Internal|Bad Gateway|Service|Gateway)|service unavailable|ServerException|InternalFailure|internal server error"),
    Row("pull-cancelled", "S5", r"context cancell?ed|inactivity time exceeded|transition to pulled|StoppedBeforePullBegin|pull cancell?ed|request cancell?ed|RequestCanceled"),
    Row("runtime-error", None, r"nil pointer|invalid memory address|panic: |devicemapper|connect to the docker daemon|containerd\.sock|failed to (?:register|extract) layer|failed to unpack|lease .{0,80}not found|(?:rpc|shim) error"),
    Row("network-unreachable|pull-cancelled", None, r"Error: *(?:time(?:d )? ?out|pull timed out)\b"),
)  # fmt: skip

NEAR = (
    Row("not-pull:logger", "S7", r"validate logger args|initialize logging driver|log stream|logs:(?:Create|Put)\w+|log group .{0,60}(?:does not exist|not found)|awslogs|logging driver|log driver|splunk:|fluentd?:.*connect|CloudWatch log"),
    Row("not-pull:efs-volume", "S2", r"EFS utils|efs volumes|mount\.nfs4|efs-utils|fs-\w+\.efs|EFS access point|mount efs|elasticfilesystem:"),
    Row("not-pull:env-file", "S2", r"env(?:ironment)? ?files?\b.{0,200}(?:fail|download|denied|forbidden|error|not found)|(?:fail|download).{0,60}env(?:ironment)? ?files?\b"),
    Row("not-pull:role-assume", "S1", r"unable to assume the role|unable to assume (?:execution|task|service.linked)? ?role|could not assume role|assume the service linked role"),
    Row("not-pull:eni", "S0", r"network interface provision|Create ?Network ?Interface|network interface (?:attachment|creation)|unused device index|RESOURCE:ENI|EC2 error .{0,100}interface|timeout waiting for (?:the )?(?:ENI|network interface)|attach(?:ing)? (?:the )?(?:ENI|network interface)"),
    Row("not-pull:capacity", "S0", r"capacity is unavailable|RESOURCE:FARGATE|no capacity|capacity provider .{0,80}(?:not|insufficient)|Spot.{0,20}(?:interrupt|capacity)|insufficient capacity"),
    Row("not-pull:placement", "S0", r"no container instance|closest matching .{0,160}(?:insufficient|encountered|missing|already)|insufficient (?:CPU|memory) (?:units )?available|AGENT error|RESOURCE:(?:CPU|MEMORY|PORTS?|GPU)|placement constraint|No Container Instances were found|MemberOf constraint|is missing an attribute required"),
    Row("not-pull:exec-format", None, r"exec format error"),
    Row("not-pull:soci-runtime", None, r"(?:soci|lazy.?load\w*|fuse).{0,200}(?:input/output error|read error|span|failed to read)|(?:input/output error|bus error).{0,200}(?:soci|lazy)"),
    Row("not-pull:oom", None, r"OutOfMemory|OOM.?killed|killed due to memory usage|exit(?: code|=)? ?137.{0,60}memory"),
    Row("not-pull:volume", None, r"CannotCreateVolume|volume plugin|create volume|VolumeDriver|EBS volume|volume attachment"),
    Row("not-pull:container-create", None, r"CannotCreateContainerError|ContainerCreateError"),
    Row("not-pull:container-start", None, r"CannotStartContainerError|OCI runtime create failed|executable file not found in|runc create failed|shim task|failed to create (?:new container runtime task|shim)"),
    Row("not-pull:container-inspect", None, r"CannotInspectContainer(?:Error)?|transition to inspecting"),
    Row("not-pull:container-stop", None, r"CannotStopContainer(?:Error)?|failed sending SIGTERM"),
    Row("not-pull:docker-timeout", None, r"DockerTimeoutError|ContainerRuntimeTimeoutError|could not tran\w{1,12} to (?:created|started|running|stopped|removed)"),
    Row("not-pull:health-check", None, r"failed .{0,30}health ?checks?|health checks? (?:failed|failing)|is unhealthy|unhealthy in target.?group|Elb health|failing health check"),
    Row("not-pull:agent-disconnected", None, r"agent .{0,40}(?:disconnect|not connected)|agentConnected|NoCredentialProviders|telemetry endpoint|(?:ECS|ACS|TCS) .{0,60}(?:connection|session).{0,40}(?:closed|lost|error|fail)|error getting valid credentials|register container instance|container instance .{0,90}disconnected"),
    Row("not-pull:agent-error", None, r"unable to create (?:task|container) state change|status not recognized by ECS|managed (?:task|agent) \[|module=.?TaskEngine|ecs-agent|agent\.log|ContainerRuntimeError|ContainerUnknownError"),
    Row("not-pull:registration", None, r"calling the (?:RunTask|RegisterTaskDefinition|CreateService|UpdateService|StartTask) operation|RegisterTaskDefinition.{0,160}(?:exception|fail|denied|error)|(?:RunTask|CreateService|UpdateService).{0,160}(?:Exception|AccessDenied|not authorized)|invalid .?(?:cpu|memory).? (?:setting|value)|no fargate configuration|ClientException.{0,200}(?:task definition|container|cpu|memory|role)|iam:PassRole"),
    Row("not-pull:container-exited", None, r"essential container in task exited|EssentialContainerExited|exit(?:ed with)? ?code:? ?[1-9]|exited with (?:code|status)|ProcessFailed|failed to run \S+|run task \S+: |container .{0,80}exited"),
    Row("not-pull:deployment", None, r"circuit breaker|failed to stabilize|ServicesStable|TasksStopped|TasksRunning|tasks failed to start|deployment .{0,80}(?:failed|rolled? ?back)|rollout.{0,40}fail|DescribeTasks operation|task failed to start|\[failed\]|steady state|service .{0,80}(?:not stable|did not stabilize)|max attempts exceeded"),
)  # fmt: skip

# What surrounds a message and tells where it was said.
CONTEXT = (
    Row("ecs", None, r"has been retried \d+ time|ecr registry auth|unable to pull secrets|execution resource retrieval|registry auth from (?:asm|amazon)|secrets? from (?:asm|ssm|secrets manager|aws)|fetch secret|The task can'?(?:no)?t pull|DockerGoClient|Error while pulling (?:image|container)|TaskFailedToStart|stoppedReason|stopped reason|unable to place a task|ecsTaskExecution|ssm parameters|CannotPull\w*Error|PullStartedAt|task failed to start|essential container"),
    Row("staged", None, r"error while pulling|transition to pulled|unable to pull (?:secrets|image)|ecr registry auth|registry auth from|secrets? from (?:asm|ssm|secrets manager|aws)|fetch secret|execution resource retrieval|GetAuthorizationToken|did not contain json key|ssm parameters|can(?:no|')t pull"),
    Row("ecs-word", None, r"\bECS\b|fargate|Elastic Container Service|arn:aws[\w-]*:ecs:|AWS Batch|task definition"),
    Row("engine", None, r"error response from daemon|failed to resolve ref|httpRead(?:er)?Seeker|pull access denied for|failed to register layer|failed to extract layer|failed to (?:copy|do request)|toomanyrequests: |no matching manifest for|no match for platform in manifest|descriptor matching platform|error pulling image conf|pull command failed|failed commit on ref|failed to authorize|failed to pull image|manifest (?:for [^ ]+ not found|unknown)|continuing with pull after|for pull after error|GetImageBlob|layers and diff ?ids|reach any registry|unknown blob|no basic auth credentials|API error \(\d+\)|prepare extraction snapshot"),
    Row("denial", None, r"not authorized to perform: ?ecr:(?:Batch|Get|Describe|Create)|policy allows ?the ecr:(?:Batch|Get|Create)|explicit deny.{0,80}ecr:"),
    Row("kubernetes", None, r"kubelet|ErrImagePull|ImagePullBackOff|rpc error: code|failed to pull and unpack|back-?off pulling|ExternalSecret|SecretSynced|CrashLoopBackOff|kubectl|FailedMount|imagePullSecret|InvalidImageName|pod sandbox|CreateContainerConfigError|k8s|serviceaccount:|apiVersion: v1"),
    Row("build", None, r"process completed with exit code|\[Container\] \d{4}|running command docker|invalid from flag|COPY --from|failed to solve|load metadata for|\[internal\]|refers to repository|docker push|docker build|docker-compose build|buildx|kaniko|codebuild|could not login to registry|logging into registry|COMMAND_EXECUTION_ERROR|cdk-assets|failed to publish asset|Publishing [0-9a-f]{20}|ecr:(?:PutImage|InitiateLayerUpload|UploadLayerPart|CompleteLayerUpload|BatchCheckLayerAvailability)|##\[error\]|gitlab-runner|error building image|ERROR: Job failed|Step \d+/\d+ :|writing manifest to image destination|github actions|\bpush(?:ing|ed)?\b (?:image|de l|to ecr|the image)|Jenkins|bitbucket|circleci|buildkit|buildpack|podman|amazon-ecr-login|docker login -|cdk deploy.{0,200}docker|failed to push"),
    # A build that pulls its own container says so in ECS's words; what ECS says of a task beats it.
    Row("builder", None, r"BUILD_CONTAINER_UNABLE_TO_PULL|unable to pull customer.?s (?:container )?image|\bPhase context status code|codebuild.{0,60}\b(?:provisioning|unable to pull|can(?:no|')t pull)|\bPROVISIONING\b.{0,60}(?:CLIENT_ERROR|FAILED|FAULT)"),
    Row("task", None, r"stopped ?reason|stopCode|TaskFailedToStart|task failed to start|has been retried \d+ time|unable to place a task"),
    Row("other-principal", None, r"assumed-role/[^ ]*(?:github|gitlab|codebuild|jenkins|lambda|sagemaker|circleci|bitbucket|argocd|eks|k8s|irsa|karpenter|AWSReservedSSO|apprunner|glue|emr)|:user/[^ ]+ is not authorized|\$\{[A-Z_]+\}:assumed-role"),
    Row("other-aws", None, r"sagemaker|LocalStack|ecs-cli|App ?Runner|botocore\.|calling the (?:Get|List|Put|Receive|Send|Create|Describe)(?:Secret|Parameter|Object|Message|Model|Function|Image|Repositor|Authorization|Login|Stack|Instances|Bucket|Queue|Topic|Item|Endpoint)\w* operation|lambda function|aws lambda|function's image|SQS|Glue job|Greengrass|this ciphertext"),
)  # fmt: skip

# How people talk about an error that is not happening to them now.
TONE = (
    Row("title", None, r"^\W{0,4}(?:(?:fix|feat|chore|docs|refactor|test|ci|build|perf|bug|feature|enhancement|bugfix)(?:\([^)]{1,40}\))?!?\s?(?::|-\s)|(?:fix(?:e[sd])?|add(?:s|ed)?|handle[sd]?|retry|retries|improve[sd]?|document(?:s|ed)?|resolve[sd]?|avoid(?:s|ed)?|ignore[sd]?|detect|support|implement(?:s|ed)?|prevent(?:s|ed)?|surface|treat|classify|bump .{1,60}:|merge pull request)\s+[^:]{0,90}\b(?:cannotpull|resourceinit|pull|error))"),
    Row("past", None, r"\b(?:(?:fixed|solved|resolved) (?:it|this|that|by|the|for|my|our|with|when|in)|turned out|turns out|never ?mind|nvm|closing|no longer|went away|was (?:fixed|solved|resolved|caused by|due to)|(?:is|are|was) gone|back to normal|works now|working now|thanks|thank you|root cause was|used to (?:see|get|fail))\b"),
    Row("solved", None, r"^\W{0,9}(?:(?:update|edit|re)\W{1,3})?(?:(?:this|that|it|everything)(?: is|.?s| was| got)? |all |now )?(?:(?:fixed|solved|resolved|sorted)(?:\W*$| ?[!.,:;)\]]|\W{1,4}(?:it\b|this\b|that\b|now\b|out\b|:\w+:))|never ?mind\b|nvm\b|false alarm|(?:all good(?: now| again)*|good now|(?:it )?work(?:s|ing)(?: again| now)+|back to normal(?: now| again)*)(?:\W*$| ?[!.,;)]| :\w+:)|solucionado|resuelto|resolvido|risolto|r(?:é|e)solu\b|gel(?:ö|oe)st\b|erledigt)|\b(?:issue|problem|incident|error|outage|this|that|everything)(?:.?s| is| was| has been| are| were| got)(?: now| all| finally| since)* (?:fixed|solved|resolved|sorted)\b|\b(?:issue|problem|error) (?:is|was) (?:now )?gone\b|post-?mortem|retrospective|root cause was|for the record|解決(?:しました|済み|できました)|(?:直|治)りました|(?:復旧|解消)しました"),
    Row("open", None, r"resolved:? (?:\d|[\w-]+\.[\w.-]+)|\b(?:but|however|except|next|another|though|still|keeps?|why|help|any ?(?:one|body|ideas?)|now (?:it|i|we|they)|same error|(?:happen|fail|stop|start|appear|occur)\w* again|never (?:found|solved|fixed|understood)|aber|pero|mais)\b|(?:fixed|solved|resolved|sorted) ?\?|\b(?:until|once|when|if|whether|hope|please)\b[^.!]{0,40}\b(?:fixed|solved|resolved|sorted)\b|しかし|けど|のに|ましたが|まだ|なぜ"),
    Row("asking", None, r"what (?:is|are|does|do|exactly)\b|\bmean(?:s|ing)\b|difference between|list of\b|とは|どういう意味"),
    Row("still", None, r"\b(?:still|again|but now|keeps?|why|help|any ?(?:one|body|ideas?)|now (?:it|i|we|they)|instead)\b|\?"),
    Row("howto", None, r"\b(?:if (?:you|your|the task|a task|it|tasks)|when you|that is expected|this (?:error )?(?:means|occurs|happens|indicates)|common (?:causes|errors)|to (?:fix|resolve|avoid|troubleshoot) (?:this|the|a|it)|you (?:may|might|will|can|could) (?:see|get|encounter|run into)|is (?:returned|raised|thrown) when|the following (?:error|reasons)|such as|e\.g\.|for example)\b"),
    Row("occurred", None, r"has been retried \d+ time ?\(s\)|error response from daemon|arn:aws|amazonaws\.com|dial tcp|request ?id: ?[0-9a-f]|API error \(\d+\)|(?:Get|Head|Post) ..?https?://|StatusCode: \d"),
)  # fmt: skip

# What single lines tell; ^ and $ are those of a line.
LINES = (
    Row("command", None, r"(?m)^\s*(?:[\w@~:./-]{0,60}[$#>%❯»]\s*|~?[\w/.-]{0,40} [$#>%❯»]\s*|\[[^\]\n]{1,80}\][$#]\s*|\(\w+\)\s*|I ran:?\s*|\+\s*)?(?:sudo\s+)?(?:docker|podman|nerdctl|finch|ctr|crictl|crane|skopeo|docker-compose)\s+(?:-\S+\s+)*(?:image\s+|compose\s+|images\s+|--\S+\s+)*(?:pull|run|push|build|login|up|tag|create|copy|inspect|manifest)\b|locally\s*$|^Using default tag:|See 'docker run|^docker: Error|^\s*[0-9a-f]{12}: (?:Waiting|Pulling|Download|Already|Verifying|Pull complete|Extracting|Retrying)|^Trying to pull |^ctr: |FATA\[|[`'\"](?:sudo )?docker(?: compose|-compose)? (?:pull|run|build|push|up)\b|\b(?:ran|run|running|tr(?:y|ied)|with|using|doing) [`'\"]?(?:sudo )?docker (?:pull|run|build|push)\b"),
    Row("trace", None, r"(?m)Traceback \(most|^\s*File \"[^\"]+\", line \d+|^\s+at [\w.$]+\([\w.]+:\d+\)|Exception: |Error: .{0,400}\(RequestToken"),
    Row("program", None, r"(?m)" + PROGRAM),
    Row("table", None, r"(?m)\|.*\|\s*$|^\s*\|.*\|| \|\s*$"),
)  # fmt: skip

ROWS = (*PULL, *NEAR, *CONTEXT, *TONE)


class Found(NamedTuple):
    """What one text holds: wordings of a failed pull, of other failures, and its surroundings."""

    pull: tuple[Row, ...]
    near: tuple[Row, ...]
    context: frozenset[str]


def compiled(rows: tuple[Row, ...]) -> re2.Set:
    """Return *rows* as one automaton."""
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    options.max_mem = 64 << 20
    table = re2.Set.SearchSet(options)
    for row in rows:
        table.Add(row.pattern)
    table.Compile()
    return table


# Built on first use: importing stays cheap.
_of_texts = functools.cache(lambda: compiled(ROWS))
_of_lines = functools.cache(lambda: compiled(LINES))


def found(flat: str) -> Found:
    """Return the rows of the table that *flat* contains."""
    hits = sorted(_of_texts().Match(flat) or ())
    pulls, nears = len(PULL), len(PULL) + len(NEAR)
    return Found(
        tuple(ROWS[hit] for hit in hits if hit < pulls),
        tuple(ROWS[hit] for hit in hits if pulls <= hit < nears),
        frozenset(ROWS[hit].family for hit in hits if hit >= nears),
    )


def lines_found(lines: tuple[str, ...]) -> frozenset[str]:
    """Return which kinds of line stand among *lines*."""
    return frozenset(LINES[hit].family for hit in _of_lines().Match("\n".join(lines)) or ())
