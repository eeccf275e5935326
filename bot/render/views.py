"""Modals and the App Home tab."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.awscli import command
from bot.config import Account
from bot.fix import Fix
from bot.model import Cause, RuledOut, plain
from bot.render import blocks, thread, unknowns, words
from bot.render.blocks import Block
from bot.report import Entry, Report

View = dict[str, Any]
TITLE = 24
TEXTS = 3  # blocks of what ECS said


def form(
    accounts: Sequence[Account],
    language: str,
    *,
    metadata: str,
    account: Account | None = None,
    region: str | None = None,
    cluster: str | None = None,
    text: str = "",
) -> View:
    """Return the form: account, Region, cluster and service, each list depending on the one before.

    Of several accounts none is chosen for anybody; what depends on it is asked for after it.
    """
    chosen = account or (accounts[0] if len(accounts) == 1 else None)
    named = [(a.alias, a.id) for a in accounts]
    which = _select("account", language, named, chosen.id if chosen else None)
    what = _multiline("text", language, text)
    return {
        "type": "modal",
        "callback_id": "subject_form",
        "private_metadata": metadata,
        "title": blocks.plain(words.message("form_title", language), TITLE),
        "submit": blocks.plain(words.message("form_submit", language), TITLE),
        "close": blocks.plain(words.message("form_close", language), TITLE),
        "blocks": [
            _input("account", words.message("form_account", language), which, dispatch=True),
            *(_places(chosen, language, region, cluster) if chosen else ()),
            _input("text", words.message("form_text", language), what, optional=True),
        ],
    }


def _places(
    account: Account, language: str, region: str | None, cluster: str | None
) -> Iterator[Block]:
    """Yield the inputs for what is in *account*.

    Cluster and service are looked up while the person types (external selects), because only
    AWS knows them. Input blocks get ids that change with what they depend on, so that Slack
    forgets a choice that no longer fits.
    """
    region = region if region in account.regions else next(iter(account.regions), None)
    place = f"{account.id}:{region or ''}"
    regions = _select("region", language, [(r, r) for r in account.regions], region)
    clusters = _external("cluster", language, cluster)
    services = _external("service", language, None)
    yield _input(
        f"region:{account.id}", words.message("form_region", language), regions, dispatch=True
    )
    yield _input(
        f"cluster:{place}", words.message("form_cluster", language), clusters, dispatch=True
    )
    yield _input(
        f"service:{place}:{cluster or ''}", words.message("form_service", language), services
    )


def details(found: Report, language: str) -> View:
    """Return all that did not fit into the thread: proofs, what was ruled out and why, commands."""
    where = "/".join(
        filter(None, (found.subject.cluster, found.subject.service or found.subject.task))
    )
    place = f"{found.subject.account} {found.subject.region} {where}".strip()
    body: list[Block] = [
        _titled("details_subject", language, [words.Marked(f"`{words.inert(place)}`")])
    ]
    if found.symptom.errors:
        body += [
            blocks.section(_title("details_text", language)),
            *blocks.codes("\n".join(found.symptom.errors[:3]), TEXTS)[0],
        ]
    for entry in found.confirmed[:3]:
        body += _proven(entry, found.subject.region, language)
    if found.missing:
        unread = [unknowns.unchecked(u, language) for u in found.missing[:20]]
        body.append(_titled("details_unchecked", language, unread))
    if found.ruled_out:
        lines = [f"`{e.id}` {_why_not(e.finding.verdict)}".strip() for e in found.ruled_out]
        body.append(_titled("details_ruled_out", language, lines))
    return {
        "type": "modal",
        "callback_id": "details",
        "title": blocks.plain(words.message("details_title", language), TITLE),
        "close": blocks.plain(words.message("details_close", language), TITLE),
        "blocks": body[:100],
    }


def _proven(entry: Entry, region: str, language: str) -> Iterator[Block]:
    """Yield a confirmed cause: what was seen of it, and the commands that a person would run."""
    verdict = entry.finding.verdict
    proof = {} if not hasattr(verdict, "proof") else plain(verdict.proof)
    yield blocks.headline(thread.cause_words(entry, "headline", language))
    yield blocks.code(json.dumps(proof, indent=1, ensure_ascii=False, default=str))
    if entry.advice:
        ready = "\n".join(command(c, region) for c in entry.advice)
        yield blocks.section(thread.ready(entry.advice, language))
        yield blocks.code(ready)


def home(
    recent: Sequence[Mapping[str, Any]],
    waiting: Sequence[tuple[Fix, Cause]],
    language: str,
    *,
    version: str,
    accounts: int,
    store_ready: bool,
) -> View:
    """Return the App Home tab: what waits for this person, and what was found lately."""
    store = words.message("store_ready" if store_ready else "store_away", language)
    body: list[Block] = [
        blocks.section(
            f"*{words.message('home_title', language)}*\n{words.message('help', language)}"
        ),
        {"type": "divider"},
    ]
    if waiting:
        body.append(blocks.headline(words.message("home_approvals", language)))
        body += [
            blocks.section(
                f"• {words.cause(c, 'headline', language, f.proof)} "
                f"({blocks.user(f.asked_by)}, {blocks.date(f.asked_at)}) <#{f.channel}>"
            )
            for f, c in waiting[:10]
        ]
    body.append(blocks.headline(words.message("home_recent", language)))
    body += [blocks.section(history_line(r)) for r in recent[:20]] or [
        blocks.section(words.message("home_empty", language))
    ]
    body += blocks.context(
        [words.message("home_version", language, version=version, accounts=accounts, store=store)]
    )
    return {"type": "home", "blocks": body[:100]}


def history_line(entry: Mapping[str, Any]) -> str:
    """Return one past diagnosis as a line."""
    headline = words.inert(str(entry.get("headline", "")))
    return f"• {headline}  `{words.inert(str(entry.get('where', '')))}` {_when(entry)}".strip()


def _when(entry: Mapping[str, Any]) -> str:
    at = entry.get("at")
    return f"<!date^{int(at)}^{{date_short_pretty}} {{time}}|–>" if at else ""


def _why_not(verdict: object) -> str:
    proof = verdict.proof if isinstance(verdict, RuledOut) else {}
    pairs = [f"{k}: {v}" for k, v in plain(proof).items() if v not in (None, "", [], {})]
    return str(words.inert(words.clip(", ".join(pairs), 120)))


def _title(block: str, language: str) -> str:
    return f"*{words.message(block, language)}*"


def _titled(block: str, language: str, lines: Sequence[str]) -> Block:
    return blocks.section(_title(block, language) + "\n" + "\n".join(f"• {line}" for line in lines))


def _input(
    block_id: str, label: str, element: Block, *, dispatch: bool = False, optional: bool = False
) -> Block:
    return {
        "type": "input",
        "block_id": block_id[:255],
        "label": blocks.plain(label),
        "element": element,
        "optional": optional,
        "dispatch_action": dispatch,
    }


def _select(
    action: str, language: str, pairs: Sequence[tuple[str, str]], chosen: str | None
) -> Block:
    options = [blocks.option(text, value) for text, value in pairs]
    options = options or [blocks.option(words.message("form_none", language), "-")]
    initial = next((o for o in options if o["value"] == chosen), None)
    return blocks.select(action, words.message("form_pick", language), options, initial)


def _external(action: str, language: str, chosen: str | None) -> Block:
    element: Block = {
        "type": "external_select",
        "action_id": action,
        "min_query_length": 0,
        "placeholder": blocks.plain(words.message("form_pick", language)),
    }
    if chosen is None or not blocks.fits(chosen):
        return element
    return element | {"initial_option": blocks.option(chosen, chosen)}


def _multiline(action: str, language: str, text: str) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": action,
        "multiline": True,
        "placeholder": blocks.plain(words.message("form_text_hint", language)),
    }
    return element | ({"initial_value": words.clip(text, 3000)} if text else {})
