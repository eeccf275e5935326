// What a person does is told to the server, one thing after another.

import { h } from "./text.js";

const ANSWERED = ["click", "submit", "shortcut"];

export function sender(me) {
  let queue = Promise.resolve();
  return (asked) => {
    const go = () => ask({ as: me(), ...asked });
    if (asked.do === "suggest") return go();
    queue = queue.then(go); // a choice arrives before the form that holds it
    return queue;
  };
}

async function ask(asked) {
  try {
    const answer = await fetch("/ui/do", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked) });
    const found = await answer.json();
    if (!found.ok) toast(found.problem);
    else if (found.answer === false && ANSWERED.includes(asked.do)) toast("The app did not respond. Try again?");
    return found.ok ? found.answer : null;
  } catch {
    toast("The playground does not answer.");
    return null;
  }
}

export function toast(words) {
  const note = h("div", { class: "toast" }, words);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 7000);
}
