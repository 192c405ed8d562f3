// One run: what it amounts to, its steps beside their bars, and the step that one looks at.

import { get } from "./api.js";
import { copyButton } from "./copy.js";
import { h, replace, throttled } from "./dom.js";
import * as format from "./format.js";
import { icon, state, statusPill } from "./icons.js";
import { Pane } from "./pane.js";
import { Splitter } from "./splitter.js";
import { Tree, title } from "./tree.js";

export function openRun(main, { parts, query, fail }) {
  const page = new RunPage(main, parts[0] ?? "", query.get("step"), fail);
  page.load();
  return {
    keys: page.keys(),
    moved: (moved) => page.move(moved.get("step")),
    changed: (change) => (change.all || change.runs.some((id) => page.traces.has(id))) && page.refresh(),
    close: () => page.close(),
  };
}

class RunPage {
  constructor(main, id, wanted, fail) {
    Object.assign(this, { id, wanted, fail });
    this.traces = new Set([id]);
    this.refresh = throttled(250, () => this.load());
    this.header = h("header", { class: "run-head" });
    this.tree = new Tree({
      onSelect: (step) => this.choose(step),
      onOpen: () => this.element.classList.add("is-open"),
    });
    this.search = h("input", { type: "search", placeholder: "Find a step", "aria-label": "Find a step", spellcheck: "false" });
    this.found = h("span", { class: "found", role: "status" });
    this.search.addEventListener("input", () => this.find());
    this.search.addEventListener("keydown", (event) => this.press(event));
    this.pane = new Pane({
      onClose: () => this.element.classList.remove("is-open"),
      onGo: (match) => this.goTo(match),
    });
    const tools = h("div", { class: "tree-tools" },
      h("div", { class: "search" }, icon("search"), this.search, h("kbd", { "aria-hidden": "true" }, "/")), this.found);
    const left = h("section", { class: "steps", "aria-label": "Steps" }, tools, this.tree.element);
    this.element = h("div", { class: "split" }, left);
    this.splitter = new Splitter(this.element);
    this.element.append(this.splitter.element, this.pane.element);
    replace(main, this.header, this.element);
    // The bars of what runs grow with the time, and not only with what is recorded.
    this.clock = setInterval(() => this.tick(), 200);
  }

  close() {
    clearInterval(this.clock);
    this.refresh.stop();
    this.loading?.abort();
    this.tree.close();
    this.pane.close();
  }

  async load() {
    if (this.busy) {
      // A big run takes longer to show than the next change takes to come.
      this.again = true;
      return;
    }
    this.busy = true;
    this.loading = new AbortController();
    try {
      const answer = await get(`runs/${encodeURIComponent(this.id)}`, { signal: this.loading.signal });
      this.show(answer);
    } catch (error) {
      this.fail(error);
    } finally {
      this.busy = false;
      if (this.again) {
        this.again = false;
        this.refresh();
      }
    }
  }

  show({ run, steps, traces }) {
    this.run = run;
    this.traces = new Set(traces);
    for (const step of steps) step.live = run.live;
    document.title = `${run.name || "run"} \u2013 rollout`;
    this.showHead();
    const first = this.tree.steps.all.length === 0;
    this.tree.show(steps, run.started);
    const wanted = this.tree.steps.get(this.wanted);
    if (first) {
      this.tree.select(wanted ?? this.tree.steps.all[0], { quiet: true, open: Boolean(wanted) });
      if (!matchMedia("(max-width: 760px)").matches) this.tree.body.focus({ preventScroll: true });
    }
    this.pane.show(this.run, this.tree.current, this.tree.steps);
  }

  showHead() {
    const run = this.run;
    const figure = (name, value, more) => value !== null &&
      h("div", { class: more?.class ?? null, title: more?.title ?? null }, h("dt", {}, name), h("dd", {}, value));
    const live = state(run) === "running";
    this.time = h("span", {}, format.duration(live ? Date.now() - run.started : run.duration));
    replace(this.header,
      h("a", { class: "back", href: "#/", "aria-label": "All runs", title: "All runs (esc)" }, icon("back")),
      h("div", { class: "what" },
        h("div", { class: "line" }, h("h1", {}, title({ ...run, kind: "run" })), statusPill(run), copyButton(`the id, ${run.id}`, run.id)),
        h("p", { class: "said" }, run.error ?? run.input ?? run.id)),
      h("dl", { class: "figures" },
        figure("Time", this.time),
        figure("Models", run.models.length === 0 ? null : run.models.length > 2 ? format.times(run.models.length, "model") : run.models.join(", "), { title: run.models.join("\n") }),
        figure("Tokens", format.tokens(run), { title: format.tokenParts(run) }),
        figure("Cost", run.calls > 0 ? format.cost(run) : null, { title: format.costNote(run), class: run.cost === undefined ? "is-unknown" : null }),
        figure("Calls", format.calls(run)),
        figure("Errors", run.errors > 0 ? format.count(run.errors) : null, { class: "is-failed" }),
        figure("Started", h("time", { datetime: format.iso(run.started), title: format.iso(run.started) }, format.moment(run.started)))));
  }

