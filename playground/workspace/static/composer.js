// The message field: plain text, mentions by @, the slash commands of the app, and text files.

import { h } from "./text.js";

export class Composer {
  constructor(place, id, send, toast) {
    this.send = send;
    this.toast = toast;
    this.options = null;
    this.files = [];
    this.hints = h("ul", { class: "hints", role: "listbox", id: `${id}-hints`, "aria-label": "Suggestions", hidden: true });
    this.attached = h("div", { class: "attached" });
    this.field = h("textarea", { id, rows: "1", role: "combobox", "aria-expanded": "false", "aria-controls": `${id}-hints`, "aria-autocomplete": "list" });
    this.picker = h("input", { type: "file", hidden: true, multiple: true, "aria-label": "Choose files" });
    this.label = h("label", { for: id, class: "visually-hidden" }, "Message");
    this.picker.addEventListener("change", () => this.attach());
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => { this.hints.hidden = true; this.field.setAttribute("aria-expanded", "false"); });
    place.append(h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); this.go(); } },
      this.hints, this.label, this.field, this.attached, this.picker,
      h("div", { class: "composer-foot" },
        h("button", { type: "button", class: "button quiet-button", "aria-label": "Attach a file", title: "Attach a file", onclick: () => this.picker.click() }, "📎"),
        h("span", { class: "quiet keys" }, "Enter sends, Shift + Enter starts a new line"),
        h("button", { type: "submit", class: "button primary" }, "Send"))));
  }

  refresh() {
    const { name, thread_ts } = this.options;
    const words = thread_ts ? "Reply…" : `Message ${name}`;
    this.field.placeholder = words;
    this.label.textContent = words;
  }

  focus() {
    this.field.focus();
  }

  insert(text) {
    this.field.value = this.field.value ? `${this.field.value}\n${text}` : text;
    this.typed();
    this.focus();
  }

  typed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 260)}px`;
    const found = this.suggestions();
    this.at = 0;
    this.found = found;
    this.hints.hidden = !found.length;
    this.field.setAttribute("aria-expanded", String(found.length > 0));
    this.draw();
  }

  draw() {
    this.hints.replaceChildren(...this.found.map((s, i) => h("li", {
      role: "option", id: `${this.hints.id}-${i}`, "aria-selected": String(i === this.at), onmousedown: (event) => { event.preventDefault(); this.take(s); },
    }, h("strong", {}, s.shown), " ", h("span", { class: "quiet" }, s.note))));
    if (this.found.length) this.field.setAttribute("aria-activedescendant", `${this.hints.id}-${this.at}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  suggestions() {
    const text = this.field.value.slice(0, this.field.selectionStart);
    if (/^\/\S*$/.test(text)) {
      return this.options.commands.filter((c) => c.command.startsWith(text)).map((c) => ({ shown: c.command, note: `${c.usage_hint ?? ""} ${c.description ?? ""}`, from: 0, put: `${c.command} ` }));
    }
    const m = /(?:^|\s)@([\w-]*)$/.exec(text);
    if (!m) return [];
    const from = text.length - m[1].length - 1;
    const all = [{ id: this.options.bot.id, name: this.options.bot.name, title: "app" }, ...this.options.users];
    return all.filter((u) => u.name.toLowerCase().startsWith(m[1].toLowerCase())).map((u) => ({ shown: `@${u.name}`, note: u.title, from, put: `@${u.name} ` }));
  }

  take(s) {
    const end = this.field.selectionStart;
    this.field.setRangeText(s.put, s.from, end, "end");
    this.typed();
  }

  key(event) {
    const open = !this.hints.hidden && this.found?.length;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + this.found.length) % this.found.length;
      this.draw();
    } else if (open && event.key === "Escape") {
      event.stopPropagation();
      this.hints.hidden = true;
    } else if (open && (event.key === "Tab" || event.key === "Enter") && this.found[this.at].put.trim() !== this.field.value.trim()) {
      event.preventDefault();
      this.take(this.found[this.at]);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.go();
    }
  }

  async attach() {
    for (const file of this.picker.files) {
      if (file.size > 1_000_000) this.toast(`${file.name} is larger than 1 MB.`);
      else this.files.push({ name: file.name, content: await file.text() });
    }
    this.picker.value = "";
    this.drawFiles();
  }

  drawFiles() {
    this.attached.replaceChildren(...this.files.map((f, i) => h("span", { class: "tag" }, `📄 ${f.name} `,
      h("button", { type: "button", class: "quiet-button", "aria-label": `Remove ${f.name}`, onclick: () => { this.files.splice(i, 1); this.drawFiles(); } }, "✕"))));
  }

  async go() {
    const { channel, thread_ts, commands, bot, users } = this.options;
    const text = this.field.value.trim();
    if (!text && !this.files.length) return;
    const m = /^(\/[a-z0-9_-]+)(?:\s+([\s\S]*))?$/.exec(text);
    if (m && thread_ts) return this.toast(`${m[1]} does not work in threads. Mention @${bot.name} instead.`);
    if (m && !commands.some((c) => c.command === m[1])) return this.toast(`${m[1]} is not a valid command.`);
    const files = this.files;
    this.field.value = "";
    this.files = [];
    this.drawFiles();
    this.typed();
    if (m) return this.send({ do: "command", channel, command: m[1], text: m[2] ?? "" });
    let said = text;
    for (const u of [bot, ...users]) said = said.replaceAll(new RegExp(`(?<![\\w@/])@${u.name}(?![\\w])`, "g"), `<@${u.id}>`);
    return this.send({ do: "say", channel, text: said, thread_ts, files });
  }
}
