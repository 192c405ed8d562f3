// What was consumed over time, and how long each model takes.

import { get } from "./api.js";
import { h, replace, throttled } from "./dom.js";
import * as format from "./format.js";
import { BarChart, dotStrip } from "./plot.js";

const RANGES = [["1h", "Hour"], ["24h", "Day"], ["7d", "Week"], ["30d", "Month"], ["", "All"]];

export function openCharts(main, { query, fail }) {
  const page = new ChartsPage(main, query.get("since") ?? "", fail);
  page.load();
  return {
    keys: RANGES.map(([since, name], index) => ({ keys: [String(index + 1)], does: name.toLowerCase(), act: () => page.go(since) })),
    moved: (moved) => page.move(moved.get("since") ?? ""),
    changed: page.refresh,
    close: () => page.close(),
  };
}

class ChartsPage {
  constructor(main, since, fail) {
    this.since = since;
    this.fail = fail;
    this.charts = [];
    this.refresh = throttled(2000, () => this.load());
    this.range = h("div", { class: "range", role: "group", "aria-label": "Time" }, RANGES.map(([value, name]) =>
      h("button", { type: "button", data: { since: value }, on: { click: () => this.go(value) } }, name)));
    this.figures = h("dl", { class: "figures" });
    this.body = h("div", { class: "charts" });
    document.title = "Charts \u2013 rollout";
    replace(main, h("header", { class: "charts-head" }, h("h1", {}, "Charts"), this.figures, this.range), this.body);
  }

  close() {
    this.refresh.stop();
    this.loading?.abort();
    for (const chart of this.charts) chart.close();
  }

  go(since) {
    location.hash = since ? `#/charts?since=${since}` : "#/charts";
  }

  move(since) {
    this.since = since;
    this.load();
  }

  async load() {
    for (const button of this.range.children) button.setAttribute("aria-pressed", String(button.dataset.since === this.since));
    this.loading?.abort();
    this.loading = new AbortController();
    try {
      this.show(await get("stats", { query: { since: this.since }, signal: this.loading.signal }));
    } catch (error) {
      this.fail(error);
    }
  }

  show(answer) {
    for (const chart of this.charts) chart.close();
    const figure = (name, value, unknown) => h("div", { class: unknown ? "is-unknown" : null }, h("dt", {}, name), h("dd", {}, value));
    replace(this.figures,
      figure("Runs", format.count(answer.runs)),
      figure("Model calls", format.count(answer.calls)),
      figure("Tokens", format.tokens(answer, format.short)),
      answer.calls > 0 && figure("Cost", format.cost(answer), answer.cost === undefined));
    if (answer.runs === 0) {
      this.charts = [];
      replace(this.body, h("section", { class: "notice" }, h("h2", {}, "No run in this time"), h("p", {}, "Charts are drawn of what the runs tell, as soon as there are any.")));
      return;
    }
    this.charts = charts(answer);
    replace(this.body, h("div", { class: "chart-grid" }, this.charts.map((chart) => chart.element)), models(answer.models));
  }
}

function charts({ bars, width, cost }) {
  const common = { bars, width };
  const unknown = bars.reduce((sum, bar) => sum + bar.unknown, 0);
  return [
    new BarChart({
      ...common, title: "Tokens", label: format.short,
      series: [
        { name: "input", class: "s-input", of: (bar) => bar.input_tokens },
        { name: "output", class: "s-output", of: (bar) => bar.output_tokens },
      ],
      tell: (bar) => [`${format.count(bar.input_tokens ?? 0)} in`, `${format.count(bar.output_tokens ?? 0)} out`],
    }),
    new BarChart({
      ...common, title: "Cost", label: (value) => (cost === undefined ? "" : format.usd(value).replace(/\.00$/, "")),
      note: unknown > 0 ? `unknown for ${format.times(unknown, "call")}` : null,
      series: [{ name: "cost", class: "s-cost", of: (bar) => bar.cost }],
      tell: (bar) => [format.cost(bar), bar.unknown > 0 && bar.cost !== undefined && `unknown for ${format.times(bar.unknown, "call")}`].filter(Boolean),
    }),
    new BarChart({
      ...common, title: "Runs", label: format.short, whole: true,
      series: [
        { name: "not failed", class: "s-good", of: (bar) => bar.runs - bar.failed },
        { name: "failed", class: "s-failed", of: (bar) => bar.failed },
      ],
      tell: (bar) => [format.times(bar.runs, "run"), bar.failed > 0 && `${format.count(bar.failed)} failed`].filter(Boolean),
    }),
  ];
}

function models(all) {
  if (all.length === 0) return null;
  const times = all.flatMap((model) => model.dots.flatMap(([, time, first]) => [time, first])).filter((time) => time > 0);
  const scale = { from: Math.min(...times), to: Math.max(...times) };
  const strip = (model, at, spread, name) => {
    if (!spread) return h("span", { class: "none" }, at === 2 ? "nothing streamed" : "not known");
    const values = model.dots.filter((dot) => dot[at] !== null).map((dot) => ({ value: dot[at], failed: dot[3] === "failed" }));
    const marks = [{ value: spread.p50, name: "p50" }, { value: spread.p95, name: "p95" }];
    return [
      dotStrip({ values, marks, ...scale, label: `${name} of ${model.name}: median ${format.duration(spread.p50)}, 95th percentile ${format.duration(spread.p95)}` }),
      h("span", { class: "spread" }, h("b", {}, format.duration(spread.p50)), " median", h("b", {}, format.duration(spread.p95)), " p95"),
    ];
  };
  return h("section", { class: "models" },
    h("table", {},
      h("caption", {}, h("h2", {}, "Latency by model"), times.length > 0 && h("span", { class: "note" }, `on a logarithmic scale from ${format.duration(scale.from)} to ${format.duration(scale.to)}, with the median and the 95th percentile`)),
      h("thead", {}, h("tr", {}, [["Model"], ["Calls", "num"], ["Failed", "num"], ["Tokens", "num"], ["Cost", "num"], ["Whole answer", "wide"], ["First token", "wide"]].map(([text, name]) => h("th", { scope: "col", class: name }, text)))),
      h("tbody", {}, all.map((model) => h("tr", {},
        h("th", { scope: "row" }, h("a", { href: `#/?${new URLSearchParams({ model: model.name })}` }, model.name || "unnamed")),
        h("td", { class: "num", data: { name: "Calls" } }, format.count(model.calls)),
        h("td", { class: model.failed > 0 ? "num is-failed" : "num", data: { name: "Failed" } }, model.failed > 0 ? format.count(model.failed) : format.NONE),
        h("td", { class: "num", data: { name: "Tokens" } }, format.tokens(model, format.short)),
        h("td", { class: model.cost === undefined ? "num is-unknown" : "num", data: { name: "Cost" } }, format.cost(model)),
        h("td", { class: "wide", data: { name: "Whole answer" } }, strip(model, 1, model.time, "Time")),
        h("td", { class: "wide", data: { name: "First token" } }, strip(model, 2, model.first, "Time to first token")))))));
}
