"""``/ecs-pull`` and the form that it opens."""

from __future__ import annotations

import pytest

from playground.workspace import BOT_USER
from tests.support.bot import ALICE, AUDIT, BORA, RANDOM, SHOP, SHOP_JA, YUKI

NAME = "image-tag-missing"
WEB = "arn:aws:ecs:ap-northeast-1:222233334444:service/main/shop-web"


def ask(bot, text, user=ALICE, channel=SHOP):
    return bot.workspace.command(user, channel, "/ecs-pull", text)


def thread_of(bot, channel=SHOP):
    """Return the message that the command's thread hangs on."""
    return bot.workspace.wait(lambda: bot.workspace.messages(channel))[0]


@pytest.mark.parametrize(
    "text", ["what?", "scan the shop", "main/", "arn:aws:s3:::bucket", "a/b/c"]
)
def test_what_is_not_understood_is_said_in_private(bot, text):
    """
    Nothing appears in the channel; the person is told what would help.
    """
    ask(bot, text)

    assert "/ecs-pull help" in bot.whispered(ALICE, "not an ECS image pull error").words
    assert [] == bot.workspace.messages(SHOP)


def test_another_failure_of_ecs_is_told_apart(bot):
    """
    A container that cannot start was pulled: two sentences say so.
    """
    ask(bot, 'CannotStartContainerError: exec: "/app": stat /app: no such file or directory')

    bot.whispered(ALICE, "not an image pull failure")


@pytest.mark.parametrize("text", ["main/shop-web", WEB, f"`{WEB}`", f"<{WEB}>", " main/shop-web "])
def test_a_service_is_diagnosed_in_a_thread_of_its_own(bot, text):
    """
    The question stands in the channel, the answer under it.
    """
    ack = ask(bot, text)
    root = thread_of(bot)

    found = bot.answer(root, button="show_fix")

    assert "" == ack.body
    assert "shop-web" in root.text
    assert "is not in repository" in found.text


def test_a_task_and_a_task_definition_are_diagnosed(bot):
    """
    The ARN of a stopped task, and of a task definition, are enough.
    """
    ecs = bot.estate.client("ecs", "222233334444", "ap-northeast-1")
    task = ecs.list_tasks(cluster="main", serviceName="shop-web", desiredStatus="STOPPED")
    for arn in (
        task["taskArns"][0],
        "arn:aws:ecs:ap-northeast-1:222233334444:task-definition/shop-web:1",
    ):
        before = len(bot.workspace.messages(SHOP))
        ask(bot, arn)
        root = bot.workspace.wait(lambda n=before: bot.workspace.messages(SHOP)[n:])[0]
        assert "is not in repository" in bot.answer(root, button="check_again").text


def test_a_pasted_error_is_read(bot):
    """
    Free text after the command is an error; buttons in the thread work.
    """
    ask(bot, bot.error(NAME))
    root = thread_of(bot)
    found = bot.answer(root, button="show_fix")

    bot.workspace.click(ALICE, found, "show_fix")

    assert bot.answer(root, button="approve_fix")


def test_help_accounts_and_history_are_private(bot):
    """
    Each word is answered to the person alone; only accounts that the channel may see are told.
    """
    assert "opens a form" in ask(bot, "help").json["text"]
    listed = ask(bot, "ACCOUNTS").json["text"]
    assert "prod" in listed
    assert "111122223333" not in listed
    assert "111122223333" in ask(bot, "accounts", channel=AUDIT).json["text"]
    assert "フォーム" in ask(bot, "help", channel=SHOP_JA).json["text"]

    ask(bot, "history")
    bot.whispered(ALICE, "No diagnosis yet")
    ask(bot, "main/shop-web")
    bot.answer(thread_of(bot), button="show_fix")
    ask(bot, "history")
    bot.whispered(ALICE, "is not in repository")
    assert 2 == len(bot.workspace.messages(SHOP))  # the question and its answer


