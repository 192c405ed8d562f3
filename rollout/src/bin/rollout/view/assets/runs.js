// The list of runs: newest first, searched and filtered, a page at a time.

import { get } from "./api.js";
import { h, replace, throttled } from "./dom.js";
import { filterBar, filtersOf, toQuery } from "./filters.js";
import * as format from "./format.js";
import { state, statusIcon, statusWord } from "./icons.js";

const PAGE = 100;

export function openRuns(main, { query, fail }) {
  const page = new RunsPage(main, filtersOf(query), fail);
  page.load();
  return {
    keys: page.keys(),
    moved: (moved) => page.move(filtersOf(moved)),
    changed: page.refresh,
    close: () => page.close(),
  };
}

class RunsPage {
  constructor(main, filters, fail) {
    this.filters = filters;
    this.fail = fail;
    this.runs = [];
    this.marked = new Set();
    this.wanted = PAGE;
    this.refresh = throttled(700, () => this.load());
    this.bar = filterBar(filters, (changed) => this.filter(changed));
    this.sums = h("p", { class: "sums", "aria-live": "polite" });
    this.body = h("tbody", {});
    this.table = h("table", { class: "runs" },
      h("caption", { class: "hidden" }, "Recorded runs, the newest first"),
      h("thead", {}, h("tr", {}, [
        ["", "c-mark"], ["Run", "c-name"], ["Model", "c-model"], ["Tokens", "c-tokens num"], ["Cost", "c-cost num"],
        ["Time", "c-time num"], ["Started", "c-started num"],
      ].map(([text, name]) => h("th", { scope: "col", class: name }, text || h("span", { class: "hidden" }, "Mark"))))),
      this.body);
    this.foot = h("div", { class: "foot" });
    this.compare = h("div", { class: "tray", hidden: true, role: "status" });
    replace(main, h("h1", { class: "hidden" }, "Runs"), this.bar.element, this.sums, this.table, this.foot, this.compare);
    // The times "ago", and of what runs, go on by themselves.
    this.clock = setInterval(() => this.tick(), 1000);
  }

  close() {
    clearInterval(this.clock);
    this.refresh.stop();
    this.loading?.abort();
  }

  filter(changed) {
    const hash = `#/${toQuery(changed)}`;
    if (hash !== location.hash) history.replaceState(null, "", hash);
    this.move(changed);
  }

  move(filters) {
    this.filters = filters;
    this.bar.show(filters);
    this.wanted = PAGE;
    this.load();
  }

  async load() {
    this.loading?.abort();
    this.loading = new AbortController();
    try {
      const query = { ...this.filters, limit: this.wanted };
      const answer = await get("runs", { query, signal: this.loading.signal });
      this.show(answer);
    } catch (error) {
      this.fail(error);
    }
  }

  show(answer) {
    this.bar.offer(answer);
    this.total = answer.total;
    const focused = document.activeElement?.closest?.("tr")?.dataset.id;
    const known = new Map([...this.body.rows].map((row) => [row.dataset.id, row]));
    const before = new Set(this.runs.map((run) => run.id));
    const first = this.runs.length === 0;
    this.runs = answer.runs;
    // A row that says the same stays: it may have the focus, or be under the pointer.
    const rows = answer.runs.map((run) => {
      const stamp = JSON.stringify(run);
      const old = known.get(run.id);
      if (old?.stamp === stamp) return old;
      const row = this.row(run);
      row.stamp = stamp;
      row.run = run;
      if (!first && !before.has(run.id)) row.classList.add("is-new");
      return row;
    });
    this.body.replaceChildren(...rows);
    if (focused) this.rowOf(focused)?.querySelector("a").focus({ preventScroll: true });
    this.table.hidden = rows.length === 0;
    replace(this.sums, rows.length > 0 && sums(answer));
    this.showFoot(answer);
  }

  row(run) {
    const link = h("a", { href: `#/run/${encodeURIComponent(run.id)}`, class: "name" }, run.name || "unnamed");
    const mark = h("input", {
      type: "checkbox", "aria-label": `Mark ${run.name} to compare it`, checked: this.marked.has(run.id),
      on: { change: () => this.mark(run.id, mark.checked) },
    });
    const started = h("time", { datetime: format.iso(run.started), title: format.iso(run.started) }, format.ago(run.started));
    return h("tr", {
      data: { id: run.id },
      class: this.marked.has(run.id) ? "is-marked" : null,
      on: { click: (event) => event.target.closest("a, input, label") || getSelection().toString() || link.click() },
    },
    h("td", { class: "c-mark" }, h("label", {}, mark)),
    h("td", { class: "c-name" },
      h("div", { class: "title" }, statusIcon(run), link, run.agent && run.agent !== run.name && h("span", { class: "tag" }, run.agent),
        run.errors > 0 && h("span", { class: "tag is-failed" }, format.times(run.errors, "error"))),
      // What was asked, as most runs of a program have the same name.
      (run.error || run.input) && h("div", { class: run.error ? "said is-failed" : "said" }, run.error ?? run.input)),
    h("td", { class: "c-model" }, run.models.slice(0, 2).map((name) => h("span", { class: "tag model" }, name)),
      run.models.length > 2 && h("span", { class: "more", title: run.models.slice(2).join(", ") }, `+${run.models.length - 2}`)),
    figure("c-tokens", format.tokens(run, format.short)),
    figure("c-cost", run.calls > 0 ? format.cost(run) : format.NONE, run.cost === undefined && "is-unknown"),
    h("td", { class: "c-time num" }, time(run)),
    h("td", { class: "c-started num" }, started));
  }

