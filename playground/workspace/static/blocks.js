// Block Kit as DOM nodes. `act` does what the person wants: {click, pick, suggest}; the elements know nothing else.

import { anchor, emoji, grid, h, markdown, mrkdwn, people, rich } from "./text.js";

let serial = 0;
const unique = (prefix) => `${prefix}-${++serial}`;
const words = (object) => emoji(object?.text ?? "");

export function text(object) {
  return object.type === "mrkdwn" ? mrkdwn(object.text) : h("div", { class: "text" }, h("p", {}, emoji(object.text)));
}

export function blocks(list, act, values = {}) {
  return list.map((block) => h("div", { class: `block ${block.type}`, "data-block": block.block_id }, draw(block, act, values)));
}

function draw(block, act, values) {
  const state = values[block.block_id] ?? {};
  switch (block.type) {
    case "section":
      return [
        h("div", { class: "body" }, block.text && text(block.text), block.fields && h("div", { class: "fields" }, block.fields.map(text))),
        block.accessory && h("div", { class: "accessory" }, element(block.accessory, block, act, state)),
      ];
    case "header":
      return h("h3", {}, words(block.text));
    case "divider":
      return h("hr");
    case "context":
      return block.elements.map((e) => (e.type === "image" ? picture(e, "icon") : text(e)));
    case "actions":
    case "context_actions":
      return block.elements.map((e) => element(e, block, act, state));
    case "image":
      return h("figure", {}, block.title && h("figcaption", {}, words(block.title)), picture(block, "large"));
    case "rich_text":
      return rich(block.elements);
    case "markdown":
      return markdown(block.text);
    case "table":
      return grid(block.rows.map((row) => row.map((c) => (c.type === "rich_text" ? rich(c.elements) : String(c.text ?? c.value ?? "")))));
    case "alert":
      return h("div", { class: `note ${block.level ?? "default"}`, role: "note" }, text(block.text));
    case "card":
      return h("div", { class: "note" }, [block.title, block.subtitle, block.body].filter(Boolean).map(text),
        h("div", { class: "actions" }, (block.actions ?? []).map((e) => element(e, block, act, state))));
    case "input":
      return input(block, act, state);
    case "file":
      return h("p", { class: "quiet" }, "A file");
    default:
      return h("p", { class: "quiet" }, `(${block.type}: not drawn here)`);
  }
}

function picture(e, kind) {
  const url = e.slack_file?.id ? `/files-pri/${e.slack_file.id}/image` : e.image_url ?? "";
  const own = url.startsWith("/") || url.startsWith("data:image/") || url.startsWith(location.origin);
  if (own) return h("img", { class: kind, src: url, alt: e.alt_text });
  return h("span", { class: "quiet" }, "🖼 ", anchor(url, e.alt_text)); // the page loads nothing from elsewhere
}

function input(block, act, state) {
  const label = [words(block.label), block.optional && h("span", { class: "quiet" }, " (optional)")];
  const hint = block.hint && h("p", { class: "quiet hint", id: unique("hint") }, words(block.hint));
  const many = ["radio_buttons", "checkboxes"].includes(block.element.type);
  const field = element(block.element, block, act, state, hint?.id);
  if (many) {
    field.prepend(h("legend", {}, label));
    return [field, hint, h("p", { class: "error", role: "alert" })];
  }
  const target = field.matches("input,select,textarea") ? field : field.querySelector("input,select,textarea");
  target.id = unique("field");
  return [h("label", { for: target.id }, label), field, hint, h("p", { class: "error", role: "alert" })];
}

// What an element holds until a person chooses: a message comes without a state of its own.
function given(e) {
  return {
    selected_option: e.initial_option, selected_options: e.initial_options, selected_user: e.initial_user,
    selected_date: e.initial_date, selected_time: e.initial_time, value: e.initial_value,
  };
}

