// The keyboard: each page names its keys, and `?` lists them.

import { h, replace } from "./dom.js";

const NAMES = { Enter: "\u21b5", Escape: "esc", ArrowUp: "\u2191", ArrowDown: "\u2193", ArrowLeft: "\u2190", ArrowRight: "\u2192" };

/** Bindings: `{ keys: ["j", "ArrowDown"], does: "next run", act(event) }`, the page's before all others. */
export class Keyboard {
  constructor(common) {
    this.common = common;
    this.page = [];
    this.dialog = h("dialog", { class: "help", "aria-labelledby": "help-title" });
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    document.body.append(this.dialog);
    addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.dialog.open) {
      if (event.key === "?") this.dialog.close();
      return;
    }
    // A box to tick takes no letters.
    const field = event.target.closest?.("input:not([type=checkbox]), textarea, select");
    if (field && event.key !== "Escape") return;
    // A control that has the focus keeps the keys that work it.
    const works = event.key === "Enter" || event.key === " " || event.key.startsWith("Arrow");
    if (works && event.target.closest?.("a, button, summary, [role=tab], input")) return;
    const found = [...this.page, ...this.common].find(({ keys }) => keys.includes(event.key));
    if (found && found.act(event) !== false) event.preventDefault();
  }

  help() {
    const list = (bindings) =>
      h("dl", {}, bindings.map(({ keys, does }) =>
        h("div", {}, h("dt", {}, keys.map((key) => h("kbd", {}, NAMES[key] ?? key))), h("dd", {}, does))));
    replace(this.dialog,
      h("h2", { id: "help-title" }, "Keyboard"),
      this.page.length > 0 && [h("h3", {}, "On this page"), list(this.page)],
      h("h3", {}, "Everywhere"), list(this.common),
      h("form", { method: "dialog" }, h("button", { class: "quiet", autofocus: true }, "Close")));
    this.dialog.showModal();
  }
}
