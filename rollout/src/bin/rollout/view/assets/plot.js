// Drawings: bars over time, and dots along a scale.

import { h, replace, s } from "./dom.js";
import { niceStep } from "./format.js";

const HEIGHT = 148;
/** The room of the scale, at least. */
const LEFT = 46;
/** About what a character of it takes. */
const CHARACTER = 6.4;
const BOTTOM = 20;
const TOP = 8;

/**
 * Bars side by side, drawn as wide as there is room. `series`: `[{ name, class, of(bar) }]`, from the bottom up;
 * `label(value)` writes the scale, `tell(bar)` the lines of what one points at; `whole` of what there are no halves.
 */
export class BarChart {
  constructor({ title, note, bars, width, series, label, tell, whole = false }) {
    Object.assign(this, { bars, barWidth: width, series, label, tell, whole });
    this.tip = h("div", { class: "tip", hidden: true });
    this.plot = h("div", { class: "plot" });
    this.element = h("figure", { class: "chart" },
      h("figcaption", {}, h("h2", {}, title), note && h("span", { class: "note" }, note),
        series.length > 1 && h("span", { class: "legend" }, series.map((one) => h("span", { class: one.class }, one.name)))),
      this.plot, this.tip, this.table(title));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.plot);
    this.plot.addEventListener("pointermove", (event) => this.point(event));
    this.plot.addEventListener("pointerleave", () => { this.tip.hidden = true; });
  }

  close() {
    this.observer.disconnect();
  }

  total(bar) {
    return this.series.reduce((sum, one) => sum + (one.of(bar) ?? 0), 0);
  }

  draw() {
    const width = this.plot.clientWidth;
    if (width === 0) return;
    const highest = Math.max(...this.bars.map((bar) => this.total(bar)), 0);
    const nice = highest > 0 ? niceStep(highest, 3) : 1;
    const step = this.whole ? Math.max(1, nice) : nice;
    const top = Math.max(step, Math.ceil(highest / step - 1e-9) * step);
    const values = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step);
    const longest = Math.max(...values.map((value) => this.label(value).length));
    const from = Math.max(LEFT, Math.ceil(longest * CHARACTER) + 10);
    const inner = width - from;
    const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
    const x = (index) => from + (inner * index) / this.bars.length;
    const each = inner / this.bars.length;
    const gap = each > 6 ? Math.min(3, each * 0.2) : 0;
    const wide = Math.min(each - gap, 44);
    const lines = [];
    for (const value of values) {
      lines.push(s("line", { class: value === 0 ? "base" : "grid", x1: from, x2: width, y1: y(value), y2: y(value) }),
        s("text", { class: "scale", x: from - 8, y: y(value) + 3.5, "text-anchor": "end" }, this.label(value)));
    }
    const rects = this.bars.flatMap((bar, index) => {
      let below = 0;
      return this.series.map((one) => {
        const value = one.of(bar) ?? 0;
        if (value <= 0) return null;
        const [low, high] = [y(below), y(below + value)];
        below += value;
        return s("rect", { class: one.class, x: x(index) + (each - wide) / 2, y: Math.min(high, low - 1), width: Math.max(wide, 1), height: Math.max(low - high, 1), rx: Math.min(2, wide / 4) });
      });
    });
    this.x = { left: from, each };
    replace(this.plot, s("svg", { width, height: HEIGHT, "aria-hidden": "true" }, lines, rects, this.times(width, x, each)));
  }

  /** Labels below: of hours in a day, of days in a month, as far apart as they need. */
  times(width, x, each) {
    const long = this.bars.length * this.barWidth > 1.5 * DAY;
    let free = 0;
    return this.bars.map((bar, index) => {
      const isNew = !long || index === 0 || new Date(bar.at).getDate() !== new Date(this.bars[index - 1].at).getDate();
      const at = x(index) + (long && this.barWidth < DAY ? 0 : each / 2);
      // There is room to the left of the first, below the scale.
      const left = at - 24;
      if (!isNew || left < free || left + 52 > width) return null;
      free = left + 72;
      return s("text", { class: "scale", x: at, y: HEIGHT - 4, "text-anchor": "middle" }, when(bar.at, long ? Math.max(DAY, this.barWidth) : this.barWidth));
    });
  }

  point(event) {
    const { left } = this.plot.getBoundingClientRect();
    const index = Math.floor((event.clientX - left - this.x.left) / this.x.each);
    const bar = this.bars[index];
    this.tip.hidden = !bar;
    if (!bar) return;
    replace(this.tip, h("strong", {}, when(bar.at, this.barWidth, true)), this.tell(bar).map((line) => h("span", {}, line)));
    const at = this.x.left + (index + 0.5) * this.x.each;
    this.tip.style.left = `${Math.min(Math.max(at, 70), this.plot.clientWidth - 70)}px`;
  }

  /** The same for those who can't see it. */
  table(title) {
    const filled = this.bars.filter((bar) => this.total(bar) > 0);
    return h("table", { class: "hidden" }, h("caption", {}, title), h("tbody", {}, filled.map((bar) =>
      h("tr", {}, h("th", { scope: "row" }, when(bar.at, this.barWidth, true)), h("td", {}, this.tell(bar).join(", "))))));
  }
}

const DAY = 86_400e3;

/** A moment as fine as the bars are wide. */
export function when(ms, width, whole = false) {
  const at = new Date(ms);
  const clock = width < 60e3 ? { hour: "2-digit", minute: "2-digit", second: "2-digit" } : { hour: "2-digit", minute: "2-digit" };
  const day = width < 28 * DAY ? { day: "numeric", month: "short" } : { month: "short", year: "numeric" };
  if (width >= DAY) return at.toLocaleDateString("en-GB", day);
  const time = at.toLocaleTimeString("en-GB", { ...clock, hourCycle: "h23" });
  return whole || (at.getHours() === 0 && at.getMinutes() === 0 && width >= 900e3) ? `${at.toLocaleDateString("en-GB", day)}${whole ? `, ${time}` : ""}` : time;
}

/** Dots along a scale that grows by factors, as times do: the fast ones lie close together otherwise. */
export function dotStrip({ values, from, to, marks, label }) {
  const width = 300;
  const height = 22;
  const low = Math.log10(Math.max(from, 0.01));
  const span = Math.max(Math.log10(Math.max(to, 0.02)) - low, 0.3);
  const x = (value) => 4 + ((Math.log10(Math.max(value, 0.01)) - low) / span) * (width - 8);
  return s("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", class: "strip", role: "img", "aria-label": label },
    s("line", { class: "base", x1: 0, x2: width, y1: height / 2, y2: height / 2 }),
    // Spread a little in height, the same each time, so that equal values do not hide each other.
    values.map(({ value, failed }, index) => dot(x(value), height / 2 + ((index * 7) % 9) - 4, failed)),
    marks.map(({ value, name }) => s("line", { class: `mark ${name}`, x1: x(value), x2: x(value), y1: 1, y2: height - 1 })));
}

/** A line without length has round ends, which stay round however wide the drawing is stretched. */
function dot(x, y, failed) {
  return s("path", { class: failed ? "dot is-failed" : "dot", d: `M${x} ${y}h0` });
}
