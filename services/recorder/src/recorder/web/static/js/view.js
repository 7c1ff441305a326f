// The part of the page that changes: fetched anew and merged in, so that focus, scroll position, typed words, opened
// details and playing sound stay as they are.
import { Idiomorph } from "../vendor/idiomorph-0.8.0/idiomorph.esm.js";

const tasks = [];
const LONGEST = 15000;
let queue = Promise.resolve();

export const view = () => document.getElementById("view");

/** Run a task now and after every change of the view. */
export function afterEach(task) {
  tasks.push(task);
  task();
}

/** Fetch contents and merge them in. One after the other, so that what was asked for last is shown last. */
export function load(address, options = {}) {
  const turn = queue.then(() => fetchAndMerge(address, options));
  queue = turn.catch(() => {});
  return turn;
}

async function fetchAndMerge(address, options) {
  const headers = { "X-Frontdesk-Fragment": "1" };
  const response = await fetch(address, { ...options, headers, signal: AbortSignal.timeout(LONGEST) });
  const html = await response.text();
  if (response.ok) merge(html);
  return response;
}

export function announce(words) {
  document.getElementById("announcements").textContent = words;
}

function merge(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("view");
  if (!fresh) return;
  const before = new Set([...document.querySelectorAll("#view [id]")].map((element) => element.id));
  const said = view().dataset.summary;
  Idiomorph.morph(view(), fresh, { ignoreActiveValue: true, callbacks });
  mark(before);
  document.title = `${view().dataset.title} · Frontdesk`;
  if (view().dataset.summary !== said) announce(view().dataset.summary);
  tasks.forEach((task) => task());
}

const callbacks = {
  beforeNodeMorphed(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) return true;
    if (old.matches("[data-keep], audio, textarea")) return false;
    if (old.matches("input:not([type=hidden]), select") && touched(old)) return false;
    return !(old.matches(".recording") && old.dataset.state === fresh.dataset.state);
  },
  beforeAttributeUpdated(name, element) {
    return !(name === "open" && element.matches("details")) && !(name === "class" && element.matches(".chart, .numbers"));
  },
  beforeNodeRemoved(node) {
    return !(node.id === "notice" && Date.now() < (node.until ?? 0));
  },
};

/** Whether somebody is in a field, or has changed it since it came. */
function touched(field) {
  if (field === document.activeElement) return true;
  if (field.matches("select")) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

function mark(before) {
  const notice = document.getElementById("notice");
  if (notice) notice.until ??= Date.now() + 8000;
  for (const element of document.querySelectorAll(".card, .bubble, .row, .threads li")) {
    if (!before.has(element.id)) element.classList.add("fresh");
  }
}