  tick() {
    if (!this.run || state(this.run) !== "running") return;
    replace(this.time, format.duration(Date.now() - this.run.started));
    this.tree.redraw();
    // It may have been killed: then nothing tells of its end but that nothing comes any more.
    if (Date.now() - (this.run.last ?? 0) > 60_000) {
      this.run.live = false;
      this.refresh();
    }
  }

  choose(step) {
    const hash = `#/run/${encodeURIComponent(this.id)}${step.index === 0 ? "" : `?step=${encodeURIComponent(step.key)}`}`;
    if (hash !== location.hash) history.replaceState(null, "", hash);
    this.pane.show(this.run, step, this.tree.steps);
  }

  move(key) {
    const step = this.tree.steps.get(key) ?? this.tree.steps.all[0];
    if (step && step !== this.tree.current) this.tree.select(step, { open: true });
  }

  /** Goes to the first step that is like that. */
  goTo(match) {
    const step = this.tree.steps.all.find(match);
    if (step) this.tree.select(step, { open: true });
    return Boolean(step);
  }

  find() {
    const hits = this.tree.filter(this.search.value);
    replace(this.found, hits === null ? "" : format.times(hits, "step"));
  }

  /** In the search: Enter goes from one that was found to the next, the arrow into the tree. */
  press(event) {
    if (event.key === "Enter") {
      const { steps } = this.tree;
      const step = steps.nextHit(this.tree.current, event.shiftKey ? -1 : 1);
      if (!step) return;
      this.tree.select(step);
      replace(this.found, `${format.count(steps.hits.indexOf(step.index) + 1)} of ${format.times(steps.hits.length, "step")}`);
    } else if (event.key === "ArrowDown") {
      this.tree.body.focus();
      this.tree.move(1);
    } else {
      return;
    }
    event.preventDefault();
  }

  escape() {
    if (document.activeElement === this.search) {
      this.search.value = "";
      this.find();
      this.tree.body.focus();
    } else if (this.element.classList.contains("is-open") && matchMedia("(max-width: 760px)").matches) {
      this.element.classList.remove("is-open");
    } else if (this.tree.zoomed) {
      this.tree.zoom();
    } else if (this.search.value !== "") {
      this.search.value = "";
      this.find();
    } else {
      location.hash = "#/";
    }
  }

  keys() {
    const { tree } = this;
    return [
      { keys: ["j", "ArrowDown"], does: "next step", act: () => tree.move(1) },
      { keys: ["k", "ArrowUp"], does: "step before", act: () => tree.move(-1) },
      { keys: ["ArrowRight", "l"], does: "open, go inside", act: () => tree.inwards() },
      { keys: ["ArrowLeft", "h"], does: "close, go outside", act: () => tree.outwards() },
      { keys: ["Home"], does: "first step", act: () => tree.move(-Infinity) },
      { keys: ["End"], does: "last step", act: () => tree.move(Infinity) },
      { keys: ["PageDown"], does: "a page on", act: () => tree.move(15) },
      { keys: ["PageUp"], does: "a page back", act: () => tree.move(-15) },
      { keys: ["e"], does: "next error", act: () => tree.select(tree.steps.nextError(tree.current), { open: true }) },
      { keys: ["z"], does: "zoom to the step, and back", act: () => tree.zoom() },
      { keys: ["Enter"], does: "read the step", act: () => { this.element.classList.add("is-open"); this.pane.focus(); } },
      { keys: ["["], does: "tab before", act: () => this.pane.turn(-1) },
      { keys: ["]"], does: "next tab", act: () => this.pane.turn(1) },
      { keys: ["/"], does: "find a step; \u21b5 for the next", act: () => this.search.select() },
      { keys: ["Escape"], does: "back", act: () => this.escape() },
    ];
  }
}
