// Where the time went: an axis, and a bar for each step.

import { h, replace } from "./dom.js";
import { duration, niceTime, tick } from "./format.js";
import { state, statusClass, statusWord } from "./icons.js";

/** The window of time that the bars are drawn in, in milliseconds since the run began. */
export class Window {
  constructor() {
    this.from = 0;
    this.to = 1;
  }

  set(from, to) {
    this.from = from;
    this.to = Math.max(to, from + 0.001);
  }

  at(ms) {
    return ((ms - this.from) / (this.to - this.from)) * 100;
  }
}

/** Returns when a step ends; one that runs has got as far as now. */
export function endOf(step, now) {
  if (state(step) === "running") return Math.max(now, step.at ?? 0);
  return (step.at ?? 0) + (step.duration ?? 0);
}

/** Draws the times at the top. */
export function drawAxis(element, window, width) {
  const span = window.to - window.from;
  const step = niceTime(span, Math.max(2, Math.floor(width / 72)));
  const marks = [];
  for (let at = Math.ceil(window.from / step) * step; at <= window.to + step / 1e6; at += step) {
    const left = window.at(at);
    const text = at < step / 2 ? "0" : tick(at);
    // The last one would hang over the edge.
    if ((1 - left / 100) * width < text.length * 6 + 8 && marks.length > 0) break;
    marks.push(h("span", { style: { left: `${left}%` } }, text));
  }
  replace(element, marks);
  // The lines go through all the rows.
  return `${(step / span) * 100}%`;
}

/** Returns the bar of a step. */
export function bar(step, window, now) {
  if (step.at === undefined) return null;
  const left = window.at(step.at);
  const right = window.at(endOf(step, now));
  if (right < 0 || left > 100) return null;
  const width = Math.max(0, right - left);
  const inside = (ms) => `${width > 0 ? (ms / Math.max(endOf(step, now) - step.at, 1e-9)) * 100 : 0}%`;
  const name = step.kind === "event" ? "moment" : `bar kind-${step.kind} ${statusClass(step)}`;
  return h("div", { class: name, style: { left: `${left}%`, width: `${width}%` }, title: describe(step) },
    // Shaded where content came; before it, one waited.
    step.first_token !== undefined && [
      h("i", { class: "stream", style: { left: inside(step.first_token) } }),
      h("i", { class: "first", style: { left: inside(step.first_token) } }),
    ],
    attempts(step).map(({ from, ms, failed }) =>
      h("i", { class: failed ? "attempt is-failed" : "attempt", style: { left: inside(from), width: inside(ms) } })));
}

/** Places attempts: the first at the beginning, and between them the waits, which are not recorded each. */
function attempts(step) {
  const all = step.attempts ?? [];
  if (all.length < 2 || step.duration === undefined) return [];
  const busy = all.reduce((sum, attempt) => sum + (attempt.duration ?? 0), 0);
  // Of a stream, the last attempt ended with the head of the answer.
  const streamed = step.first_token === undefined ? 0 : step.duration - step.first_token;
  const wait = Math.max(0, step.duration - streamed - busy) / (all.length - 1);
  let from = 0;
  return all.map((attempt) => {
    const ms = attempt.duration ?? 0;
    const placed = { from, ms, failed: !(attempt.status >= 200 && attempt.status < 300) };
    from += ms + wait;
    return placed;
  });
}

function describe(step) {
  const parts = [`${step.name || step.label}: ${statusWord(step)}`];
  if (step.at !== undefined) parts.push(`began after ${duration(step.at)}`);
  if (step.duration !== undefined) parts.push(`took ${duration(step.duration)}`);
  if (step.first_token !== undefined) parts.push(`first token after ${duration(step.first_token)}`);
  if (step.attempt_count > 1) parts.push(`${step.attempt_count} attempts`);
  return parts.join("\n");
}