def test_a_channel_without_the_bot_is_told_so_in_one_private_sentence(bot):
    """
    From a text and from the form: nothing is lost, nothing is said aloud.
    """
    w = bot.workspace
    w.leave("U00BOT", RANDOM)
    try:
        ask(bot, WEB, channel=RANDOM)
        bot.whispered(ALICE, "/invite")
        w.core.state.whispers[ALICE].clear()

        ask(bot, "", channel=RANDOM)
        bot.form(ALICE, account="222233334444", cluster="main", service="shop-web")
        bot.whispered(ALICE, "/invite")
        assert [] == w.messages(RANDOM)
    finally:
        w.join("U00BOT", RANDOM)
        refused = w.core.refusals
        refused[:] = [
            r for r in refused if r.error != "not_in_channel"
        ]  # Slack's answer was wanted


# --- the form ------------------------------------------------------------------------------------


def test_the_form_leads_from_account_to_service(bot):
    """
    Each list offers what belongs to the choice before it, and the diagnosis is of what was chosen.
    """
    w = bot.workspace
    ask(bot, "", channel=RANDOM)
    view = w.modal(ALICE)
    assert "tools" not in view.words

    bot.form(ALICE, account="222233334444", region="us-east-1", cluster="main", service="recommend")

    root = thread_of(bot, RANDOM)
    assert "recommend" in bot.answer(root, button="check_again").text
    assert w.modal(ALICE) is None


def test_the_form_chooses_the_usual_account_and_no_other(bot):
    """
    That of the channel where there is one; of several that are visible none.
    """
    w = bot.workspace

    def chosen():
        return [b["element"].get("initial_option", {}).get("value") for b in w.modal(ALICE).blocks]

    ask(bot, "")
    assert ["222233334444", "ap-northeast-1", "main", None, None] == chosen()
    w.close(ALICE, w.modal(ALICE))
    ask(bot, "", channel=RANDOM)
    assert [None, None] == chosen()


def test_the_lists_follow_what_is_typed_and_chosen(bot):
    """
    Services are those of the chosen Region, narrowed down by what is typed.
    """
    w = bot.workspace
    ask(bot, "")
    offered = {o["value"] for o in w.suggest(ALICE, w.modal(ALICE), "service")}
    narrowed = [o["value"] for o in w.suggest(ALICE, w.modal(ALICE), "service", "SHOP")]

    assert {"shop-web", "checkout"} <= offered
    assert "recommend" not in offered
    assert ["shop-web"] == narrowed


def test_a_name_that_does_not_fit_is_not_offered(bot):
    """
    Slack takes 75 characters of a value; cut, it would name another service.
    """
    w, long = bot.workspace, "shop-" + "x" * 71
    ecs = bot.estate.client("ecs", "222233334444", "ap-northeast-1")
    ecs.create_service(
        cluster="main", serviceName=long, taskDefinition="shop-web:1", desiredCount=0
    )
    try:
        ask(bot, "")
        offered = [o["value"] for o in w.suggest(ALICE, w.modal(ALICE), "service", "shop-")]
    finally:
        ecs.delete_service(cluster="main", service=long, force=True)

    assert ["shop-web"] == offered


def test_the_form_speaks_japanese(bot):
    """
    In a Japanese channel the form is Japanese, and so is the answer.
    """
    ask(bot, "", user=YUKI, channel=SHOP_JA)
    assert "サービス" in bot.workspace.modal(YUKI).words

    bot.form(YUKI, service="shop-web")

    assert "ありません" in bot.answer(thread_of(bot, SHOP_JA), button="show_fix").text


def test_a_slow_aws_does_not_hold_up_the_form(bot):
    """
    Where AWS hangs, the list is empty in time, and the form still works by name.
    """
    w = bot.workspace
    ask(bot, "")
    bot.estate.latency = 2.6
    try:
        assert [] == w.suggest(ALICE, w.modal(ALICE), "service")
    finally:
        bot.estate.latency = 0.0

    assert not [a for a in w.acks if a.late]


def test_a_text_in_the_form_is_taken_along(bot):
    """
    What was pasted into the form points at the cause, and the chosen service proves it.
    """
    ask(bot, "", user=BORA)
    bot.form(BORA, service="shop-web", text=bot.error(NAME))

    assert "is not in repository" in bot.answer(thread_of(bot), button="show_fix").text


