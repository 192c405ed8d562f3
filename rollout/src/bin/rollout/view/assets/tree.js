// The tree of steps beside their bars: one list, of which only what is in sight exists.

import { h } from "./dom.js";
import * as format from "./format.js";
import { icon, kindIcon, state, statusIcon } from "./icons.js";
import { Steps } from "./steps.js";
import { VirtualList } from "./virtual.js";
import { Window, bar, drawAxis, endOf } from "./waterfall.js";

export class Tree {
  /** `onSelect(step)` is told what was chosen, `onOpen(step)` what was asked to be opened. */
  constructor({ onSelect, onOpen }) {
    Object.assign(this, { onSelect, onOpen });
    this.steps = new Steps();
    this.window = new Window();
    this.axis = h("div", { class: "axis", "aria-hidden": "true" });
    this.head = h("div", { class: "tree-head" }, h("span", { class: "cell-name" }, "Step"), h("span", { class: "cell-figures" }, "Time"), this.axis);
    this.body = h("div", { class: "tree-body", role: "tree", tabindex: "0", "aria-label": "Steps of the run" });
    this.element = h("div", { class: "tree" }, this.head, this.body);
    this.list = new VirtualList({
      element: this.body,
      height: () => this.height,
      count: () => this.steps.visible.length,
      make: (row) => this.row(row),
    });
    this.height = 32;
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.element);
    this.body.addEventListener("click", (event) => this.click(event));
    this.body.addEventListener("dblclick", () => this.toggle());
  }

  close() {
    this.observer.disconnect();
    this.list.close();
  }

  measure() {
    // Fingers need more room than a pointer; the bar then stands below the name.
    this.height = matchMedia("(max-width: 760px)").matches ? 44 : 32;
    this.redraw();
  }

  /** Takes the steps of the run, or what has become of them. */
  show(steps, began) {
    this.began = began;
    const atEnd = this.body.scrollTop + this.body.clientHeight >= this.body.scrollHeight - 4 && this.body.scrollTop > 0;
    this.steps.set(steps);
    this.redraw();
    if (atEnd) {
      this.list.draw();
      this.body.scrollTop = this.body.scrollHeight;
    }
  }

  get now() {
    return Date.now() - (this.began ?? 0);
  }

  redraw() {
    if (this.zoomed && this.steps.get(this.zoomed.key)) {
      const { at = 0 } = this.steps.get(this.zoomed.key);
      const end = endOf(this.steps.get(this.zoomed.key), this.now);
      const margin = (end - at) * 0.02;
      this.window.set(Math.max(0, at - margin), end + margin);
    } else {
      const end = this.steps.all.reduce((last, step) => Math.max(last, endOf(step, this.now)), 0);
      this.window.set(0, end * 1.01 || 1);
    }
    const grid = drawAxis(this.axis, this.window, this.axis.clientWidth || 400);
    this.body.style.setProperty("--grid", grid);
    this.list.refresh();
  }

  row(row) {
    const step = this.steps.at(row);
    const selected = step.key === this.selected;
    const opens = step.end > step.index + 1;
    const open = opens && this.steps.isOpen(step);
    const attempts = step.attempt_count ?? step.attempts?.length ?? 0;
    return h("div", {
      class: `row${selected ? " is-selected" : ""}${step.index === 0 ? " is-root" : ""}${this.steps.needle !== "" && !this.steps.isHit.has(step.index) ? " is-around" : ""}`,
      id: `row-${step.index}`, role: "treeitem", "aria-level": step.depth + 1, "aria-selected": selected ? "true" : "false",
      "aria-expanded": opens ? String(open) : null,
      "aria-posinset": step.place, "aria-setsize": step.parent < 0 ? 1 : this.steps.all[step.parent].children,
      data: { row },
    },
    h("div", { class: "cell-name", style: { "--depth": Math.min(step.depth, 24) } },
      h("span", { class: opens ? `twist${open ? " is-open" : ""}` : "twist", "aria-hidden": "true" }, opens && icon("chevron")),
      kindIcon(step),
      h("span", { class: "name" }, title(step)),
      step.model && h("span", { class: "sub" }, step.model),
      !step.model && step.kind === "event" && h("span", { class: "sub" }, step.output?.text ?? step.label),
      !open && opens && h("span", { class: "tag" }, format.count(step.end - step.index - 1)),
      attempts > 1 && h("span", { class: "tag is-retried", title: `${attempts} attempts` }, `\u00d7${attempts}`),
      step.status !== "ok" && statusIcon(step)),
    h("div", { class: "cell-figures" }, step.kind === "event" ? "" : h("span", { class: state(step) === "running" ? "is-running" : null },
      format.duration(state(step) === "running" ? Math.max(0, this.now - (step.at ?? 0)) : step.duration))),
    h("div", { class: "lane" }, bar(step, this.window, this.now)));
  }

  click(event) {
    const row = event.target.closest(".row");
    if (!row) return;
    const step = this.steps.at(Number(row.dataset.row));
    if (event.target.closest(".twist") && step.end > step.index + 1) this.toggle(step);
    else this.select(step, { open: true });
  }

  select(step, { open = false, quiet = false } = {}) {
    if (!step) return;
    this.selected = step.key;
    this.steps.uncover(step);
    this.body.setAttribute("aria-activedescendant", `row-${step.index}`);
    this.list.refresh();
    this.list.draw();
    const row = this.steps.row(step);
    if (row >= 0) this.list.reveal(row);
    if (!quiet) this.onSelect(step);
    if (open) this.onOpen(step);
  }

  get current() {
    return this.steps.get(this.selected);
  }

  /** Goes so many rows on. */
  move(by) {
    const { visible } = this.steps;
    const at = this.steps.row(this.current);
    const next = Math.min(visible.length - 1, Math.max(0, at < 0 ? 0 : at + by));
    this.select(this.steps.at(next));
  }

  toggle(step = this.current, open) {
    if (!step || step.end <= step.index + 1) return;
    this.steps.toggle(step, open);
    this.list.refresh();
  }

  /** Arrow to the right: opens, then goes inside. */
  inwards() {
    const step = this.current;
    if (!step || step.end <= step.index + 1) return;
    if (this.steps.isOpen(step)) this.move(1);
    else this.toggle(step, true);
  }

  /** Arrow to the left: closes, then goes out. */
  outwards() {
    const step = this.current;
    if (!step) return;
    if (step.end > step.index + 1 && this.steps.isOpen(step)) this.toggle(step, false);
    else if (step.parent >= 0) this.select(this.steps.all[step.parent]);
  }

  filter(text) {
    this.steps.filter(text);
    this.list.refresh();
    return this.steps.needle === "" ? null : this.steps.hits.length;
  }

  /** Shows the time of the chosen step alone, or of all again. */
  zoom() {
    this.zoomed = this.zoomed || !this.current?.duration ? null : this.current;
    this.element.classList.toggle("is-zoomed", Boolean(this.zoomed));
    this.redraw();
  }
}

export function title(step) {
  return step.name || step.label || step.kind;
}

