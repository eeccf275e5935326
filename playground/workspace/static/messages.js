// Messages: one row each, redrawn only when they changed, so that focus, scroll and open menus survive news.

import { blocks, menu } from "./blocks.js";
import { clock, emojiName, h, initials, mrkdwn, people, when } from "./text.js";

export function listMessages(place, messages, context, key) {
  const fresh = place.dataset.key !== key;
  const low = fresh || place.scrollHeight - place.scrollTop - place.clientHeight < 80;
  if (fresh) place.replaceChildren();
  place.dataset.key = key;
  const old = new Map([...place.children].map((n) => [n.dataset.ts, n]));
  const rows = [];
  let before = null;
  for (const message of messages) {
    const day = when(message.ts).toDateString();
    if (!before || when(before.ts).toDateString() !== day) rows.push(divider(message, old));
    rows.push(row(message, before, context, old));
    before = message;
  }
  if (!rows.length) rows.push(h("p", { class: "empty" }, context.inThread ? "" : "Nothing here yet. Paste an error, or type /ecs-pull."));
  sync(place, rows);
  if (low) toEnd(place);
}

function toEnd(place) {
  place.scrollTop = place.scrollHeight;
  const last = place.lastElementChild; // of a long answer the first line is what counts
  if (last && last.offsetHeight > place.clientHeight) place.scrollTop = last.offsetTop - place.offsetTop - 6;
}

function sync(place, rows) {
  const wanted = new Set(rows);
  for (const node of [...place.children]) if (!wanted.has(node)) node.remove();
  rows.forEach((node, i) => { if (place.children[i] !== node) place.insertBefore(node, place.children[i] ?? null); });
}

function divider(message, old) {
  const day = when(message.ts);
  const name = `day-${day.toDateString()}`;
  const label = day.toDateString() === new Date().toDateString() ? "Today" : day.toLocaleDateString(people.locale, { weekday: "long", month: "long", day: "numeric" });
  return old.get(name) ?? h("div", { class: "day", "data-ts": name }, h("span", {}, label));
}

function row(message, before, context, old) {
  const answers = context.replies[message.ts] ?? [];
  const together = before && author(before) === author(message) && when(message.ts) - when(before.ts) < 300000 && !before.ephemeral && !message.ephemeral && !message.broadcast;
  const mark = JSON.stringify([message, answers.length, answers.at(-1)?.ts, together, context.me]);
  const known = old.get(message.ts);
  if (known?.mark === mark) return known;
  const node = draw(message, answers, together, context);
  node.mark = mark;
  if (known?.contains(document.activeElement)) queueMicrotask(() => node.focus({ preventScroll: true }));
  return node;
}

const author = (m) => m.bot_id ?? m.user;

function draw(message, answers, together, context) {
  const name = message.username ?? people.names[message.user] ?? message.user;
  const bot = Boolean(message.bot_id);
  const at = when(message.ts);
  const stamp = h("time", { datetime: at.toISOString(), title: at.toLocaleString(people.locale) }, clock(at));
  const classes = ["message", together && "together", message.ephemeral && "ephemeral"].filter(Boolean).join(" ");
  return h("article", { class: classes, "data-ts": message.ts, tabindex: "-1", "aria-label": `${name}, ${clock(at)}` },
    h("div", { class: "gutter" }, together ? h("time", { datetime: at.toISOString(), title: at.toLocaleString(people.locale) }, clock(at).replace(/\s?[AP]M$/, "")) : h("span", { class: `avatar tone${tone(name)}${bot ? " bot" : ""}`, "aria-hidden": "true" }, initials(name))),
    h("div", { class: "content" },
      !together && h("div", { class: "who" }, h("strong", {}, name), bot && h("span", { class: "tag" }, "app"), stamp),
      message.ephemeral && h("p", { class: "only-you" }, "👁 Only visible to you"),
      message.broadcast && !context.inThread && h("p", { class: "quiet" }, "replied to a thread"),
      body(message, context),
      reactions(message),
      answers.length > 0 && !context.inThread && h("button", { type: "button", class: "replies", onclick: () => context.openThread(message) },
        `${answers.length} ${answers.length === 1 ? "reply" : "replies"}`, h("span", { class: "quiet" }, ` last at ${clock(when(answers.at(-1).ts))}`))),
    tools(message, context));
}

