/** Building what the page shows. Text only ever becomes text. */

import { visible } from "../model/invisible-characters.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. `attributes`: a function is a listener for the event that `on…` names; `style` is an object of custom
 * and other properties, `dataset` of data attributes; true is an attribute without a value; null, undefined and
 * false are none.
 *
 *     el("button", { class: "quiet", onclick: close }, icon("close"), "Close")
 *
 * @param {string} name @param {object} [attributes] @param {...(Node|string|number|null|false|Array)} children
 * @returns {any} the element
 */
export const el = (name, attributes = {}, ...children) => build(document.createElement(name), attributes, children);

/** The same, for SVG. */
export const svg = (name, attributes = {}, ...children) =>
  build(document.createElementNS(SVG, name), attributes, children);

/** Put children into an element in place of those it has. */
export const fill = (parent, ...children) => {
  parent.replaceChildren(...nodes(children));
  return parent;
};

/** The same with what `build` gives, and with the focus where it was: on what is still there, or at its place. */
export const refill = (parent, build) => {
  const focused = parent.contains(document.activeElement) ? focusedElement() : null;
  const at = focused ? [...parent.querySelectorAll(FOCUSABLE)].indexOf(focused) : -1;
  fill(parent, build());
  if (at < 0) return;
  const items = [...parent.querySelectorAll(FOCUSABLE)];
  (items.includes(focused) ? focused : items[Math.min(at, items.length - 1)])?.focus({ preventScroll: true });
};

/** Make these the children of an element; what stays is not touched, so that it keeps its focus. */
export const arrange = (parent, elements) => {
  const wanted = new Set(elements);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  elements.forEach((element, index) => {
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null);
  });
};

/** The element that has the focus. @returns {any} */
export const focusedElement = () => document.activeElement;

/** The nearest ancestor of an event's target, or the target itself, that matches a selector. @returns {any} */
export const closest = (event, selector) => event.target.closest?.(selector) ?? null;

/** What the focus can go to. */
export const FOCUSABLE = "a[href], :is(button, input, select, textarea):not(:disabled)";

const build = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...nodes(children, element.localName === "textarea"));
  return element;
};

/** What is edited stays as it is. */
const nodes = (children, edited = false) =>
  children
    .flat(Infinity)
    .filter(shown)
    .map((child) => (child instanceof Node ? child : edited ? String(child) : visible(String(child))));

/** Attributes that are read out or shown. */
const SAID = new Set(["aria-label", "aria-description", "title", "placeholder", "alt"]);

const shown = (value) => value !== null && value !== undefined && value !== false;

const set = (element, name, value) => {
  if (!shown(value)) return;
  if (typeof value === "function") element.addEventListener(name.slice(2), value);
  else if (name === "style") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
  else if (name === "dataset") Object.assign(element.dataset, value);
  else element.setAttribute(name, value === true ? "" : SAID.has(name) ? visible(String(value)) : value);
};
