// Slack's three ways to write text, as DOM nodes: mrkdwn, rich text, and Markdown. Nothing is ever parsed as HTML.

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && typeof value !== "string") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

export const people = { names: {}, groups: {}, channels: {}, me: "", locale: undefined };

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", eyes: "👀", warning: "⚠️", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", mag: "🔍", wrench: "🔧", hammer_and_wrench: "🛠️", rocket: "🚀", tada: "🎉",
  information_source: "ℹ️", question: "❓", exclamation: "❗", no_entry: "⛔", no_entry_sign: "🚫",
  lock: "🔒", unlock: "🔓", key: "🔑", link: "🔗", bulb: "💡", red_circle: "🔴", green_circle: "🟢",
  large_green_circle: "🟢", large_yellow_circle: "🟡", large_red_circle: "🔴", large_blue_circle: "🔵",
  white_circle: "⚪", large_orange_circle: "🟠", arrow_right: "➡️", arrow_left: "⬅️", arrow_down: "⬇️",
  arrow_up: "⬆️", leftwards_arrow_with_hook: "↩️", repeat: "🔁", arrows_counterclockwise: "🔄",
  thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎", wave: "👋", clock1: "🕐", package: "📦",
  whale: "🐳", bell: "🔔", no_bell: "🔕", pushpin: "📌", memo: "📝", page_facing_up: "📄", globe_with_meridians: "🌐",
  raising_hand: "🙋", raised_hand: "✋", stopwatch: "⏱️", alarm_clock: "⏰", clock3: "🕒", timer_clock: "⏲️", fire: "🔥",
  sos: "🆘", octagonal_sign: "🛑", grey_question: "❔", grey_exclamation: "❕", heavy_minus_sign: "➖", heavy_plus_sign: "➕",
  large_yellow_square: "🟨", large_green_square: "🟩", large_red_square: "🟥", black_circle: "⚫", radio_button: "🔘",
  mag_right: "🔎", mailbox: "📫", inbox_tray: "📥", outbox_tray: "📤", clipboard: "📋", scroll: "📜", bookmark: "🔖", label: "🏷️",
  speech_balloon: "💬", thought_balloon: "💭", hammer: "🔨", toolbox: "🧰", electric_plug: "🔌", satellite: "📡", door: "🚪",
  bust_in_silhouette: "👤", busts_in_silhouette: "👥", closed_lock_with_key: "🔐", rewind: "⏪", back: "🔙", ok: "🆗", new: "🆕",
  rotating: "🔄", wastebasket: "🗑️", zap: "⚡", star: "⭐", sparkles: "✨", broken_heart: "💔", cloud: "☁️", point_right: "👉",
  point_up: "☝️", ok_hand: "👌", pray: "🙏", clap: "👏", smile: "😄", thinking_face: "🤔", ghost: "👻", skull: "💀", snail: "🐌",
  construction: "🚧", rotating_light: "🚨", robot_face: "🤖", shield: "🛡️", house: "🏠", gear: "⚙️", calendar: "📅",
};

export const emoji = (text) => text.replace(/(?<!\w):([a-z0-9_+-]+):(?!\w)/g, (all, name) => EMOJI[name] ?? all);
export const emojiName = (name) => EMOJI[name] ?? `:${name}:`;
const entities = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function initials(name) {
  return (name || "?").split(/[\s-]+/).map((w) => w[0]).join("").slice(0, 2).toUpperCase();
}

export function when(ts) {
  return new Date(parseFloat(ts) * 1000);
}

export function clock(date) {
  return date.toLocaleTimeString(people.locale, { hour: "2-digit", minute: "2-digit" });
}

// ---- mrkdwn -------------------------------------------------------------------------------------------------------

export function mrkdwn(text) {
  const out = h("div", { class: "text" });
  for (const piece of (text ?? "").split(/(```[\s\S]*?```)/)) {
    if (piece.startsWith("```") && piece.length >= 6) out.append(pre(entities(links(piece.slice(3, -3)).replace(/^\n|\n$/g, ""))));
    else if (piece) lines(out, piece);
  }
  return out;
}

const links = (code) => code.replace(/<(?:https?|mailto):([^<>|\s]*)(?:\|([^<>]+))?>/g, (all, url, label) => label ?? all.slice(1, -1)); // by label

