// The review queue by keyboard. What a key does is what the link or button that carries it in data-key does.
(() => {
  const help = document.getElementById("help");
  const form = document.getElementById("question");
  const isTyping = (element) => element.matches("input:not([type=checkbox]), textarea, select");
  const press = (key) => {
    const carrier = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
    if (carrier) carrier.click();
    return Boolean(carrier);
  };
  const focus = (selector) => {
    const field = document.querySelector(selector);
    if (field) { field.focus(); field.select(); }
    return Boolean(field);
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && isTyping(event.target)) { event.target.blur(); return; }
    if (isTyping(event.target) || help?.open) return;
    const acts = {
      "?": () => { help?.showModal(); return Boolean(help); },
      "r": () => focus("[name=reason]"),
      "/": () => focus("[data-picker]"),
      "e": () => focus("[data-correction]"),
    };
    const isHandled = acts[event.key] ? acts[event.key]() : press(event.key);
    if (isHandled) event.preventDefault();
  });
  if (!form) return;
  const buttons = [...form.querySelectorAll(".answers .buttons button")];
  form.addEventListener("input", (event) => {
    if (!event.target.matches("[data-correction]")) return;
    const isChanged = [...form.querySelectorAll("[data-correction]")].some((field) => field.value !== field.defaultValue);
    form.classList.toggle("changed", isChanged);
    const first = buttons[0];
    if (first) first.lastChild.textContent = isChanged ? "保存更正，其余核对无误" : "核对无误";
  });
  form.addEventListener("submit", (event) => {
    const reason = form.querySelector("[name=reason]");
    if (event.submitter?.hasAttribute("data-needs-reason") && reason && !reason.value.trim()) {
      event.preventDefault();
      reason.setCustomValidity("退回材料必须写明理由，单位会看到它。");
      reason.reportValidity();
      reason.addEventListener("input", () => reason.setCustomValidity(""), { once: true });
      return;
    }
    // A picker's search text is not an answer, and a button pressed twice is one decision.
    const picker = form.querySelector("[data-picker]");
    if (picker && event.submitter?.name !== "unit") picker.disabled = true;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  // Enter in a field is not the first answer.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    if (event.target.matches("[name=reason], [data-correction]")) event.preventDefault();
  });
  addEventListener("pageshow", () => { delete form.dataset.sent; });
})();
