// The page: asks for news, and shows what the acting person sees. All power is on the server's driving side.

import { Composer } from "./composer.js";
import { blocks } from "./blocks.js";
import { listMessages } from "./messages.js";
import { showModals } from "./modal.js";
import { showPanel } from "./panel.js";
import { sender, toast } from "./talk.js";
import { h, people } from "./text.js";

const $ = (id) => document.getElementById(id);
const store = { get: (k) => localStorage.getItem(`playground.${k}`), set: (k, v) => localStorage.setItem(`playground.${k}`, v) };
const app = {
  me: store.get("me") ?? "U01ALICE", channel: store.get("channel") ?? "C01SHOP", tab: "messages", thread: null,
  aside: null, seen: JSON.parse(store.get("seen") ?? "{}"), state: null, panel: [],
};
let news = new AbortController();
const send = sender(() => app.me);

// ---- news ---------------------------------------------------------------------------------------------------------

async function listen() {
  let version = -1;
  for (;;) {
    const mine = (news = new AbortController());
    const user = app.me;
    try {
      const answer = await fetch(`/ui/state?as=${user}&since=${version}`, { signal: mine.signal });
      if (answer.status === 200) {
        const found = await answer.json();
        if (user === app.me) { app.state = found; version = found.version; render(); }
      }
      $("offline").hidden = true;
    } catch {
      if (mine.signal.aborted) { version = -1; continue; }
      $("offline").hidden = false;
      await new Promise((go) => setTimeout(go, 1000));
      version = -1;
    }
  }
}

async function watchPanel() {
  for (;;) {
    try {
      if (!document.hidden) {
        app.panel = await (await fetch("/ui/panel")).json();
        renderPanel();
      }
    } catch { /* the line about the lost connection says it */ }
    await new Promise((go) => setTimeout(go, 2500));
  }
}

// ---- what is shown ------------------------------------------------------------------------------------------------

function render() {
  const s = app.state;
  Object.assign(people, { names: s.names, groups: s.groups, me: app.me, locale: s.users.find((u) => u.id === app.me)?.locale });
  people.channels = Object.fromEntries(s.channels.map((c) => [c.id, c.name]));
  if (!s.channels.some((c) => c.id === app.channel)) app.channel = s.channels[0].id;
  renderActing();
  renderChannels();
  renderMain();
  renderThread();
  showModals(s.modals, { send, toast });
}

function renderActing() {
  const box = $("act-as");
  const wanted = app.state.users.map((u) => u.id).join();
  if (box.dataset.users !== wanted) {
    box.dataset.users = wanted;
    box.replaceChildren(...app.state.users.map((u) => h("option", { value: u.id }, `${u.name}, ${u.title}`)));
  }
  box.value = app.me;
}

function renderChannels() {
  const s = app.state;
  const row = (c) => {
    const log = s.messages[c.id] ?? [];
    const last = log.at(-1)?.ts ?? "0";
    const key = `${app.me}/${c.id}`;
    if (c.id === app.channel && app.tab === "messages") app.seen[key] = last;
    const unread = log.some((m) => m.ts > (app.seen[key] ?? "0") && m.user !== app.me);
    const label = c.direct ? s.bot.name : c.name;
    return h("li", {}, h("button", {
      type: "button", class: unread ? "channel unread" : "channel", "data-channel": c.id,
      "aria-current": c.id === app.channel ? "page" : null, onclick: () => go(c.id),
    }, h("span", { class: "sign", "aria-hidden": "true" }, c.direct ? "◆" : "#"), label, unread && h("span", { class: "visually-hidden" }, " unread")));
  };
  const focused = document.activeElement?.dataset?.channel;
  $("sidebar").replaceChildren(
    h("h2", {}, "Channels"), h("ul", {}, s.channels.filter((c) => !c.direct).map(row)),
    h("h2", {}, "Apps"), h("ul", {}, s.channels.filter((c) => c.direct).map(row)),
    h("p", { class: "quiet foot" }, "A workspace on this machine. Nothing here reaches Slack or AWS."));
  if (focused) $("sidebar").querySelector(`[data-channel="${focused}"]`)?.focus();
  store.set("seen", JSON.stringify(app.seen));
}

function renderMain() {
  const s = app.state;
  const channel = s.channels.find((c) => c.id === app.channel);
  $("channel").textContent = channel.direct ? s.bot.name : `#${channel.name}`;
  $("topic").textContent = channel.topic;
  document.title = `${$("channel").textContent} · Playground`;
  const home = channel.direct && app.tab === "home";
  const tabs = $("tabs");
  tabs.hidden = !channel.direct;
  tabs.replaceChildren(...[["home", "Home"], ["messages", "Messages"]].map(([name, label]) => h("button", {
    type: "button", role: "tab", "aria-selected": String(app.tab === name), onclick: () => { app.tab = name; if (name === "home") send({ do: "home" }); render(); },
  }, label)));
  $("messages").hidden = home;
  $("composer-place").hidden = home;
  $("home").hidden = !home;
  if (home) renderHome();
  else {
    const top = (s.messages[app.channel] ?? []).filter((m) => !m.thread_ts || m.thread_ts === m.ts || m.broadcast);
    listMessages($("messages"), top, { ...context(), replies: replies(app.channel) }, app.channel);
  }
  main.options = { channel: app.channel, name: $("channel").textContent, commands: s.commands, bot: s.bot, users: s.users };
  main.refresh();
}

