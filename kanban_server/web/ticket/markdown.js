/** Markdown as the server parses it: a tree of known elements, built here with `createElement`. */

import { post } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { address } from "../lib/base.js";
import { href } from "../lib/navigation.js";
import { FILE_PATH } from "../model/files.js";
import { visible } from "../model/invisible-characters.js";
import { boardPath } from "../model/route.js";

const KEPT = 300;
const trees = new Map();
/** A longer block of code is folded. */
const CODE_LINES = 20;

/**
 * An element that shows a text: as it is at once, and as Markdown once the server has parsed it.
 *
 * @param {string} text
 * @param {{board?: number, tick?: (number: number, done: boolean) => void}} [options] `board`: where `#12` leads.
 *   `tick` is called where the user ticks a task of the text, counted from 0; without it tasks can't be ticked.
 */
export const markdown = (text, options = {}) => {
  const host = el("div", { class: "prose", dir: "auto" });
  const show = (nodes) => {
    const context = { ...options, tasks: 0 };
    fill(
      host,
      nodes.map((node) => build(node, context)),
    );
  };
  if (trees.has(text)) show(trees.get(text));
  else {
    host.classList.add("plain");
    host.textContent = visible(text);
    parse(text).then(
      (nodes) => {
        host.classList.remove("plain");
        show(nodes);
      },
      () => {}, // the text can be read as it is
    );
  }
  return host;
};

const parse = async (text) => {
  const { nodes } = await post("/api/markdown", { text });
  trees.set(text, nodes);
  if (trees.size > KEPT) trees.delete(trees.keys().next().value);
  return nodes;
};

const TAGS = new Set(
  "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre hr table thead tbody tr th td code em strong s a br input img".split(
    " ",
  ),
);
const DIRECTED = new Set("p h1 h2 h3 h4 h5 h6 ul ol li blockquote th td".split(" "));
const ATTRIBUTES = new Set(["href", "rel", "title", "start", "align", "lang", "type", "disabled", "checked"]);
const LINK = /^(https?|mailto):/i;
const REFERENCE = /(?<![\p{L}\p{N}_/&])(@(?:"[^"\n]{1,64}"|[\p{L}\p{N}._/-]{1,64})|#\d{1,15}(?![\p{L}\p{N}_]))/u;

const build = (node, context) => {
  if (typeof node === "string") return references(node, context);
  const children = () => node.children.map((child) => build(child, inside(context, node.tag)));
  if (!TAGS.has(node.tag)) return children();
  const attributes = Object.fromEntries(Object.entries(node.attrs ?? {}).filter(([name]) => ATTRIBUTES.has(name)));
  if (node.tag === "img") return picture(node.attrs);
  if (node.tag === "a" && FILE_PATH.test(attributes.href ?? ""))
    return el("a", { href: address(attributes.href).href, target: "_blank", rel: "noopener" }, children());
  if (node.tag === "a") {
    if (!LINK.test(attributes.href ?? "")) return children();
    Object.assign(attributes, { target: "_blank", rel: "noopener nofollow" });
  }
  if (attributes.lang) Object.assign(attributes, { lang: null, dataset: { language: attributes.lang } });
  if (DIRECTED.has(node.tag)) attributes.dir = "auto";
  if (node.tag === "input") return task(attributes, context);
  if (node.tag === "pre") return codeBlock(el("pre", { ...attributes, dir: "ltr", tabindex: "0" }, children()));
  // A ticket's headings are below its title
  const tag = /^h[1-6]$/.test(node.tag) ? `h${Math.min(6, Number(node.tag[1]) + 2)}` : node.tag;
  return el(tag, attributes, children());
};

/** A picture among the files of a ticket; no other is ever fetched. */
const picture = ({ src, alt }) => {
  if (!FILE_PATH.test(src)) return alt;
  const url = address(src).href;
  return el(
    "a",
    { class: "picture", href: url, target: "_blank", rel: "noopener" },
    el("img", { src: url, alt, loading: "lazy" }),
  );
};

/** In code and in links, nothing is a reference. One counter of tasks serves the whole text. */
const inside = (context, tag) =>
  tag === "code" || tag === "pre" || tag === "a" ? Object.assign(Object.create(context), { literal: true }) : context;

const task = (attributes, context) => {
  const number = context.tasks++;
  const { tick } = context;
  const onchange = tick ? ({ target }) => tick(number, target.checked) : null;
  const label = attributes.checked ? "done" : "to do";
  return el("input", { ...attributes, disabled: !tick, onchange, "aria-label": label });
};

const codeBlock = (pre) => {
  const lines = pre.textContent.trimEnd().split("\n").length;
  if (lines <= CODE_LINES) return pre;
  const button = el("button", { class: "button small", type: "button" }, `Show all ${lines} lines`);
  const block = el("div", { class: "code-block folded" }, pre, button);
  button.addEventListener("click", () => {
    const folded = block.classList.toggle("folded");
    button.textContent = folded ? `Show all ${lines} lines` : "Show less";
  });
  return block;
};

const references = (text, { board, literal }) =>
  text.split(REFERENCE).map((part, index) => {
    if (index % 2 === 0 || literal) return part;
    if (part.startsWith("@")) return el("span", { class: "mention" }, part);
    if (!board) return part;
    return el("a", { class: "reference", href: href(boardPath(board, Number(part.slice(1)))) }, part);
  });
