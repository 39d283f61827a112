// What pages need beyond htmx and Tabler. Nothing here decides; it shows.
"use strict";

// A form that is being sent cannot be sent twice by a second press.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.many !== undefined) return;
  for (const button of form.querySelectorAll("button[type=submit]")) {
    setTimeout(() => { button.disabled = true; }, 0);
  }
});
// A page that comes back from the browser's memory can be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("button[type=submit]:disabled")) button.disabled = false;
});
