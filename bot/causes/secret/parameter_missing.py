"""A parameter of Systems Manager that the task asks for does not exist.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html
"""

from __future__ import annotations

from bot.facts import DescribedParameters, Recorded, StoppedTask, WantedSecret, WantedSecrets
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.secret.references import OF_AWS, once
from bot.secret.rights import parameter, recorded_words, seen, summed_up

INVALID = "invalid ssm parameters:"
UNLISTED = "parameters of AWS itself, and secrets asked for as parameters, are listed nowhere"
SLASH = "only ECS can tell whether it takes a name without its leading slash"


def decide(
    asked: WantedSecrets,
    parameters: DescribedParameters | Unknown,
    said: Recorded | Unknown,
    task: StoppedTask | Unknown,
) -> Verdict:
    words = recorded_words(said, task)
    return summed_up((w, _one(w, parameters, words)) for w in once(asked.of("ssm")))


def _one(wanted: WantedSecret, parameters: DescribedParameters | Unknown, words: str) -> Verdict:
    found = parameter(parameters, wanted)
    told = _told(words, wanted)
    similar = None if isinstance(found, Unknown) else found.similar
    proof = seen(wanted, similar=similar, version=wanted.version, bare=_bare(wanted))
    if isinstance(found, Unknown):
        return Confirmed({**proof, "kind": "recorded"}) if told else Undecided((found,))
    if found.exists:
        versioned = told and wanted.version
        return Confirmed({**proof, "kind": "version"}) if versioned else RuledOut()
    if f"/{wanted.name.removeprefix('/')}".startswith(OF_AWS) and not told:
        return Undecided((Unknown("DescribedParameters", UNLISTED),))
    if similar and not told:
        return Undecided((Unknown("DescribedParameters", SLASH),))
    return Confirmed({**proof, "kind": "missing"})


def _bare(wanted: WantedSecret) -> bool:
    return not wanted.written.startswith("arn:")


def _told(words: str, wanted: WantedSecret) -> bool:
    """Tell whether ECS recorded that this very parameter is not valid."""
    _, found, named = words.partition(INVALID)
    names = named.replace(",", " ").split()
    return bool(found) and any(n.strip(".;\"'") in (wanted.name, wanted.written) for n in names)


def advise(asked: WantedSecrets) -> tuple[Call, ...]:
    """Look for the parameter that was meant, or make it."""
    named = next(iter(asked.of("ssm")), None)
    if named is None:
        return ()
    part = named.name.strip("/").rpartition("/")[2]
    only = [{"Key": "Name", "Option": "Contains", "Values": [part]}]
    made = {"Name": named.name, "Type": "SecureString", "Value": "<value>"}
    return (
        Call("ssm", "describe_parameters", {"ParameterFilters": only}),
        Call("ssm", "put_parameter", made),
    )


CAUSE = Cause(
    id="parameter-missing",
    group="secret",
    stage="S2",
    families=("secret-not-found",),
    decide=decide,
    advise=advise,
)
