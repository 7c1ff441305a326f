// A thread is read from its end.
import { afterEach } from "./view.js";

let newest = null;

export function readFromTheEnd() {
  if (location.hash || new URLSearchParams(location.search).has("cursor")) return;
  afterEach(() => {
    const last = [...document.querySelectorAll(".bubble")].at(-1);
    if (!last || last.id === newest) return;
    const first = newest === null;
    newest = last.id;
    if (first || nearTheEnd(last)) last.scrollIntoView({ block: "end", behavior: first ? "instant" : undefined });
  });
}

function nearTheEnd(last) {
  return last.getBoundingClientRect().top < innerHeight * 1.5;
}
