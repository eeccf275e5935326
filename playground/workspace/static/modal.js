// Modals: the one in front is shown; what is typed stays when the bot updates it.

import { blocks } from "./blocks.js";
import { emoji, h } from "./text.js";

let shown = null; // {dialog, mark, hash}

export function showModals(stack, { send, toast }) {
  const view = stack.at(-1);
  if (!view) return hide();
  const mark = JSON.stringify([view.id, view.hash, view.errors, view.trouble, stack.length]);
  if (shown?.mark === mark) return;
  const same = shown?.id === view.id;
  if (same && shown.hash === view.hash) {
    tell(shown.dialog, view);
    shown.mark = mark;
    return;
  }
  const before = same ? typing(shown.dialog) : null;
  const scroll = same ? shown.dialog.querySelector(".modal-body").scrollTop : 0;
  const dialog = same ? shown.dialog : h("dialog", { class: "modal", "aria-labelledby": "modal-title" });
  const keep = shown;
  shown = { dialog, mark, id: view.id, hash: view.hash };
  dialog.replaceChildren(form(view, stack.length, send, toast));
  if (!same) {
    keep?.dialog.remove();
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); send({ do: "close", view: view.id }); });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector(".modal-body :is(input,select,textarea)")?.focus();
  }
  dialog.querySelector(".modal-body").scrollTop = scroll;
  resume(dialog, before);
  tell(dialog, view);
}

function hide() {
  shown?.dialog.close();
  shown?.dialog.remove();
  shown = null;
}

function form(view, depth, send, toast) {
  const act = {
    click: (e, block, value, option) => send({ do: "click", view: view.id, action_id: e.action_id, value, option }),
    pick: (e, block, value) => send({ do: "pick", view: view.id, action_id: e.action_id, value }),
    suggest: (e, block, typed) => send({ do: "suggest", view: view.id, action_id: e.action_id, typed }),
  };
  const close = () => send({ do: "close", view: view.id });
  const submit = async (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button[type=submit]");
    document.activeElement?.blur?.(); // what is being typed counts
    button.setAttribute("aria-busy", "true");
    await send({ do: "submit", view: view.id });
    button.removeAttribute("aria-busy");
  };
  return h("form", { method: "dialog", novalidate: true, onsubmit: submit },
    h("div", { class: "modal-head" },
      depth > 1 && h("button", { type: "button", class: "icon", "aria-label": "Back", onclick: close }, "‹"),
      h("h2", { id: "modal-title" }, emoji(view.title.text)),
      h("button", { type: "button", class: "icon", "aria-label": "Close the form", onclick: close }, "✕")),
    h("p", { class: "trouble", role: "alert" }),
    h("div", { class: "modal-body" }, blocks(view.blocks, act, view.state.values)),
    h("div", { class: "foot" },
      h("button", { type: "button", class: "button", onclick: close }, emoji(view.close?.text ?? (depth > 1 ? "Back" : "Close"))),
      view.submit && h("button", { type: "submit", class: "button primary" }, emoji(view.submit.text))));
}

function tell(dialog, view) {
  dialog.querySelector(".trouble").textContent = view.trouble;
  for (const place of dialog.querySelectorAll(".block.input")) {
    const error = view.errors[place.dataset.block] ?? "";
    place.classList.toggle("wrong", Boolean(error));
    place.querySelector(".error").textContent = error;
    const field = place.querySelector("input,select,textarea");
    if (error) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
  }
  if (Object.keys(view.errors).length) dialog.querySelector(".wrong :is(input,select,textarea)")?.focus();
}

function typing(dialog) {
  const field = document.activeElement;
  if (!dialog.contains(field)) return null;
  const action = field.closest("[data-action]")?.dataset.action;
  const block = field.closest("[data-block]")?.dataset.block;
  return action ? { action, block, value: field.value, text: field.matches("textarea,input:not([type=radio],[type=checkbox],[role=combobox])"), at: field.selectionStart } : null;
}

function resume(dialog, before) {
  if (!before) return;
  const found = dialog.querySelector(`[data-block="${CSS.escape(before.block ?? "")}"] [data-action="${CSS.escape(before.action)}"]`)
    ?? dialog.querySelector(`[data-action="${CSS.escape(before.action)}"]`);
  const field = found?.matches("fieldset") ? found.querySelector("input:checked") ?? found.querySelector("input") : found;
  if (before.text && field) {
    field.value = before.value;
    if (before.at !== null && field.setSelectionRange && field.type !== "number" && field.type !== "email") field.setSelectionRange(before.at, before.at);
  }
  field?.focus({ preventScroll: true });
}
