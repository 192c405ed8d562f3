// What there is to read of a step, in tabs.

import { get, stepPath } from "./api.js";
import { h, replace } from "./dom.js";
import * as format from "./format.js";
import { icon, kindIcon, state, statusPill } from "./icons.js";
import { attributesTab, errorTab, eventsTab, usageTab } from "./facts.js";
import { talkTab } from "./talk.js";
import { title } from "./tree.js";

export class Pane {
  constructor({ onClose, onGo }) {
    this.onGo = onGo;
    this.tab = "talk";
    this.head = h("header", { class: "pane-head" });
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "What to read of the step" });
    this.body = h("div", { class: "pane-body", role: "tabpanel", id: "panel", tabindex: "0" });
    this.back = h("button", { class: "quiet pane-back", type: "button", on: { click: onClose } }, icon("back"), "Steps");
    this.element = h("section", { class: "pane", "aria-label": "Step" }, this.back, this.head, this.tabs, this.body);
    this.tabs.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.turn(by);
      this.tabs.querySelector("[aria-selected=true]").focus();
    });
  }

  close() {
    this.loading?.abort();
  }

  focus() {
    this.body.focus();
  }

  /** Shows a step of a run; of the same step as before, only what is new. */
  show(run, step, steps) {
    if (!step) return;
    const same = this.step?.key === step.key && this.run?.id === run.id;
    const stamp = JSON.stringify({ ...step, index: 0, end: 0, place: 0, children: 0, parent: 0, live: step.live });
    Object.assign(this, { run, step, steps });
    if (same && stamp === this.stamp) return;
    this.stamp = stamp;
    this.showHead();
    if (!same) {
      this.detail = null;
      this.events = null;
      this.body.scrollTop = 0;
      this.body.setAttribute("aria-busy", "true");
      // What comes at once needs no word that it is coming.
      clearTimeout(this.patience);
      this.patience = setTimeout(() => this.detail || replace(this.body, h("p", { class: "quiet-note" }, "Reading\u2026")), 200);
    }
    this.load(step.key);
  }

  async load(key) {
    this.loading?.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    try {
      const detail = await get(stepPath(this.run.id, key), { signal });
      this.detail = detail;
      this.events = null;
      this.showTabs();
      await this.showBody();
      this.body.setAttribute("aria-busy", "false");
    } catch (error) {
      if (error.name === "AbortError") return;
      replace(this.body, h("p", { class: "quiet-note" }, `This step can't be read: ${error.message}`));
    }
  }

  showHead() {
    const { step } = this;
    const figure = (name, value) => value !== undefined && h("div", {}, h("dt", {}, name), h("dd", {}, value));
    const live = state(step) === "running";
    // What the run itself cost is what its calls did.
    const costly = step.kind === "model" ? step : step.index === 0 && this.run.calls > 0 ? this.run : null;
    replace(this.head,
      h("h2", {}, kindIcon(step), h("span", { class: "name" }, title(step)), step.kind !== "event" && statusPill(step)),
      step.kind !== "event" && h("dl", { class: "figures" },
        format.model(step) && figure("Model", format.model(step)),
        step.provider && figure("Provider", step.provider),
        !live && figure("Time", format.duration(step.duration)),
        step.first_token !== undefined && figure("First token", format.duration(step.first_token)),
        (step.input_tokens ?? step.output_tokens) !== undefined && figure("Tokens", format.tokens(step)),
        costly && figure("Cost", format.cost(costly)),
        step.finish && figure("Stopped", step.finish.join(", ")),
        (step.incomplete || step.lost_chunks) && figure("Missing", step.incomplete ? "the end" : format.times(step.lost_chunks, "chunk"))));
  }

  offered() {
    const { step, detail } = this;
    const attributes = Object.keys(detail.attributes).length + Object.keys(detail.options).length;
    return [
      ["talk", step.kind === "model" ? "Conversation" : step.kind === "tool" ? "Call" : "Input & output", talkTab],
      (step.error || detail.error) && ["error", "Error", errorTab],
      step.kind !== "event" && ["usage", "Usage", usageTab],
      attributes > 0 && ["attributes", "Attributes", attributesTab],
      ["events", "Raw", eventsTab],
    ].filter(Boolean);
  }

  /** The tab that was chosen, as far as this step has it. */
  get open() {
    const offered = this.offered();
    return offered.find(([name]) => name === this.tab) ?? offered[0];
  }

  showTabs() {
    const [open] = this.open;
    const focused = this.tabs.contains(document.activeElement);
    replace(this.tabs, this.offered().map(([name, text]) => h("button", {
      type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(name === open), "aria-controls": "panel",
      tabindex: name === open ? "0" : "-1", class: name === "error" ? "is-failed" : null,
      on: { click: () => this.choose(name) },
    }, text)));
    this.body.setAttribute("aria-labelledby", `tab-${open}`);
    if (focused) this.tabs.querySelector("[aria-selected=true]").focus();
  }

  choose(name) {
    this.tab = name;
    // The tabs may still be those of the step before.
    if (!this.detail) return;
    this.showTabs();
    this.body.scrollTop = 0;
    this.showBody();
  }

  turn(by) {
    if (!this.detail) return;
    const names = this.offered().map(([name]) => name);
    const at = names.indexOf(this.open[0]);
    this.choose(names[(at + by + names.length) % names.length]);
  }

  async showBody() {
    const [name, , make] = this.open;
    if (name === "events" && !this.events) {
      const key = this.step.key;
      const { events } = await get(stepPath(this.run.id, key, "/events"));
      if (this.step.key !== key) return;
      this.events = events;
      if (this.open[0] !== "events") return;
    }
    const { body } = this;
    const atEnd = body.scrollTop > 0 && body.scrollTop + body.clientHeight >= body.scrollHeight - 8;
    const at = body.scrollTop;
    // What was folded out stays so while the step grows.
    const open = new Set([...body.querySelectorAll("details[open][data-path]")].map((details) => details.dataset.path));
    replace(body, make(this));
    if (open.size > 0) {
      for (const details of body.querySelectorAll("details[data-path]")) if (open.has(details.dataset.path)) details.open = true;
    }
    body.scrollTop = atEnd ? body.scrollHeight : at;
  }
}
