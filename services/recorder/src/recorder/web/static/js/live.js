// Keeps the page up to date: a line to the server says when something has changed, then the view is fetched again.
import { load, view } from "./view.js";

const SLOWEST = 30000;
const FAILED = 5000; // until a page that could not be fetched is asked for again
const GRACE = 2500; // a line that comes back within this is not worth a word

let line = null;
let wait = 1000;
let version = null;
let shown = null;
let loading = false;
let timer = 0;
let warning = 0;

/** Start, and go on for as long as the page is looked at. */
export function goLive() {
  document.addEventListener("visibilitychange", () => (document.hidden ? hangUp() : connect()));
  connect();
}

function connect() {
  if (line || document.hidden) return;
  line = new EventSource("/live");
  line.addEventListener("version", (event) => {
    restored();
    version = JSON.parse(event.data);
    refresh();
  });
  line.addEventListener("away", (event) => say(`Not up to date: ${JSON.parse(event.data)}. Nothing is lost.`));
  line.addEventListener("error", lost);
}

function hangUp() {
  line?.close();
  line = null;
}

function restored() {
  wait = 1000;
  clearTimeout(warning);
  warning = 0;
  say("");
}

function lost() {
  warning ||= setTimeout(() => say("Not live: the connection is lost. Trying to connect again…"), GRACE);
  if (line.readyState !== EventSource.CLOSED) return;
  hangUp(); // refused, not interrupted: perhaps nobody is signed in here any more
  load(location.href).then(({ status }) => status === 401 && signedOut(), () => {});
  setTimeout(connect, wait);
  wait = Math.min(wait * 2, SLOWEST);
}

function say(problem) {
  const banner = document.getElementById("not-live");
  if (banner.textContent !== problem) banner.textContent = problem;
  banner.hidden = !problem;
  document.getElementById("live-state").hidden = Boolean(problem) || !line;
}

/** Fetch the view when it is older than what the server has, one at a time and not too often. */
async function refresh() {
  if (loading || timer || version === shown || view()?.dataset.still !== undefined) return;
  loading = true;
  const wanted = version;
  const status = await load(location.href).then((response) => response.status, () => 0);
  loading = false;
  if (status === 401) return signedOut();
  if (status === 200) shown = wanted;
  const pause = status === 200 ? 1000 * (Number(view().dataset.every) || 0.5) : FAILED;
  timer = setTimeout(() => {
    timer = 0;
    refresh();
  }, pause);
}

function signedOut() {
  hangUp();
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}
