// Copying what was recorded: just as it was recorded, and not as it is shown.

import { h, replace } from "./dom.js";
import { icon } from "./icons.js";

/** Returns a button that copies a text; `what` names it for who can't see where the button stands. */
export function copyButton(what, text) {
  const sign = h("span", { "aria-hidden": "true" }, icon("copy"));
  const said = h("span", { class: "hidden", role: "status" });
  const button = h("button", {
    class: "copy", type: "button", "aria-label": `Copy ${what}`, title: `Copy ${what}`,
    on: {
      click: async () => {
        const copied = await navigator.clipboard.writeText(typeof text === "string" ? text : JSON.stringify(text, null, 2)).then(() => true, () => false);
        replace(sign, icon(copied ? "ok" : "failed"));
        replace(said, copied ? "copied" : "the browser does not allow it");
        button.classList.toggle("is-done", copied);
        clearTimeout(button.timer);
        button.timer = setTimeout(() => {
          replace(sign, icon("copy"));
          replace(said);
          button.classList.remove("is-done");
        }, 1500);
      },
    },
  }, sign, said);
  return button;
}
