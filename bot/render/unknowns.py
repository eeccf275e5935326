"""What could not be checked and why, in words.

Collectors and causes give their reasons as short English phrases, for logs and for JSON. Here
stands every form of them; ``templates/unknowns`` has its words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.model import Unknown
from bot.render.words import Marked, Surface, message, say

REASONS, FACTS = "unknowns", "facts"

# A form that fits many reasons stands after those that say more.
FORMS: Mapping[str, str] = {
    "denied_explicitly": "denied {what} by an explicit Deny in a {code}",
    "denied": "denied {what}",
    "throttled": "throttled {what}",
    "no_answer": "no answer from {what}",
    "no_credentials": "no credentials",
    "error": "error {code} from {what}",
    "internal": "internal error",
    "not_asked": "not asked",
    "account_unconfigured": "account {what} is not configured",
    "role_not_assumed": "role {what} could not be assumed",
    "session_policy": "the session policy is longer than {what} characters",
    "role_absent": "role {what} does not exist",
    "role_policy_gone": "a policy of role {what} is gone",
    "old_manifest": "whether the runtime still takes {what} is not known",
    "platform_open": "whether {what} runs {code} is not known",
    "old_events": "only the newest lifecycle events were read",
    "key_use": "whether ECR can use {what} is not known",
    "fips": "whether {what} has a FIPS endpoint of ECR is not known",
    "condition_keys": "condition key {what} unknown",
    "condition": "a condition of its policies is unknown",
    "action_undecided": "{what} could not be decided",
    "policy_unreadable": "its policy cannot be read in full",
    "trust_unknown": "its trust policy is not known",
    "trust_unreadable": "its trust policy is not readable",
    "no_role": "there is no role to judge the policy for",
    "role_unseen": "on EC2 only the recorded error tells which role pulled",
    "definition_unknown": "no task definition is known",
    "definition_absent": "task definition {what} does not exist",
    "image_unknown": "no image is known",
    "nothing_recorded": "ECS has recorded nothing about this pull",
    "registry_ambiguous": "the registry does not tell a private repository from a missing one",
    "only_docker_hub": "only Docker Hub can tell whether {what} is meant to be there",
    "another_secret": "another secret",
    "secret_policy": "the secret's own policy, which may let the role in, is not read",
    "secret_policy_shut": "the secret's own policy, which may keep the role out, is not read",
    "parameter_unlisted": "parameters of AWS itself, and secrets asked for as parameters, are listed nowhere",
    "parameter_slash": "only ECS can tell whether it takes a name without its leading slash",
    "unlabelled_version": "a version without a stage is not listed, although it may be there",
    "launch_type": "the launch type is not known",
    "host_outside": "the host is not in AWS",
    "interface_unknown": "the network interface is not known",
    "host_unknown": "the container instance is not known",
    "host_gone": "the container instance is gone",
    "public_ip": "whether there was a public IP address is not known",
    "subnet_unknown": "no subnet is known",
    "subnets_gone": "the subnets do not exist",
    "several_vpcs": "the subnets are of several VPCs",
    "vpc_absent": "VPC {what} does not exist",
    "behind": "what lies behind {what} is not known",
    "by_ipv6": "whether {what} is reached by IPv6 is not known",
    "far_endpoints": "whether the endpoints for {what} serve the pull is not known",
    "registry_scope": "whether the registry policy governs pulls is not known",
    "on_internet": "whether {what} is on the internet is not known",
    "leads": "where {what} leads is not known",
    "names_lead": "whether names lead to {what} is not known",
    "route_table": "the route table of {what} is not known",
    "depends_on_address": "what {what} lets through depends on the address",
    "groups_unknown": "its security groups are not known",
    "which_answers": "which of several addresses answers is not known",
    "names_unknown": "where names lead is not known",
    "free_addresses": "how many addresses are free is not known",
    "untold": "no API tells whether it still holds",
    "image_size": "the size of {what} is not known",
    "absent": "{what} does not exist",
}
PATTERNS = {
    block: re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(form)), re.DOTALL)
    for block, form in FORMS.items()
}


def unchecked(unknown: Unknown, language: str, surface: Surface = "slack") -> str:
    """Return what could not be checked, why, and the permission that would help."""
    line = message(
        "unchecked",
        language,
        surface,
        fact=Marked(fact(unknown.fact, language, surface)),
        because=Marked(because(unknown.because, language, surface)),
    )
    if unknown.grant:
        line += message("unchecked_grant", language, surface, grant=unknown.grant)
    return line


def fact(name: str, language: str, surface: Surface = "slack") -> str:
    """Return a fact's name in words: people do not know our types."""
    said = say(FACTS, name, language, {}, surface)
    return said or say(FACTS, "other", language, {"name": name}, surface)


def because(reason: str, language: str, surface: Surface = "slack") -> str:
    """Return a reason in words, and one of no known form as it is."""
    block, values = form(reason)
    return say(REASONS, block, language, values, surface)


def form(reason: str) -> tuple[str, Mapping[str, Any]]:
    """Return which form *reason* has, and the values in it."""
    for block, pattern in PATTERNS.items():
        if found := pattern.fullmatch(reason):
            return block, found.groupdict()
    return "other", {"what": reason}


def worded(context: Mapping[str, Any], language: str, surface: Surface = "slack") -> dict[str, Any]:
    """Return what a sentence needs, with the reason in it, if there is one, in words."""
    found = dict(context)
    if isinstance(reason := found.get("because"), str):
        found["because"] = Marked(because(reason, language, surface))
    return found
