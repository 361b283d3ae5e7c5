// While a text box has the focus, Label Studio 1.23.2 hears none of its keys, and what was typed there and not handed over
// (Shift+Enter, Submit) is in no draft. Here Ctrl+Enter and Esc work in a box, and no way of leaving loses its text.
(() => {
  "use strict";
  document.documentElement.dataset.goldleafKeys = ""; // the style then says other keys
  const typed = new Set(); // boxes whose text Label Studio does not have yet

  const isBox = (element) =>
    element instanceof HTMLElement &&
    element.matches(".gl textarea, .gl input:not([type=radio], [type=checkbox])");
  const annotation = () => window.Htx?.annotationStore?.selected;

  // A box in a form is new text, which the control takes over; another is an edit of a text it has.
  const keep = (box) => {
    typed.delete(box);
    if (!box.isConnected) return;
    if (box.form) annotation()?.names.get(box.name)?.submitChanges();
    else box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", shiftKey: true, bubbles: true }));
  };
  const keepAll = () => [...typed].forEach(keep);
  const keepAndSave = () => {
    keepAll();
    annotation()?.saveDraftImmediately();
  };
  // As Label Studio itself asks it before it leaves a task.
  const isSaved = ({ history, draftSaved, editable, submissionStarted }) =>
    !editable ||
    submissionStarted ||
    !history?.hasChanges ||
    (draftSaved && new Date(history.lastAdditionTime) <= new Date(draftSaved));

  const onKey = (event) => {
    const box = event.target;
    if (!isBox(box) || event.isComposing) return; // Enter and Esc belong to the input method first
    // Label Studio repeats a digit of the number pad as a key pressed outside of the box.
    if (/^Numpad\d$/.test(event.code)) event.stopPropagation();
    if (event.key === "Tab" && typed.has(box)) keep(box);
    const submits = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (!submits && event.key !== "Escape") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (typed.has(box) || !box.form) keep(box);
    box.blur();
    // A button that was grey for want of an answer is drawn anew first.
    if (submits) setTimeout(() => document.querySelector(".lsf-controls button[name=submit]")?.click());
  };

  const onClick = (event) => {
    if (!(event.target instanceof Element) || event.target.closest(".gl")) return;
    // The bottom bar saves or submits by itself, with the text that it finds.
    if (event.target.closest(".lsf-bottombar")) keepAll();
    else if (typed.size) keepAndSave();
  };

  const onUnload = (event) => {
    keepAll();
    const now = annotation();
    if (!now || isSaved(now)) return;
    now.saveDraft();
    event.preventDefault(); // the browser asks, and the draft has the time to arrive
  };

  // Where answers are ranked in a list, no key of Label Studio's can be of one answer alone. The digits rank the first
  // that has no rank: 9 is the last choice, 0 takes the last rank back.
  const chosen = (item) => item.querySelector(".gl-rank input:checked");
  const onDigit = (event) => {
    const box = event.target;
    if (isBox(box) || event.ctrlKey || event.altKey || event.metaKey || !/^\d$/.test(event.key)) return;
    const items = [...document.querySelectorAll(".gl-list .gl-entry")].filter((item) => item.querySelector(".gl-rank"));
    if (event.key === "0" && !document.querySelector(".gl-ranks")) return;
    const at = event.key === "0" ? items.findLastIndex(chosen) : items.findIndex((item) => !chosen(item));
    if (at < 0) return; // all are ranked: the digit is Label Studio's
    event.preventDefault();
    event.stopImmediatePropagation();
    const labels = [...items[at].querySelectorAll(".gl-rank label")].filter((label) => label.offsetParent);
    const label = { 0: chosen(items[at])?.closest("label"), 9: labels.at(-1) }[event.key] ?? labels[event.key - 1];
    const beyond = items[at].querySelector(".gl-ranks") && label === labels.at(-1) && !/[09]/.test(event.key);
    if (!label || beyond) return;
    label.click();
    setTimeout(() => (items[at + 1] ?? items[at]).scrollIntoView({ block: "nearest" }));
  };

  // A long drop-down list has no search of its own: a field above it keeps the choices that hold what is typed, and Enter
  // takes the first. Its keys are its own: Label Studio hears none while it has the focus.
  const LONG_LIST = 12;
  const addSearch = (popup) => {
    const options = () => [...popup.querySelectorAll("[role=option]")];
    if (popup.querySelector(".gl-search") || options().length <= LONG_LIST) return;
    const field = document.createElement("input");
    field.className = "gl-search";
    const said = getComputedStyle(document.documentElement).getPropertyValue("--gl-search");
    field.placeholder = field.ariaLabel = said.trim().replace(/^"|"$/g, "");
    field.style.cssText = "display: block; width: 100%; padding: 6px 12px; font-size: 14px; color: #1f2937; background: #fff";
    const holds = (option) => option.textContent.toLowerCase().includes(field.value.trim().toLowerCase());
    field.addEventListener("input", () => {
      for (const option of options()) option.style.display = holds(option) ? "" : "none";
    });
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      if (field.value.trim()) options().find(holds)?.click();
    });
    popup.prepend(field);
    field.focus();
  };
  new MutationObserver(() => {
    const popup = document.querySelector("[data-testid=select-popup]");
    if (popup) addSearch(popup);
  }).observe(document.documentElement, { childList: true, subtree: true });

  window.addEventListener("keydown", onDigit, true);
  window.addEventListener("input", (event) => isBox(event.target) && typed.add(event.target), true);
  window.addEventListener("keydown", onKey, true);
  window.addEventListener("click", onClick, true);
  window.addEventListener("popstate", () => typed.size && keepAndSave(), true);
  window.addEventListener("beforeunload", onUnload);
})();