export function element(e, block, act, state, described) {
  const now = state[e.action_id] ?? given(e);
  const shared = { "data-action": e.action_id, "aria-describedby": described };
  const name = words(e.placeholder) || e.action_id;
  const pick = (value) => act.pick(e, block, value);
  switch (e.type) {
    case "button":
      return button(e, block, act);
    case "overflow":
      return menu("More options", "⋯", e.options.map((o) => ({ label: words(o.text), url: o.url, go: () => sure(e.confirm, () => act.click(e, block, undefined, o.value)) })), shared);
    case "static_select":
      return list(e, now.selected_option, { ...shared, "aria-label": block.type === "input" ? null : name }, (value) => sure(e.confirm, () => pick(value)));
    case "external_select":
      return combobox(e, block, act, now.selected_option, { ...shared, "aria-label": block.type === "input" ? null : name });
    case "users_select":
      return list({ ...e, options: Object.entries(people.names).map(([value, n]) => ({ value, text: { text: n } })) },
        now.selected_user && { value: now.selected_user }, { ...shared, "aria-label": block.type === "input" ? null : name }, pick);
    case "radio_buttons":
    case "checkboxes":
      return choices(e, now, shared, pick);
    case "multi_static_select":
      return h("select", { ...shared, multiple: true, "aria-label": block.type === "input" ? null : name, onchange: (event) => pick([...event.target.selectedOptions].map((o) => o.value)) },
        (e.options ?? []).map((o) => h("option", { value: o.value, selected: (now.selected_options ?? []).some((s) => s.value === o.value) }, words(o.text))));
    case "plain_text_input":
    case "email_text_input":
    case "url_text_input":
    case "number_input":
      return typed(e, now, shared, pick);
    case "datepicker":
    case "timepicker":
      return h("input", { ...shared, type: e.type === "datepicker" ? "date" : "time", "aria-label": block.type === "input" ? null : name, value: now.selected_date ?? now.selected_time ?? "", onchange: (event) => pick(event.target.value) });
    case "feedback_buttons":
      return h("span", { class: "pair" }, [e.positive_button, e.negative_button].map((b) => h("button", { type: "button", class: "button", "aria-label": b.accessibility_label }, words(b.text))));
    case "image":
      return picture(e, "thumb");
    default:
      return h("span", { class: "quiet" }, `(${e.type})`);
  }
}

function button(e, block, act) {
  const style = `button ${e.style ?? ""}`;
  const label = { "data-action": e.action_id, "aria-label": e.accessibility_label };
  const go = async (event) => {
    const pressed = event?.currentTarget;
    pressed?.setAttribute("aria-busy", "true");
    await sure(e.confirm, () => act.click(e, block, e.value));
    pressed?.removeAttribute("aria-busy");
  };
  if (e.url) return h("a", { ...label, class: style, href: e.url, target: "_blank", rel: "noopener noreferrer", onclick: () => act.click(e, block, e.value) }, words(e.text));
  return h("button", { ...label, type: "button", class: style, onclick: go }, words(e.text));
}

function typed(e, now, shared, pick) {
  const value = now.value ?? "";
  const kind = { email_text_input: "email", url_text_input: "url", number_input: "number" }[e.type] ?? "text";
  const props = { ...shared, placeholder: words(e.placeholder) || null, maxlength: String(e.max_length ?? 3000), onchange: (event) => pick(event.target.value) };
  if (e.multiline) {
    const area = h("textarea", { ...props, rows: "5" });
    area.value = value;
    return area;
  }
  return h("input", { ...props, type: kind, value });
}

function list(e, chosen, shared, pick) {
  const option = (o) => h("option", { value: o.value, selected: o.value === chosen?.value }, words(o.text));
  const grouped = (e.option_groups ?? []).map((g) => h("optgroup", { label: words(g.label) }, g.options.map(option)));
  return h("select", { ...shared, onchange: (event) => pick(event.target.value) },
    h("option", { value: "", disabled: true, selected: !chosen }, words(e.placeholder) || "Choose…"), (e.options ?? []).map(option), grouped);
}

function choices(e, now, shared, pick) {
  const group = unique("choice");
  const many = e.type === "checkboxes";
  const on = (o) => (many ? (now.selected_options ?? []).some((s) => s.value === o.value) : now.selected_option?.value === o.value);
  const field = h("fieldset", shared, e.options.map((o) => h("label", { class: "choice" },
    h("input", { type: many ? "checkbox" : "radio", name: group, value: o.value, checked: on(o) }),
    h("span", {}, text({ type: o.text.type, text: o.text.text }), o.description && h("span", { class: "quiet" }, words(o.description))))));
  field.addEventListener("change", () => {
    const picked = [...field.querySelectorAll("input:checked")].map((i) => i.value);
    pick(many ? picked : picked[0]);
  });
  return field;
}