function pre(code) {
  return h("pre", { tabindex: "0", role: "region", "aria-label": "Code" }, h("code", {}, code));
}

function lines(out, text) {
  let quote = null;
  let paragraph = null;
  for (const line of text.replace(/^\n|\n$/g, "").split("\n")) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) out.append((quote = h("blockquote")));
      quote.append(h("div", {}, inline(quoted[1])));
      paragraph = null;
      continue;
    }
    quote = null;
    if (paragraph && line) paragraph.append(h("br"), ...inline(line));
    else if (line) out.append((paragraph = h("p", { class: /^(•|◦|▪)/.test(line) ? "item" : null }, inline(line))));
    else paragraph = null;
    if (/^(•|◦|▪)/.test(line)) paragraph = null;
  }
}

const INLINE = /`([^`\n]+)`|<((?:[@#!]|https?:|mailto:)[^<>\n]+)>|(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])|(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])|(?<![\w~])~(\S(?:[^~\n]*\S)?)~(?![\w~])/g;

function inline(text) {
  const found = [];
  let at = 0;
  for (const m of text.matchAll(INLINE)) {
    found.push(emoji(entities(text.slice(at, m.index))));
    at = m.index + m[0].length;
    if (m[1] !== undefined) found.push(h("code", {}, entities(links(m[1]))));
    else if (m[2] !== undefined) found.push(token(m[2]));
    else if (m[3] !== undefined) found.push(h("strong", {}, inline(m[3])));
    else if (m[4] !== undefined) found.push(h("em", {}, inline(m[4])));
    else found.push(h("s", {}, inline(m[5])));
  }
  found.push(emoji(entities(text.slice(at))));
  return found.filter((f) => f !== "");
}

function token(inside) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : inside.slice(bar + 1);
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${people.channels[target.slice(1)] ?? (label || target.slice(1))}`);
  if (target.startsWith("!subteam^")) return group(target.slice(9), label);
  if (target.startsWith("!date^")) return date(...target.slice(6).split("^"), label);
  if (target.startsWith("!")) return h("span", { class: "mention me" }, `@${label || target.slice(1)}`);
  return anchor(entities(target), entities(label));
}

export function anchor(url, label) {
  const safe = /^(https?:|mailto:)/.test(url);
  return safe ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label || url) : h("span", {}, label || url);
}

function mention(id, label) {
  return h("span", { class: id === people.me ? "mention me" : "mention" }, `@${people.names[id] ?? (label || id)}`);
}

function group(id, label) {
  return h("span", { class: "mention" }, `@${people.groups[id] ?? (label.replace(/^@/, "") || id)}`);
}

