// The little that htmx does not do. Everything works without it, only less comfortably.
"use strict";

// A page that no longer hears from the server must not look as if all were well.
const silentAfter = 60000;
let heardAt = Date.now();
document.addEventListener("htmx:after:request", (event) => {
  if (event.detail?.ctx?.response?.status < 500) heardAt = Date.now();
});
setInterval(() => {
  const line = document.getElementById("heartbeat");
  if (!line) return;
  const isLost = Date.now() - heardAt > silentAfter;
  line.classList.toggle("is-lost", isLost);
  line.querySelector(".lost").hidden = !isLost;
}, 5000);

// The board may come back for what was typed before: a refresh under way, a letter typed while it was exchanged.
let askedAgain = null;
document.addEventListener("htmx:after:swap", () => {
  const typed = document.getElementById("q");
  const board = document.getElementById("board");
  if (!typed || !board || typed.value === askedAgain) return;
  askedAgain = null;
  if (typed.value.trim() === board.dataset.q.trim()) return;
  askedAgain = typed.value; // once only, should the server read it otherwise
  typed.dispatchEvent(new Event("again"));
});

// "/" looks for a unit, as people know it from other pages.
document.addEventListener("keydown", (event) => {
  const search = document.getElementById("q");
  if (event.key !== "/" || !search || event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  search.focus();
});

// Enter where a unit is looked for takes the first one found; the letters themselves are no unit's name.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("[data-picker]")) return;
  event.preventDefault();
  event.target.closest(".picker").querySelector(".found button")?.click();
});