  showFoot({ total, matched, unread, runs }) {
    replace(this.foot,
      total + unread === 0 && empty(),
      total > 0 && matched === 0 && h("div", { class: "notice" }, h("p", {}, "No run is like that."),
        h("button", { class: "quiet", type: "button", on: { click: () => this.filter({}) } }, "Show all runs")),
      runs.length < matched + unread && h("button", {
        class: "quiet", type: "button",
        on: { click: () => { this.wanted += PAGE; this.load(); } },
      }, `Show more (${format.count(matched + unread - runs.length)} left)`));
  }

  mark(id, on) {
    if (on) this.marked.add(id);
    else this.marked.delete(id);
    // Two can be compared: the one marked first gives way to the third.
    if (this.marked.size > 2) {
      const [oldest] = this.marked;
      this.marked.delete(oldest);
    }
    for (const row of this.body.rows) {
      const marked = this.marked.has(row.dataset.id);
      row.classList.toggle("is-marked", marked);
      row.querySelector("input").checked = marked;
    }
    this.compare.hidden = this.marked.size === 0;
    const [left, right] = this.marked;
    replace(this.compare, right
      ? h("a", { class: "button", href: `#/compare/${encodeURIComponent(left)}/${encodeURIComponent(right)}` }, "Compare these two")
      : h("span", {}, "Mark a second run to compare it with"),
    h("button", { class: "quiet", type: "button", on: { click: () => { this.marked.clear(); this.mark("", false); } } }, "Clear"));
  }

  tick() {
    for (const row of this.body.rows) {
      const started = row.querySelector("time");
      const ago = format.ago(row.run.started);
      // What says the same is left alone: somebody may be about to copy it.
      if (started.textContent !== ago) replace(started, ago);
      if (state(row.run) === "running") replace(row.querySelector(".c-time"), time(row.run));
    }
  }

  rowOf(id) {
    return [...this.body.rows].find((row) => row.dataset.id === id);
  }

  current() {
    return document.activeElement?.closest?.("tr[data-id]");
  }

  step(by) {
    const rows = [...this.body.rows];
    const at = rows.indexOf(this.current());
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    next?.querySelector("a").focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  keys() {
    return [
      { keys: ["j", "ArrowDown"], does: "next run", act: () => this.step(1) },
      { keys: ["k", "ArrowUp"], does: "run before", act: () => this.step(-1) },
      { keys: ["Enter"], does: "open the run", act: () => (this.current() ?? this.body.rows[0])?.querySelector("a").click() },
      { keys: ["x"], does: "mark the run to compare it", act: () => this.current() && this.mark(this.current().dataset.id, !this.marked.has(this.current().dataset.id)) },
      { keys: ["c"], does: "compare the two marked runs", act: () => this.compare.querySelector("a")?.click() },
      { keys: ["/"], does: "search", act: () => this.bar.focus() },
      { keys: ["Escape"], does: "leave the search, clear the filters", act: () => this.bar.leave() || this.filter({}) },
    ];
  }
}

/** A number of a row; where there is none, phones leave it out. */
function figure(name, text, more) {
  return h("td", { class: [name, "num", text === format.NONE && "is-none", more].filter(Boolean).join(" ") }, text);
}

function time(run) {
  if (state(run) === "running") return h("span", { class: "is-running" }, format.duration(Math.max(0, Date.now() - run.started)));
  return h("span", { title: statusWord(run) }, format.duration(run.duration));
}

/** What all the runs that match amount to. */
function sums({ matched, total, unread, sums: all }) {
  if (unread > 0) return h("span", { class: "is-waiting" }, `${format.times(total + unread, "run")}, being counted`);
  const parts = [matched === total ? format.times(total, "run") : `${format.count(matched)} of ${format.times(total, "run")}`];
  if (all.failed > 0) parts.push(h("span", { class: "is-failed" }, `${format.count(all.failed)} failed`));
  if (all.input_tokens !== undefined) parts.push(`${format.tokens(all, format.short)} tokens`);
  if (all.calls > 0) parts.push(all.cost === undefined ? all.cost_partial && "cost unknown" : format.cost(all));
  return parts.filter(Boolean).map((part) => h("span", {}, part));
}

function empty() {
  return h("section", { class: "notice" },
    h("h2", {}, "Nothing is recorded here yet"),
    h("p", {}, "Run a program that uses rollout, in this folder, and its runs appear here at once:"),
    h("pre", {}, h("code", {}, "let _rollout = rollout::init()?;\nlet openai = rollout::wrap(Client::new());")),
    h("p", {}, "Without a key and without settings it records into the folder ", h("code", {}, ".rollout"), "."));
}