function date(stamp, pattern, ...rest) {
  const fallback = rest.pop() || "";
  const at = new Date(Number(stamp) * 1000);
  if (Number.isNaN(at.getTime())) return fallback;
  const day = (options) => at.toLocaleDateString(people.locale, options);
  const near = (otherwise) => {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86400000);
    return Math.abs(days) > 1 ? otherwise : new Intl.RelativeTimeFormat(people.locale, { numeric: "auto" }).format(-days, "day");
  };
  const short = day({ month: "short", day: "numeric", year: "numeric" });
  const long = day({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
  const full = day({ month: "long", day: "numeric", year: "numeric" });
  const known = {
    date_num: at.toISOString().slice(0, 10), date: full, date_short: short, date_long: long,
    date_pretty: near(full), date_short_pretty: near(short), date_long_pretty: near(long), time: clock(at),
    time_secs: at.toLocaleTimeString(people.locale), ago: near(short),
  };
  const shown = (pattern ?? "").replace(/\{(\w+)\}/g, (all, name) => known[name] ?? all);
  const node = h("time", { datetime: at.toISOString(), title: fallback || at.toString() }, shown);
  return rest[0] ? anchor(rest[0], shown) : node;
}

// ---- rich text ----------------------------------------------------------------------------------------------------

export function rich(elements) {
  return h("div", { class: "text" }, elements.map(part));
}

function part(element) {
  const inner = () => (element.elements ?? []).map(span);
  if (element.type === "rich_text_preformatted") return pre((element.elements ?? []).map((e) => e.text ?? e.url ?? "").join(""));
  if (element.type === "rich_text_quote") return h("blockquote", {}, inner());
  if (element.type === "rich_text_list") {
    const tag = element.style === "ordered" ? "ol" : "ul";
    return h(tag, { class: `indent${element.indent ?? 0}` }, element.elements.map((e) => h("li", {}, e.elements.map(span))));
  }
  return h("p", {}, inner());
}

function span(e) {
  if (e.type === "user") return mention(e.user_id, "");
  if (e.type === "usergroup") return group(e.usergroup_id, "");
  if (e.type === "channel") return h("span", { class: "mention" }, `#${people.channels[e.channel_id] ?? e.channel_id}`);
  if (e.type === "emoji") return emojiName(e.name);
  if (e.type === "broadcast") return h("span", { class: "mention me" }, `@${e.range}`);
  if (e.type === "date") return date(e.timestamp, e.format, e.url ?? "", e.fallback ?? "");
  let node = e.type === "link" ? anchor(e.url, e.text) : breaks(e.text ?? "");
  const style = e.style ?? {};
  for (const [name, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) {
    if (style[name]) node = h(tag, {}, node);
  }
  return node;
}

function breaks(text) {
  return text.split("\n").flatMap((line, i) => (i ? [h("br"), line] : [line]));
}

// ---- Markdown -----------------------------------------------------------------------------------------------------

export function markdown(text) {
  const out = h("div", { class: "text" });
  const rows = text.split("\n");
  while (rows.length) {
    const row = rows.shift();
    let m;
    if (/^```/.test(row)) {
      const code = [];
      while (rows.length && !/^```/.test(rows[0])) code.push(rows.shift());
      rows.shift();
      out.append(pre(code.join("\n")));
    } else if ((m = /^(#{1,6}) (.*)$/.exec(row))) {
      out.append(h("p", { class: "heading", role: "heading", "aria-level": String(Math.min(m[1].length + 2, 6)) }, marked(m[2])));
    } else if (/^\s*(?:[-*+]|\d+\.) /.test(row)) {
      const ordered = /^\s*\d/.test(row);
      const list = h(ordered ? "ol" : "ul", {}, h("li", {}, marked(row.replace(/^\s*(?:[-*+]|\d+\.) /, ""))));
      while (rows.length && /^\s*(?:[-*+]|\d+\.) /.test(rows[0])) list.append(h("li", {}, marked(rows.shift().replace(/^\s*(?:[-*+]|\d+\.) /, ""))));
      out.append(list);
    } else if (/^> ?/.test(row)) {
      out.append(h("blockquote", {}, marked(row.replace(/^> ?/, ""))));
    } else if (/^\|.*\|\s*$/.test(row)) {
      const all = [row];
      while (rows.length && /^\|.*\|\s*$/.test(rows[0])) all.push(rows.shift());
      const cells = all.filter((r) => !/^[|\s:-]+$/.test(r)).map((r) => r.trim().slice(1, -1).split("|"));
      out.append(grid(cells.map((r) => r.map((c) => marked(c.trim())))));
    } else if (/^(-{3,}|\*{3,})$/.test(row.trim())) out.append(h("hr"));
    else if (row.trim()) out.append(h("p", {}, marked(row)));
  }
  return out;
}

export function grid(rows) {
  const [head, ...body] = rows;
  return h("div", { class: "grid", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, h("tr", {}, head.map((c) => h("th", { scope: "col" }, c)))),
      h("tbody", {}, body.map((r) => h("tr", {}, r.map((c) => h("td", {}, c)))))));
}

const MARKED = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|(?<!\w)_([^_]+)_(?!\w)|~~([^~]+)~~|\[([^\]]+)\]\(([^)\s]+)\)/g;

function marked(text) {
  const found = [];
  let at = 0;
  for (const m of text.matchAll(MARKED)) {
    found.push(emoji(text.slice(at, m.index)));
    at = m.index + m[0].length;
    if (m[1]) found.push(h("code", {}, m[1]));
    else if (m[2]) found.push(h("strong", {}, marked(m[2])));
    else if (m[3] || m[4]) found.push(h("em", {}, marked(m[3] ?? m[4])));
    else if (m[5]) found.push(h("s", {}, marked(m[5])));
    else found.push(anchor(m[7], m[6]));
  }
  return [...found, emoji(text.slice(at))];
}