function combobox(e, block, act, chosen, shared) {
  const id = unique("list");
  let found = [];
  let at = -1;
  let asked = 0;
  const box = h("input", { ...shared, type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", placeholder: words(e.placeholder) || "Type to search", value: words(chosen?.text) });
  const options = h("ul", { id, role: "listbox", class: "listbox", hidden: true });
  const open = (yes) => { options.hidden = !yes; box.setAttribute("aria-expanded", String(yes)); if (!yes) { at = -1; box.removeAttribute("aria-activedescendant"); } };
  const choose = (o) => { chosen = o; box.value = words(o.text); open(false); act.pick(e, block, o.value); };
  const show = () => {
    const rows = found.map((o, i) => h("li", { id: `${id}-${i}`, role: "option", "aria-selected": String(i === at), onmousedown: (event) => { event.preventDefault(); choose(o); } }, words(o.text)));
    options.replaceChildren(...(rows.length ? rows : [h("li", { class: "quiet", role: "presentation" }, "Nothing found")]));
    if (at >= 0) { box.setAttribute("aria-activedescendant", `${id}-${at}`); options.children[at].scrollIntoView({ block: "nearest" }); }
    open(true);
  };
  const ask = async (typed) => {
    const mine = ++asked;
    const answer = await act.suggest(e, block, typed);
    if (mine !== asked || document.activeElement !== box) return;
    found = answer ?? [];
    at = -1;
    show();
  };
  let later;
  box.addEventListener("focus", () => { box.select(); ask(""); });
  box.addEventListener("input", () => { asked++; found = []; open(false); clearTimeout(later); later = setTimeout(() => ask(box.value), 150); });
  box.addEventListener("blur", () => { asked++; open(false); box.value = words(chosen?.text); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!found.length) return;
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
      show();
    } else if (event.key === "Enter") {
      event.preventDefault(); // never sends the form
      if (!options.hidden && found.length) choose(found[Math.max(at, 0)]);
    } else if (event.key === "Escape" && !options.hidden) {
      event.preventDefault();
      event.stopPropagation();
      open(false);
    }
  });
  return h("div", { class: "combobox" }, box, options);
}

// ---- small dialogs ------------------------------------------------------------------------------------------------

export function menu(label, sign, items, props = {}) {
  const box = h("div", { class: "menu", role: "menu", hidden: true });
  const opener = h("button", { type: "button", class: "button quiet-button", "aria-label": label, title: label, "aria-haspopup": "menu", "aria-expanded": "false", ...props }, sign);
  const outside = (event) => { if (!box.parentElement?.contains(event.target)) open(false); };
  const open = (yes) => {
    box.hidden = !yes;
    opener.setAttribute("aria-expanded", String(yes));
    (yes ? document.addEventListener : document.removeEventListener).call(document, "pointerdown", outside);
    if (yes) box.firstElementChild?.focus();
  };
  box.append(...items.map((item) => h("button", { type: "button", role: "menuitem", onclick: () => { open(false); opener.focus(); item.go(); } }, item.label)));
  opener.addEventListener("click", () => open(box.hidden));
  const around = h("span", { class: "menu-around" }, opener, box);
  around.addEventListener("keydown", (event) => {
    const all = [...box.children];
    const here = all.indexOf(document.activeElement);
    if (event.key === "Escape" && !box.hidden) { event.stopPropagation(); event.preventDefault(); open(false); opener.focus(); }
    else if (event.key === "ArrowDown") { event.preventDefault(); all[(here + 1) % all.length]?.focus(); }
    else if (event.key === "ArrowUp") { event.preventDefault(); all[(here - 1 + all.length) % all.length]?.focus(); }
  });
  return around;
}

export function sure(confirm, go) {
  if (!confirm) return go();
  return new Promise((done) => {
    const title = unique("confirm");
    const dialog = h("dialog", { class: "confirm", "aria-labelledby": title },
      h("h2", { id: title }, words(confirm.title)), text(confirm.text),
      h("div", { class: "foot" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close("") }, words(confirm.deny) || "Cancel"),
        h("button", { type: "button", class: `button ${confirm.style ?? "primary"}`, onclick: () => dialog.close("yes") }, words(confirm.confirm) || "Yes")));
    dialog.addEventListener("close", async () => {
      dialog.remove();
      done(dialog.returnValue === "yes" ? await go() : undefined);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
