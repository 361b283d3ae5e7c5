// What an edit changed, while it is typed: Label Studio 1.23.2 shows a text box and nothing of what it held before. Below
// each edit box stands how many words (in Chinese: characters) differ from the draft and from the text as it came, and,
// unfolded, which. Beside source and language stands the model whose draft is on the screen.
(() => {
  "use strict";
  const MOST_CHANGES = 1000; // insertions and deletions; beyond, a text counts as written anew from there to there
  const DELAY = 150; // milliseconds of rest before a text is compared
  const HAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
  const LETTER = /[\p{L}\p{N}]/u;
  // A word, a Chinese or Japanese character, a run of blanks, or a sign: as core/text_diff.py cuts texts.
  const PIECE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{N}\p{M}_'’])+|\s+|[^]/gu;
  const pieces = (text) => text.match(PIECE) ?? [];
  const normal = (text) => (text ?? "").replace(/\r\n?/g, "\n").normalize("NFC").trim();
  const wording = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--gl-${name}`).trim().replace(/^"|"$/g, "");

  // Myers' greedy algorithm. Returns runs [sign, pieces]: 0 for kept, -1 for gone, 1 for new.
  const compare = (old, now) => {
    let begin = 0;
    while (begin < old.length && begin < now.length && old[begin] === now[begin]) begin++;
    let end = 0;
    while (end < old.length - begin && end < now.length - begin && old.at(-1 - end) === now.at(-1 - end)) end++;
    const a = old.slice(begin, old.length - end), b = now.slice(begin, now.length - end);
    const runs = [];
    const add = (sign, piece) => (runs.at(-1)?.[0] === sign ? runs.at(-1)[1].push(piece) : runs.push([sign, [piece]]));
    old.slice(0, begin).forEach((piece) => add(0, piece));
    (steps(a, b) ?? [...a.map((piece) => [-1, piece]), ...b.map((piece) => [1, piece])]).forEach(([sign, piece]) => add(sign, piece));
    old.slice(old.length - end).forEach((piece) => add(0, piece));
    return runs;
  };
  const steps = (a, b) => {
    const trace = [];
    let far = new Map([[1, 0]]);
    for (let d = 0; d <= Math.min(a.length + b.length, MOST_CHANGES); d++) {
      trace.push(new Map(far));
      for (let k = -d; k <= d; k += 2) {
        const down = k === -d || (k !== d && (far.get(k - 1) ?? -1) < (far.get(k + 1) ?? -1));
        let x = down ? far.get(k + 1) : far.get(k - 1) + 1;
        while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
        far.set(k, x);
        if (x >= a.length && x - k >= b.length) return back(trace, a, b);
      }
    }
    return null;
  };
  const back = (trace, a, b) => {
    const found = [];
    let x = a.length, y = b.length;
    for (let d = trace.length - 1; d >= 0; d--) {
      const far = trace[d], k = x - y;
      const down = k === -d || (k !== d && (far.get(k - 1) ?? -1) < (far.get(k + 1) ?? -1));
      const before = down ? far.get(k + 1) : far.get(k - 1);
      const from = before - (down ? k + 1 : k - 1);
      while (x > before && y > from && x > 0 && y > 0) found.push([0, a[--x]]), y--;
      if (d) found.push(down ? [1, b[--y]] : [-1, a[--x]]);
    }
    return found.reverse();
  };
  // A word that replaces another is one change; signs count among characters, blanks never, unless nothing else differs.
  const count = (runs) => {
    const total = { han: 0, words: 0, signs: 0 };
    let gone = { ...total }, fresh = { ...total };
    const close = () => {
      for (const kind in total) total[kind] += Math.max(gone[kind], fresh[kind]);
      gone = { han: 0, words: 0, signs: 0 };
      fresh = { ...gone };
    };
    for (const [sign, run] of runs) {
      if (!sign && run.some((piece) => piece.trim())) close();
      const side = sign < 0 ? gone : fresh;
      if (sign) for (const piece of run) if (piece.trim()) side[HAN.test(piece) ? "han" : LETTER.test(piece) ? "words" : "signs"]++;
    }
    close();
    const { han, words, signs } = total;
    return han > words ? ["characters", han + words + signs] : ["words", Math.max(1, han + words)];
  };

  const store = () => window.Htx?.annotationStore;
  const draftOf = () => {
    const now = store()?.selected;
    return now?.parent_prediction && store().predictions.find((each) => String(each.pk) === String(now.parent_prediction));
  };
  const drafted = (name) => {
    const result = draftOf()?._initialAnnotationObj?.find?.((each) => each.from_name === name);
    const text = result?.value?.text;
    return Array.isArray(text) ? text[0] : text;
  };
  const came = (control) => {
    const path = /^\$/.test(control.value ?? "") ? control.value.slice(1).match(/[^.[\]]+/g) : [];
    let found = store().store.task?.dataObj;
    for (const part of path) found = found?.[part];
    return typeof found === "string" ? found : "";
  };

  // Returns [control, what its box holds] of a text area; null where it has none.
  const held = (area) => {
    const box = area.querySelector("textarea, input"), shown = area.querySelector("[data-testid=htx-textbox-content]");
    const name = (box?.name || shown?.getAttribute("name") || "").split(":")[0];
    const control = store()?.selected?.names.get(name);
    if (!control) return null;
    return [control, box ? box.value : control.regions?.[0]?._value ?? shown.textContent];
  };
  const drawn = new WeakMap();
  const mark = (area) => {
    const [control, text] = held(area) ?? [];
    if (!control) return;
    const draft = normal(drafted(control.name)), original = normal(came(control)), now = normal(text);
    const known = JSON.stringify([draft, original, now]);
    if (drawn.get(area) === known) return;
    drawn.set(area, known);
    const both = draft && original && draft !== original;
    const bases = both ? [["draft", draft], ["original", original]] : [["", draft || original]];
    const changes = bases.filter(([, base]) => base && now && base !== now);
    area.parentElement.toggleAttribute("data-goldleaf-edited", Boolean(now) && now !== bases[0][1] && Boolean(bases[0][1]));
    const old = [...area.parentElement.querySelectorAll(".gl-changes")];
    const open = new Set(old.filter((each) => each.open).map((each) => each.dataset.base));
    old.forEach((each) => each.remove());
    for (const [name, base] of changes.reverse()) area.after(fold(name, compare(pieces(base), pieces(now)), open.has(name)));
  };
  const fold = (name, runs, open) => {
    const details = document.createElement("details"), summary = document.createElement("summary"), text = document.createElement("div");
    details.className = "gl-changes";
    details.dataset.base = name;
    details.open = open;
    const [unit, number] = count(runs);
    summary.textContent = `${wording(`changed-${unit}`)}${number}${name ? wording(`from-${name}`) : ""}`;
    text.className = "gl-diff";
    for (const [sign, run] of runs) {
      const part = document.createElement({ "-1": "del", 0: "span", 1: "ins" }[sign]);
      part.textContent = run.join("");
      text.append(part);
    }
    details.append(summary, text);
    return details;
  };

  const nameDraft = () => {
    const model = draftOf()?.createdBy, line = document.querySelector(".gl .gl-from");
    if (!line) return;
    const shown = line.querySelector(".gl-draft");
    if (shown?.textContent === (model || undefined)) return;
    line.querySelectorAll(".gl-draft, .gl-dot").forEach((each) => each.remove());
    if (!model) return;
    const part = document.createElement("span"), dot = document.createElement("span");
    part.className = "gl-draft";
    part.textContent = model;
    dot.className = "gl-dot";
    dot.textContent = " · ";
    line.append(dot, part);
  };

  let waiting;
  const look = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (!document.querySelector(".gl")) return;
      nameDraft();
      document.querySelectorAll(".gl .gl-edit .lsf-text-area").forEach(mark);
    }, DELAY);
  };
  window.addEventListener("input", look, true);
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
})();