ROLE = (
    "(service ledger) failed to launch a task with (error ECS was unable to assume the role"
    " 'arn:aws:iam::222233334444:role/ledger-execution' that was provided for this task. Please verify"
    " that the role being passed has the proper trust relationship and permissions)."
)


def test_a_role_that_ecs_cannot_assume_is_checked_once_the_service_is_named(bot):
    """
    The text is about no pull, and still one of the causes: with its service it is found.
    """
    ask(bot, "")
    bot.form(ALICE, region="us-east-1", cluster="main", service="ledger", text=ROLE)

    found = bot.answer(thread_of(bot), button="check_again")

    assert "ledger" in found.text
    assert "not an image pull failure" not in found.words


@pytest.mark.parametrize("how", ["command", "mention"])
def test_the_service_of_an_event_is_found_by_its_name(bot, how):
    """
    The text tells the service and, by the role, its account: it is looked for in every Region.
    """
    if how == "command":
        ask(bot, ROLE)
        said = thread_of(bot)
    else:
        said = bot.workspace.say(ALICE, SHOP, f"<@{BOT_USER}> {ROLE}")

    found = bot.answer(said, button="check_again")

    assert "ledger-execution" in found.text
    assert "us-east-1" in found.words  # not the Region of the channel


@pytest.mark.parametrize("how", ["command", "mention"])
def test_a_role_that_ecs_cannot_assume_alone_asks_for_the_service(bot, how):
    """
    Where the text tells no service and none recorded it, one can be picked; the text is kept.
    """
    alone = ROLE.removeprefix("(service ledger) ")
    if how == "command":
        ask(bot, alone)
        said = thread_of(bot)
    else:
        said = bot.workspace.say(ALICE, SHOP, f"<@{BOT_USER}> {alone}")
    found = bot.answer(said, button="pick_subject")
    assert "execution-role-missing" in found.words

    bot.workspace.click(ALICE, found, "pick_subject")
    bot.form(ALICE, region="us-east-1", cluster="main", service="ledger")

    assert "ledger-execution" in bot.answer(said, button="check_again").text


def test_a_service_is_found_where_no_account_is_usual(bot):
    """
    One account that the channel sees has it: that one is taken, and said.
    """
    ask(bot, "main/shop-web", channel=RANDOM)
    root = thread_of(bot, RANDOM)

    found = bot.answer(root, button="show_fix")

    assert "is not in repository" in found.text
    assert "222233334444" in found.words
    assert "Nobody said where it is" in found.words


def test_a_service_in_two_accounts_is_not_guessed(bot):
    """
    Both are told, and how to say which: the form in the thread leads on.
    """
    images = bot.estate.client("ecs", "333344445555", "ap-northeast-1")
    images.create_cluster(clusterName="main")
    images.register_task_definition(family="shop-web", containerDefinitions=[])
    images.create_service(
        cluster="main", serviceName="shop-web", taskDefinition="shop-web", desiredCount=0
    )
    try:
        ask(bot, "main/shop-web", channel=RANDOM)
        root = thread_of(bot, RANDOM)
        found = bot.answer(root, button="pick_subject")
    finally:
        images.delete_service(cluster="main", service="shop-web", force=True)
        images.delete_cluster(cluster="main")

    assert all(w in found.words for w in ("prod ap-northeast-1", "images ap-northeast-1"))
    assert "no default account" in found.words
    bot.workspace.click(ALICE, found, "pick_subject")
    bot.form(ALICE, account="222233334444", cluster="main", service="shop-web")
    assert "is not in repository" in bot.answer(root, button="show_fix").text


def test_a_service_that_nobody_has_is_said_to_be_nowhere(bot):
    """
    Not that an account is missing: all were looked into.
    """
    ask(bot, "main/nowhere", channel=RANDOM)

    found = bot.answer(thread_of(bot, RANDOM), "There is no service", "pick_subject")

    assert "main/nowhere" in found.words
