"""Image references, written anew."""

from dataclasses import replace

from bot.references import Place, at, in_other_region, place, tagged
from tests.causes.facts_image_network import ACCOUNT, IMAGE, NEW, REGION, REPOSITORY

TOKYO = f"arn:aws:ecr:ap-northeast-1:{ACCOUNT}:repository/team/shop"
TOKYO_OF_ANOTHER = "arn:aws:ecr:ap-northeast-1:333344445555:repository/team/shop"
HERE_OF_ANOTHER = f"arn:aws:ecr:{REGION}:333344445555:repository/team/shop"


def test_place_of_a_repository():
    """
    A repository's ARN names its place, slashes in the name included.
    """
    assert Place("aws", ACCOUNT, REGION, "team/shop") == place(REPOSITORY.arn)


def test_host_of_china():
    """
    Every partition has its own suffix.
    """
    there = place("arn:aws-cn:ecr:cn-north-1:222233334444:repository/shop")

    assert "222233334444.dkr.ecr.cn-north-1.amazonaws.com.cn" == there.host


def test_same_form_of_host():
    """
    Only account and Region change: a dual-stack host stays dual-stack.
    """
    host = f"{ACCOUNT}.dkr-ecr.{REGION}.on.aws"
    moved = at(replace(IMAGE, host=host), place(TOKYO_OF_ANOTHER))

    assert "333344445555.dkr-ecr.ap-northeast-1.on.aws/team/shop:v1.0.0" == moved


def test_digest_travels_along():
    """
    What was pinned stays pinned.
    """
    moved = at(replace(IMAGE, digest=NEW, tag=None), place(TOKYO))

    assert f"{ACCOUNT}.dkr.ecr.ap-northeast-1.amazonaws.com/team/shop@{NEW}" == moved


def test_another_tag_drops_the_digest():
    """
    A tag beside a digest would be ignored.
    """
    assert f"{IMAGE.host}/team/shop:v2" == tagged(replace(IMAGE, digest=NEW), "v2")


def test_wrong_region_or_wrong_account():
    """
    The own account's other Region comes first; the same Region elsewhere is a wrong account.
    """
    assert () == in_other_region(IMAGE, ())
    assert () == in_other_region(IMAGE, [HERE_OF_ANOTHER])
    assert () == in_other_region(IMAGE, [HERE_OF_ANOTHER, TOKYO_OF_ANOTHER])
    assert (place(TOKYO),) == in_other_region(IMAGE, [HERE_OF_ANOTHER, TOKYO])
    assert (place(TOKYO_OF_ANOTHER),) == in_other_region(IMAGE, [TOKYO_OF_ANOTHER])
