// Sends the front desk's forms without leaving the page, so that a voicemail plays on while it is marked as done.
import { load } from "./view.js";

export function sendQuietly() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-quiet]") || event.defaultPrevented) return;
    event.preventDefault();
    const item = form.closest("[id]:is(li, .panel)");
    const next = item?.nextElementSibling?.querySelector("h3 a") ?? null;
    const typed = form.querySelector("textarea");
    try {
      const response = await load(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, event.submitter)) });
      if (!response.ok) throw new Error(String(response.status));
    } catch {
      HTMLFormElement.prototype.submit.call(form); // the page that follows says what is wrong
      return;
    }
    if (typed) typed.value = "";
    form.closest("details")?.removeAttribute("open");
    if (!document.contains(document.activeElement) || document.activeElement === document.body) {
      (next?.isConnected ? next : document.querySelector("#notice button, h1"))?.focus();
    }
  });
}
