// `/` goes to the search field, wherever one is.
const FIELDS = "input, textarea, select, [contenteditable]";

export function shortcuts() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches(FIELDS)) return;
    event.preventDefault();
    const field = document.querySelector("input[type=search]");
    if (field) field.focus();
    else location.assign("/search");
  });
}
