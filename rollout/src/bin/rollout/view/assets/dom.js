// Elements, made without a single string of markup: recorded text can only ever become text.

const SVG = "http://www.w3.org/2000/svg";

/** Returns an element with these properties and children; what is null or false is left out. */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** As `h`, for drawings. */
export function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") element.setAttribute("class", value);
    else if (key === "on") for (const [name, act] of Object.entries(value)) element.addEventListener(name, act);
    else if (key === "data") Object.assign(element.dataset, value);
    // Through the object model, as the policy of the page forbids style attributes.
    else if (key === "style") for (const [name, at] of Object.entries(value)) element.style.setProperty(name, at);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/** Appends nodes and texts, through any depth of lists. */
export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : harmless(String(child)));
  }
}

/** Puts children in the place of what an element holds. */
export function replace(element, ...children) {
  element.textContent = "";
  append(element, children);
}

// Control characters, and marks that make text read in another order than it is written in.
// eslint-disable-next-line no-control-regex
const ODD = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Returns a text in which nothing hides: a control character is shown as a sign for it. */
export function harmless(text) {
  return text.replace(/\r\n/g, "\n").replace(ODD, (character) => {
    const code = character.codePointAt(0);
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return "\u2421";
    return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
  });
}

/** Returns a function that runs at most once in so many milliseconds, and once after the last call. */
export function throttled(milliseconds, act) {
  let timer = null;
  let again = false;
  const run = () => {
    timer = setTimeout(() => {
      timer = null;
      if (again) {
        again = false;
        run();
      }
    }, milliseconds);
    act();
  };
  const call = () => {
    if (timer === null) run();
    else again = true;
  };
  call.stop = () => {
    clearTimeout(timer);
    timer = null;
    again = false;
  };
  return call;
}