function body(message, context) {
  const act = {
    click: (e, block, value, option) => context.send({ do: "click", channel: message.channel, ts: message.ts, action_id: e.action_id, value, option }),
    pick: (e, block, value) => context.send({ do: "pick", channel: message.channel, ts: message.ts, action_id: e.action_id, value }),
    suggest: (e, block, typed) => context.send({ do: "suggest", channel: message.channel, ts: message.ts, action_id: e.action_id, typed }),
  };
  const edited = message.edited && !message.bot_id && h("span", { class: "quiet edited" }, "(edited)");
  return h("div", { class: "said" },
    message.blocks?.length ? blocks(message.blocks, act) : message.text && mrkdwn(message.text),
    edited,
    (message.attachments ?? []).map((a) => h("div", { class: "attachment" },
      a.pretext && mrkdwn(a.pretext), a.title && h("strong", {}, a.title), a.text && mrkdwn(a.text),
      (a.fields ?? []).map((f) => h("p", {}, h("strong", {}, f.title), " ", f.value)), a.blocks && blocks(a.blocks, act))),
    (message.files ?? []).map(file));
}

function file(f) {
  const link = h("a", { href: f.url_private, target: "_blank", rel: "noopener" }, f.title);
  if (f.mimetype.startsWith("image/")) return h("figure", { class: "file" }, h("figcaption", {}, link), h("img", { class: "large", src: f.url_private, alt: f.alt_txt ?? f.title }));
  return h("div", { class: "file" }, h("p", {}, "📄 ", link, h("span", { class: "quiet" }, ` ${f.size} bytes`)), f.preview && h("pre", { tabindex: "0", role: "region", "aria-label": f.title }, f.preview, f.preview_is_truncated && "\n…"));
}

function reactions(message) {
  const found = message.reactions ?? [];
  return found.length > 0 && h("div", { class: "reactions" }, found.map((r) => h("span", { class: "reaction", title: r.users.map((u) => people.names[u] ?? u).join(", ") }, emojiName(r.name), ` ${r.count}`)));
}

function tools(message, context) {
  if (message.ephemeral) return null;
  const items = Object.entries(context.shortcuts).map(([callback_id, label]) => ({ label, go: () => context.send({ do: "shortcut", callback_id, channel: message.channel, ts: message.ts }) }));
  if (message.user === context.me) items.push({ label: "Edit message", go: () => edit(message, context) });
  return h("div", { class: "tools" },
    !context.inThread && h("button", { type: "button", class: "button quiet-button", "aria-label": "Reply in thread", title: "Reply in thread", onclick: () => context.openThread(message) }, "💬"),
    menu("More actions", "⋮", items));
}

function edit(message, context) {
  const place = document.querySelector(`[data-ts="${message.ts}"] .said`);
  const field = h("textarea", { rows: "4", "aria-label": "Edit message" });
  field.value = plain(message);
  const save = async () => { if (field.value.trim()) await context.send({ do: "edit", channel: message.channel, ts: message.ts, text: field.value }); };
  const back = h("div", { class: "editing" }, field, h("div", { class: "foot" },
    h("button", { type: "button", class: "button", onclick: () => { back.replaceWith(place); } }, "Cancel"),
    h("button", { type: "button", class: "button primary", onclick: save }, "Save")));
  place.replaceWith(back);
  field.focus();
}

function plain(message) {
  const fences = (message.blocks?.[0]?.elements ?? []).map((e) => {
    const inner = e.elements.map((s) => (s.type === "user" ? `<@${s.user_id}>` : s.type === "channel" ? `<#${s.channel_id}>` : s.style?.code ? `\`${s.text}\`` : s.text ?? s.url ?? "")).join("");
    return e.type === "rich_text_preformatted" ? `\`\`\`\n${inner}\n\`\`\`` : inner;
  });
  return fences.join("\n") || message.text;
}

export function tone(name) {
  const known = Object.values(people.names).indexOf(name);
  return (known < 0 ? [...name].length : known) % 6;
}
