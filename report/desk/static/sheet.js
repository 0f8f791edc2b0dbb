// A value and its box on the page belong together: choosing one lights both, and brings the other into sight.
(() => {
  const light = (name, from, isStill = false) => {
    for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
    for (const one of document.querySelectorAll("[data-value]")) {
      if (one.dataset.value !== name) continue;
      one.classList.add("lit");
      if (one !== from && !isStill && !one.matches(".crop")) one.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  };
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-value]");
    if (chosen) light(chosen.dataset.value, chosen);
  });
  document.addEventListener("keydown", (event) => {
    const chosen = event.target.closest("rect[data-value]");
    if (!chosen || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    light(chosen.dataset.value, chosen);
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) light(row.dataset.row, row, true); // who writes must not lose sight of the field
  });
})();
