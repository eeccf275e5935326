// The side panel: services of the estate, how they are, and the error that each would make somebody paste.

import { h } from "./text.js";

export function showPanel(place, rows, { paste, post }) {
  const mark = JSON.stringify(rows);
  if (place.mark === mark) return;
  place.mark = mark;
  const focused = document.activeElement?.closest?.("[data-service]")?.dataset.service;
  const which = document.activeElement?.dataset?.do;
  const failing = rows.filter((r) => r.health === "failing").length;
  place.replaceChildren(
    h("h2", {}, "Broken services"),
    h("p", { class: "quiet", role: "status" }, rows.length ? `${failing} of ${rows.length} failing. Paste an error and see what the bot says.` : "No services to show."),
    h("ul", { class: "services" }, rows.map((row) => card(row, paste, post))));
  if (focused && which) place.querySelector(`[data-service="${CSS.escape(focused)}"] [data-do="${which}"]`)?.focus();
}

function card(row, paste, post) {
  const failing = row.health === "failing";
  return h("li", { class: "service", "data-service": row.name },
    h("div", { class: "service-head" },
      h("strong", {}, row.title || row.name),
      h("span", { class: `health ${failing ? "bad" : row.health === "running" ? "good" : ""}` }, row.health || "unknown")),
    h("p", { class: "where" }, [[row.cluster, row.service].filter(Boolean).join("/"), row.region, row.account].filter(Boolean).join(" · ")),
    row.cause && h("details", {}, h("summary", {}, "What is wrong"), h("code", {}, row.cause)),
    row.error && h("div", { class: "pair" },
      h("button", { type: "button", class: "button primary", "data-do": "post", "aria-label": `Post the error of ${row.title || row.name} to #shop`, onclick: () => post(row) }, "Post to #shop"),
      h("button", { type: "button", class: "button", "data-do": "paste", "aria-label": `Paste error of ${row.title || row.name}`, onclick: () => paste(row) }, "Paste error")));
}