function renderHome() {
  const view = app.state.home;
  const key = view ? `${view.id}${view.hash}` : "none";
  if ($("home").dataset.key === key) return;
  $("home").dataset.key = key;
  const act = viewAct(view);
  $("home").replaceChildren(...(view ? blocks(view.blocks, act, view.state.values) : [h("p", { class: "empty" }, "The app has published nothing here yet.")]));
}

function viewAct(view) {
  return {
    click: (e, block, value, option) => send({ do: "click", view: view.id, action_id: e.action_id, value, option }),
    pick: (e, block, value) => send({ do: "pick", view: view.id, action_id: e.action_id, value }),
    suggest: (e, block, typed) => send({ do: "suggest", view: view.id, action_id: e.action_id, typed }),
  };
}

function replies(channel) {
  const found = {};
  for (const m of app.state.messages[channel] ?? []) if (m.thread_ts && m.thread_ts !== m.ts) (found[m.thread_ts] ??= []).push(m);
  return found;
}

function context() {
  return { app, send, openThread, shortcuts: app.state.shortcuts, bot: app.state.bot, me: app.me };
}

function renderThread() {
  const log = app.thread ? app.state.messages[app.thread.channel] ?? [] : [];
  const found = app.thread ? log.filter((m) => m.ts === app.thread.ts || m.thread_ts === app.thread.ts) : [];
  if (app.thread && !found.length) { app.thread = null; if (app.aside === "thread") app.aside = null; }
  renderAside();
  if (!app.thread) return;
  listMessages($("thread-messages"), found, { ...context(), inThread: true, replies: {} }, `${app.thread.channel}/${app.thread.ts}`);
  side.options = { channel: app.thread.channel, thread_ts: app.thread.ts, name: "thread", commands: [], bot: app.state.bot, users: app.state.users };
  side.refresh();
}

function renderAside() {
  const tabs = [["panel", "Services"], app.thread && ["thread", "Thread"]].filter(Boolean);
  $("aside").hidden = !app.aside;
  document.body.dataset.aside = app.aside ?? "";
  $("aside-tabs").replaceChildren(...tabs.map(([name, label]) => h("button", {
    type: "button", role: "tab", "aria-selected": String(app.aside === name), onclick: () => showAside(name),
  }, label)));
  $("thread").hidden = app.aside !== "thread";
  $("panel").hidden = app.aside !== "panel";
  $("services").setAttribute("aria-expanded", String(app.aside === "panel"));
}

// What a channel takes for no pull failure is put as a question to the bot; alone with it, all is one.
const worded = (row, mention, alone) => (row.asks && !alone ? `${mention} ${row.error}` : row.error);

function renderPanel() {
  const failing = app.panel.filter((r) => r.health === "failing").length;
  $("failing").hidden = !failing;
  $("failing").textContent = String(failing);
  $("failing").setAttribute("aria-label", `${failing} failing`);
  showPanel($("panel"), app.panel, {
    paste: (row) => { if (narrow()) showAside(null); if (app.tab === "home") { app.tab = "messages"; render(); } main.insert(worded(row, `@${app.state.bot.name}`, app.state.channels.some((c) => c.id === app.channel && c.direct))); },
    post: async (row) => { await send({ do: "say", channel: "C01SHOP", text: worded(row, `<@${app.state.bot.id}>`) }); if (narrow()) showAside(null); go("C01SHOP"); },
  });
}

// ---- going places -------------------------------------------------------------------------------------------------

const narrow = () => matchMedia("(max-width: 60rem)").matches;

function go(channel) {
  if (channel !== app.channel) app.tab = "messages";
  app.channel = channel;
  if (app.thread && app.thread.channel !== channel) {
    app.thread = null;
    app.aside = narrow() ? null : (store.get("aside") ?? "panel") || null;
  }
  store.set("channel", channel);
  drawer(false);
  render();
  $("messages").scrollTop = $("messages").scrollHeight;
}

function openThread(message) {
  app.thread = { channel: message.channel, ts: message.thread_ts ?? message.ts };
  showAside("thread");
  renderThread();
  side.focus();
}

function showAside(name) {
  app.aside = name;
  if (name !== "thread" && !narrow()) store.set("aside", name ?? "");
  renderAside();
}

function drawer(open) {
  document.body.classList.toggle("drawer", open);
  $("menu").setAttribute("aria-expanded", String(open));
}

function theme(wanted) {
  const dark = (wanted ?? store.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  $("theme").setAttribute("aria-pressed", String(dark));
}

const main = new Composer($("composer-place"), "composer", send, toast);
const side = new Composer($("thread-composer-place"), "thread-composer", send, toast);

$("act-as").addEventListener("change", (event) => { app.me = event.target.value; store.set("me", app.me); news.abort(); });
$("menu").addEventListener("click", () => drawer(!document.body.classList.contains("drawer")));
$("theme").addEventListener("click", () => { const t = document.documentElement.dataset.theme === "dark" ? "light" : "dark"; store.set("theme", t); theme(t); });
$("services").addEventListener("click", () => showAside(app.aside === "panel" ? null : "panel"));
$("aside-close").addEventListener("click", () => { showAside(null); main.focus(); });
$("main").addEventListener("pointerdown", () => drawer(false));
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && document.body.classList.contains("drawer")) drawer(false); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => theme());
theme();
app.aside = narrow() ? null : (store.get("aside") ?? "panel") || null;
listen();
watchPanel();
