// What the list of runs can be narrowed down by. It lives in the address, so that a view can be kept.

import { h, replace } from "./dom.js";
import { icon } from "./icons.js";

const NAMES = ["q", "status", "model", "since"];
const SINCE = [["", "Any time"], ["1h", "Last hour"], ["24h", "Last day"], ["7d", "Last week"], ["30d", "Last month"]];
const STATUS = [
  ["", "Any status"], ["ok", "Ok"], ["failed", "Failed"], ["errors", "With errors inside"], ["cancelled", "Cancelled"],
  ["interrupted", "Interrupted"], ["unfinished", "Running or not finished"],
];

export function filtersOf(query) {
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""]).filter(([, value]) => value));
}

export function toQuery(filters) {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value)).toString();
  return query ? `?${query}` : "";
}

/** Returns the bar; `onChange` gets all filters whenever one of them changes. */
export function filterBar(start, onChange) {
  const search = h("input", {
    type: "search", name: "q", placeholder: "Search what was asked, names, ids, users", "aria-label": "Search runs",
    spellcheck: "false", autocomplete: "off",
  });
  const select = (name, label, options) =>
    h("select", { name, "aria-label": label }, options.map(([value, text]) => h("option", { value }, text)));
  const status = select("status", "Status", STATUS);
  const model = select("model", "Model", [["", "Any model"]]);
  const since = select("since", "When", SINCE);
  const fields = { q: search, status, model, since };
  const read = () => Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value.trim()]).filter(([, value]) => value));

  let timer = null;
  const element = h("search", { class: "filters" },
    h("div", { class: "search" }, icon("search"), search, h("kbd", { "aria-hidden": "true" }, "/")),
    status, model, since);
  element.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => onChange(read()), event.target === search ? 180 : 0);
  });

  const show = (filters) => {
    for (const [name, field] of Object.entries(fields)) {
      const value = filters[name] ?? "";
      if (field === document.activeElement) continue;
      if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) {
        field.append(h("option", { value }, value));
      }
      field.value = value;
      field.classList.toggle("is-set", value !== "");
    }
  };
  let offered = "";
  show(start);
  return {
    element,
    show,
    focus: () => search.select(),
    /** Leaves the search field; returns whether the focus was there. */
    leave: () => {
      const was = document.activeElement === search;
      if (was) search.blur();
      return was;
    },
    /** Offers the models that there are. */
    offer: ({ models }) => {
      if (models.join("\n") === offered) return;
      offered = models.join("\n");
      const value = model.value;
      replace(model, h("option", { value: "" }, "Any model"), models.map((name) => h("option", { value: name }, name)));
      if (value && !models.includes(value)) model.append(h("option", { value }, value));
      model.value = value;
    },
  };
}
