// Texts: as long as one reads them, the rest on demand.

import { h, replace } from "./dom.js";
import { bytes } from "./format.js";

const SHOWN = 2400;
const LINES = 40;

/** Returns a text; of a long one the beginning, and a button for all of it. */
export function longText(text, { mono = false } = {}) {
  const element = h("div", { class: mono ? "text mono" : "text" });
  const cut = cutOf(text);
  if (cut >= text.length) {
    replace(element, text);
    return element;
  }
  const more = h("button", {
    class: "quiet more", type: "button",
    on: { click: () => { replace(element, text); } },
  }, `Show all (${bytes(text.length)})`);
  replace(element, `${text.slice(0, cut)}\u2026`, more);
  return element;
}

/** Where to cut: at a number of lines or of characters, and between characters. */
function cutOf(text) {
  // A button that shows two more lines is worse than two more lines.
  if (text.length <= SHOWN * 1.3 && text.split("\n", LINES * 1.3 + 1).length <= LINES * 1.3) return text.length;
  let cut = -1;
  for (let line = 0; line < LINES; line += 1) {
    const next = text.indexOf("\n", cut + 1);
    if (next < 0 || next > SHOWN) {
      cut = Math.min(SHOWN, text.length);
      break;
    }
    cut = next;
  }
  const code = text.charCodeAt(cut - 1);
  return code >= 0xd800 && code <= 0xdbff ? cut - 1 : cut;
}
