"""The models of AWS's services: less than botocore's, and never too little."""

import ast
from pathlib import Path

import botocore.loaders
import botocore.session
import pytest

from bot.actions import ALL
from bot.aws.models import models, regions
from bot.model import Call
from bot.permissions import action

ROOT = Path(__file__).parent.parent.parent / "bot"
# Who makes calls: elsewhere they are advice, for a person to type.
CALLING = [*ROOT.glob("aws/*.py"), *ROOT.glob("live*.py"), *ROOT.glob("*steps.py")]
SERVICES = sorted({a.partition(":")[0] for a in ALL})


def written(file):
    """Yield every call in *file* whose service and operation stand there as words."""
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Call(ast.Name("Call"), [ast.Constant(service), ast.Constant(operation), *_]):
                yield Call(service, operation, {})


@pytest.fixture(scope="module")
def theirs():
    return botocore.loaders.Loader()


def test_every_call_that_the_code_makes_is_there():
    """
    A call that was forgotten in the table of actions would fail only where somebody needs it.
    """
    made = [call for file in CALLING for call in written(file)]

    assert 60 < len(made)
    assert [] == [c for c in made if action(c) not in ALL]


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_left_is_as_in_the_full_model(theirs, service):
    """
    Each operation keeps its request, its answer and its errors, to the last shape; the words alone go.
    """
    full = theirs.load_service_model(service, "service-2")
    ours = models().load_service_model(service, "service-2")
    called = {n for n in full["operations"] if f"{service}:{n}" in ALL}

    assert called == set(ours["operations"])
    assert full["metadata"] == ours["metadata"]
    assert {} == {n: s for n, s in ours["shapes"].items() if undocumented(full["shapes"][n]) != s}


@pytest.mark.parametrize("service", SERVICES)
def test_every_shape_of_an_operation_can_be_resolved(service):
    """
    botocore follows them when a call is made, and when it fails.
    """
    session = botocore.session.Session()
    session.register_component("data_loader", models())
    model = session.get_service_model(service)

    for name in model.operation_names:
        operation = model.operation_model(name)
        walk(operation.input_shape)
        walk(operation.output_shape)
        for error in operation.error_shapes:
            walk(error)
    asked = {a for a in ALL if a.partition(":")[0] == service}
    assert asked == {f"{service}:{name}" for name in model.operation_names}


def test_a_service_without_a_model_is_told_as_botocore_tells_it():
    """
    What is not there is botocore's to say.
    """
    with pytest.raises(botocore.exceptions.UnknownServiceError):
        models().load_service_model("no-such-service", "service-2")


def test_the_regions_are_those_of_every_partition():
    """
    A Region of China and one of GovCloud are among them, a mistyped one is not.
    """
    assert {"eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1"} <= regions()
    assert "eu-wset-1" not in regions()


def undocumented(part):
    if isinstance(part, dict):
        return {
            k: undocumented(v)
            for k, v in part.items()
            if k != "documentation" or not isinstance(v, str)
        }
    return [undocumented(p) for p in part] if isinstance(part, list) else part


def walk(shape, seen=None):
    """Resolve *shape* and all that it consists of."""
    seen = seen if seen is not None else set()
    if shape is None or shape.name in seen:
        return
    seen.add(shape.name)
    for inner in (
        *getattr(shape, "members", {}).values(),
        *(getattr(shape, a) for a in ("member", "key", "value") if hasattr(shape, a)),
    ):
        walk(inner, seen)
