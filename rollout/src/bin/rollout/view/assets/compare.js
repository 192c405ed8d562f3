// Two runs side by side: the steps that correspond stand in one row.

import { get } from "./api.js";
import { h, replace } from "./dom.js";
import * as format from "./format.js";
import { icon, kindIcon, statusIcon, statusPill } from "./icons.js";
import { title } from "./tree.js";
import { diffWords } from "./diff.js";

export function openCompare(main, { parts: [left = "", right = ""], fail }) {
  const loading = new AbortController();
  let open = new Set();
  let shown = null;

  const show = (answer) => {
    shown = answer;
    document.title = "Compare \u2013 rollout";
    replace(main,
      h("header", { class: "run-head" },
        h("a", { class: "back", href: "#/", "aria-label": "All runs", title: "All runs (esc)" }, icon("back")),
        h("div", { class: "what" }, h("h1", {}, "Two runs"),
          h("p", { class: "said" }, summary(answer)))),
      h("div", { class: "compare" }, heads(answer), rows(answer, open, toggle)));
  };
  const toggle = (index) => {
    if (!open.delete(index)) open.add(index);
    show(shown);
    main.querySelector(`[data-pair="${index}"] .pair-head`)?.focus();
  };
  get("compare", { query: { left, right }, signal: loading.signal }).then(show, fail);

  const step = (by) => {
    const buttons = [...main.querySelectorAll(".pair-head")];
    const at = buttons.indexOf(document.activeElement);
    buttons[Math.min(buttons.length - 1, Math.max(0, at + by))]?.focus();
  };
  return {
    close: () => loading.abort(),
    keys: [
      { keys: ["j", "ArrowDown"], does: "next row", act: () => step(1) },
      { keys: ["k", "ArrowUp"], does: "row before", act: () => step(-1) },
      { keys: ["o"], does: "open or close all rows that differ", act: () => {
        const differing = shown.pairs.flatMap((pair, index) => (pair.differs.length > 0 ? [index] : []));
        open = open.size > 0 ? new Set() : new Set(differing);
        show(shown);
      } },
      { keys: ["w"], does: "swap left and right", act: () => { location.hash = `#/compare/${encodeURIComponent(right)}/${encodeURIComponent(left)}`; } },
      { keys: ["Escape"], does: "back", act: () => { location.hash = "#/"; } },
    ],
  };
}

function summary({ pairs }) {
  const differing = pairs.filter((pair) => pair.differs.length > 0).length;
  return differing === 0 ? `All ${format.times(pairs.length, "step")} are alike` : `${format.count(differing)} of ${format.times(pairs.length, "step")} differ`;
}

function heads({ left, right }) {
  const head = (run, other, side) => h("div", { class: `side ${side}` },
    h("h2", {}, h("a", { href: `#/run/${encodeURIComponent(run.id)}` }, run.name || "unnamed"), statusPill(run)),
    h("p", { class: "said" }, run.input ?? run.id),
    h("dl", { class: "figures" },
      figure("Started", format.moment(run.started)),
      figure("Time", format.duration(run.duration), side === "right" && change(other.duration, run.duration, format.duration)),
      figure("Tokens", format.tokens(run), side === "right" && change(total(other), total(run), format.count)),
      figure("Cost", format.cost(run), side === "right" && change(other.cost, run.cost, format.usd)),
      figure("Calls", format.calls(run))));
  return h("div", { class: "heads" }, head(left, right, "left"), head(right, left, "right"));
}

function figure(name, value, more) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value, more));
}

function total(item) {
  return item.total_tokens ?? (item.input_tokens === undefined ? undefined : item.input_tokens + (item.output_tokens ?? 0));
}

/** How much more or less it is on the right; nothing where that is not known. */
function change(before, after, form) {
  if (before === undefined || after === undefined || before === after) return null;
  const more = after > before;
  const share = before > 0 ? Math.round((Math.abs(after - before) / before) * 100) : null;
  if (share === 0) return null;
  return h("span", { class: more ? "change is-more" : "change is-less" }, `${more ? "+" : "\u2212"}${form(Math.abs(after - before))}`, share !== null && share < 1000 && ` (${more ? "+" : "\u2212"}${share} %)`);
}

function rows({ left, right, pairs }, open, toggle) {
  return h("ol", { class: "pairs" }, pairs.map((pair, index) => {
    const isOpen = open.has(index);
    return h("li", { data: { pair: index }, class: pairClass(pair) },
      h("button", { class: "pair-head", type: "button", "aria-expanded": String(isOpen), on: { click: () => toggle(index) } },
        cell(pair.left, pair, "left"),
        cell(pair.right, pair, "right")),
      isOpen && h("div", { class: "pair-body" }, body(pair, left, right)));
  }));
}

function pairClass(pair) {
  if (!pair.left || !pair.right) return "pair is-alone";
  return pair.differs.length > 0 ? "pair is-different" : "pair";
}

function cell(step, pair, side) {
  if (!step) return h("span", { class: `side ${side} is-missing` }, "\u2013 no such step");
  const differs = (name) => (pair.differs.includes(name) ? "is-changed" : null);
  const figures = [
    step.model && h("span", { class: differs("model") }, step.model),
    step.duration !== undefined && h("span", { class: "num" }, h("span", { class: "whole" }, format.duration(step.duration)),
      side === "right" && pair.left && change(pair.left.duration, step.duration, format.duration)),
    (step.input_tokens ?? step.output_tokens) !== undefined && h("span", { class: `num ${differs("tokens") ?? ""}` }, format.tokens(step)),
    step.kind === "model" && h("span", { class: `num ${differs("cost") ?? ""}` }, format.cost(step)),
  ];
  return h("span", { class: `side ${side}`, style: { "--depth": Math.min(step.depth, 12) } },
    h("span", { class: "line" }, kindIcon(step), h("span", { class: "name" }, title(step)), step.status !== "ok" && statusIcon(step)),
    h("span", { class: "line figures-line" }, figures));
}

/** What each said, with the words marked that the other did not say. */
function body(pair, left, right) {
  const parts = [];
  for (const [name, of] of [["Input", "input"], ["Output", "output"], ["Error", "error"]]) {
    const [before, after] = [text(pair.left, of), text(pair.right, of)];
    if (before === null && after === null) continue;
    const [was, is] = diffWords(before ?? "", after ?? "");
    parts.push(h("h3", {}, name), h("div", { class: "texts" }, words(was, "removed", before), words(is, "added", after)));
  }
  if (parts.length === 0) parts.push(h("p", { class: "quiet-note" }, "Neither says anything."));
  const link = (run, step) => step ? h("a", { href: `#/run/${encodeURIComponent(run.id)}?step=${encodeURIComponent(step.key)}` }, "Open this step") : h("span", {});
  parts.push(h("div", { class: "texts links" }, link(left, pair.left), link(right, pair.right)));
  return parts;
}

function text(step, of) {
  if (!step) return null;
  const said = of === "error" ? step.error?.message : step[of]?.text;
  if (of !== "output" || said) return said ?? null;
  return step.calls?.length > 0 ? step.calls.map((call) => `${call.name}(${call.arguments ?? ""})`).join("\n") : null;
}

function words(parts, mark, whole) {
  if (whole === null) return h("div", { class: "text is-empty" }, "nothing");
  return h("div", { class: "text" }, parts.map(([word, changed]) => (changed ? h(mark === "added" ? "ins" : "del", {}, word) : word)));
}
