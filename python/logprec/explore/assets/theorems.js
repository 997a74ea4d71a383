// The page of all declarations: a list that filters, and one declaration with its proof, tactic by tactic.
"use strict";

const Theorems = (() => {
  const { el, byId, load, theoremUrl, hash, typing, lean, prose, commas } = Explorer;
  let all = [], byName = new Map(), usedBy = new Map(), shownNames = [], current = null, stepper = null;

  const short = (name) => name.split(".").at(-1);
  const folderIndex = (module) => folders.indexOf(folderOf(module));
  const folderOf = (module) => (module.split(".").length > 2 ? module.split(".")[1] : "");
  let folders = [];
  const folderColour = (module) => `var(--f-${Math.max(0, folderIndex(module)) % 14})`;

  function filtered() {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const folder = byId("folder").value, kind = byId("kind").value;
    return all.filter((d) => (!folder || folderOf(d.module) === folder) && (!kind || d.kind === kind) &&
      (words.every((w) => d.name.toLowerCase().includes(w)) ||
       (words.length && words.every((w) => d.doc.toLowerCase().includes(w)))));
  }

  function list() {
    const found = filtered(), box = byId("names"), pieces = [];
    let module = null;
    shownNames = found.map((d) => d.name);
    for (const d of found) {
      if (d.module !== module) {
        module = d.module;
        pieces.push(el("h3", { style: { "--folder": folderColour(module) } }, module.replace(/^Logprec\./, "")));
      }
      pieces.push(el("a", { href: theoremUrl(d.name), "data-name": d.name, "aria-current": current === d.name ? "true" : null,
        title: d.name }, short(d.name), d.kind === "theorem" ? "" : el("span", { class: "k" }, ` ${d.kind}`)));
    }
    box.replaceChildren(...pieces);
    byId("found").textContent = `${commas(found.length)} of ${commas(all.length)}`;
  }

  // A token of a Lean text, as a declaration that `d` uses; a last name that two of them share is not guessed.
  function resolver(d) {
    const used = d.uses.map((i) => all[i].name);
    return (word) => {
      const clean = word.replace(/[.]+$/, "");
      if (byName.has(clean) && clean !== d.name) return clean;
      const tail = used.filter((name) => name.endsWith(`.${clean}`));
      if (tail.length === 1) return tail[0];
      if (!clean.includes(".")) return null;
      const last = used.filter((name) => short(name) === short(clean));
      return last.length === 1 ? last[0] : null;
    };
  }

  const links = (names, label) => el("ul", { class: "linklist", "aria-label": label },
    ...names.map((name) => el("li", {}, el("a", { href: theoremUrl(name), title: name }, name.replace(/^Logprec\./, "")))));

  function folded(title, names) {
    return el("details", { open: names.length <= 24 }, el("summary", {}, `${title} (${names.length})`), links(names, title));
  }

  function show() {
    const name = hash(), d = byName.get(name), page = byId("declaration");
    current = d ? d.name : null;
    for (const a of byId("names").querySelectorAll("a")) {
      if (a.dataset.name === name) { a.setAttribute("aria-current", "true"); a.scrollIntoView({ block: "nearest" }); }
      else a.removeAttribute("aria-current");
    }
    stepper = null;
    if (!d) {
      document.title = "Theorems · Logprec";
      page.replaceChildren(el("h1", {}, name ? "No such declaration" : "Every declaration"),
        el("p", { class: "lead" }, name ? `Nothing here is called ${name}.` :
          `${commas(all.length)} declarations, ${commas(all.filter((x) => x.kind === "theorem").length)} of them theorems. Choose one from the list, ` +
          "or press / to search in names and docstrings."),
        el("h3", {}, "The headline statements"), links(all.filter((x) => x.headline).map((x) => x.name), "headline statements"));
      return;
    }
    document.title = `${short(d.name)} · Logprec`;
    const resolve = resolver(d);
    const users = (usedBy.get(d.name) || []).map((i) => all[i].name);
    page.replaceChildren(
      el("p", { class: "note" }, el("span", { class: "chip" }, d.kind), " ",
        d.headline ? el("span", { class: "chip" }, "headline statement") : ""),
      el("h1", {}, d.name),
      el("div", { class: "doc" }, ...prose(d.doc || "")),
      el("pre", { id: "statement" }, el("code", {}, ...lean(d.source || d.statement, resolve))),
      d.source ? el("details", {}, el("summary", { class: "note" }, "as Lean prints it, elaborated"),
        el("pre", {}, el("code", {}, ...lean(d.statement, resolve)))) : "",
      el("dl", { class: "facts" },
        el("dt", {}, "Source"), el("dd", {}, el("a", { href: `source/${d.module}.html#L${d.line}` }, `${d.file}, line ${d.line}`)),
        el("dt", {}, "Axioms"), el("dd", {}, d.axioms.length ? d.axioms.join(", ") : "none",
          d.axiomsNote ? el("span", { class: "note" }, ` (${d.axiomsNote})`) : ""),
        el("dt", {}, "In the graph"), el("dd", {}, el("a", { href: `graph.html#${encodeURIComponent(d.module)}` }, d.module))),
      el("div", { id: "proof" }),
      folded("Uses", d.uses.map((i) => all[i].name)),
      folded("Used by", users));
    if (d.kind !== "theorem") return;
    const proof = byId("proof");
    if (!d.states) {
      proof.replaceChildren(el("p", { class: "note", id: "no-states" }, d.statesNote));
      return;
    }
    load(`states/${d.module}`).then((states) => {
      if (current !== d.name) return;
      stepper = Stepper(states[d.name], resolve);
      proof.replaceChildren(el("h2", {}, "The proof, tactic by tactic"), stepper.node);
      stepper.go(0);
    }).catch((error) => proof.replaceChildren(el("p", { class: "note" }, String(error.message || error))));
  }

  // Steps of a proof: [tactic, goals before, goals after, line, depth].
  function Stepper(steps, resolve) {
    let at = 0;
    const previous = el("button", { type: "button", onclick: () => go(at - 1), "aria-label": "Previous tactic" }, "←");
    const next = el("button", { type: "button", onclick: () => go(at + 1), "aria-label": "Next tactic" }, "→");
    const slider = el("input", { type: "range", min: 0, max: steps.length - 1, value: 0, "aria-label": "Tactic",
      oninput: () => go(Number(slider.value)) });
    const where = el("span", { role: "status", class: "where" });
    const items = steps.map(([tactic, , , , depth], i) => el("button", { type: "button", onclick: () => go(i),
      style: { "--depth": depth } }, ...lean(tactic.split("\n").slice(0, 12).join("\n") + (tactic.split("\n").length > 12 ? "\n…" : ""))));
    const tactics = el("ol", { "aria-label": "Tactics" }, ...items.map((item) => el("li", {}, item)));
    const states = el("div", { class: "states", "aria-live": "polite" });
    const node = el("section", { class: "stepper", "aria-label": "Proof" },
      el("div", { class: "bar" }, previous, next, where, slider,
        el("span", { class: "note" }, el("kbd", {}, "←"), " ", el("kbd", {}, "→"), " step")),
      el("div", { class: "two" }, tactics, states));

    // A goal, its new lines marked.
    function goal(text, old) {
      const fresh = new Set(old.flatMap((g) => g.split("\n")));
      return el("pre", { class: "goal" }, ...text.split("\n").flatMap((line, i) => {
        const parts = line.startsWith("⊢") ? [el("span", { class: "turnstile" }, "⊢"), ...lean(line.slice(1), resolve)] : lean(line, resolve);
        return [i ? "\n" : "", old.length && !fresh.has(line) ? el("span", { class: "fresh" }, ...parts) : el("span", {}, ...parts)];
      }));
    }
    const goals = (title, list, old) => [el("h4", {}, `${title}: ${list.length === 0 ? "no goals" : list.length === 1 ? "1 goal" : `${list.length} goals`}`),
      ...list.map((text) => goal(text, old))];

    function go(i) {
      at = Math.max(0, Math.min(steps.length - 1, i));
      const [, before, after, line] = steps[at];
      where.textContent = `tactic ${at + 1} of ${steps.length}, line ${line}`;
      slider.value = at;
      previous.disabled = at === 0;
      next.disabled = at === steps.length - 1;
      items.forEach((item, k) => (k === at ? item.setAttribute("aria-current", "step") : item.removeAttribute("aria-current")));
      const box = items[at].getBoundingClientRect(), frame = tactics.getBoundingClientRect();
      if (box.top < frame.top) tactics.scrollTop -= frame.top - box.top;
      if (box.bottom > frame.bottom) tactics.scrollTop += Math.min(box.bottom - frame.bottom, box.top - frame.top);
      states.replaceChildren(...goals("Before", before, []), ...goals("After", after, before));
      states.scrollTop = 0;
    }
    return { node, go, step: (by) => go(at + by), end: () => go(steps.length - 1) };
  }

  function keys(event) {
    if (event.key === "/" && !typing(event)) {
      event.preventDefault();
      byId("search").focus();
      return;
    }
    const inList = event.target.closest && event.target.closest("#names");
    if (inList || event.target === byId("search")) {
      const anchors = [...byId("names").querySelectorAll("a")], i = anchors.indexOf(document.activeElement);
      const to = { ArrowDown: i + 1, ArrowUp: i - 1, Home: inList ? 0 : null, End: inList ? anchors.length - 1 : null }[event.key];
      if (to === undefined || to === null) return;
      event.preventDefault();
      if (to < 0) byId("search").focus();
      else if (anchors[to]) anchors[to].focus();
      return;
    }
    if (!stepper || typing(event)) return;
    const act = { ArrowRight: () => stepper.step(1), ArrowLeft: () => stepper.step(-1), Home: () => stepper.go(0), End: stepper.end }[event.key];
    if (act) { event.preventDefault(); act(); }
  }

  load("catalogue").then((catalogue) => {
    all = catalogue.declarations.map((d) => ({ ...d, axioms: d.axioms.map((i) => catalogue.axioms[i]),
      axiomsNote: catalogue.axiomsNote, file: catalogue.files[d.module] }));
    folders = catalogue.folders;
    byName = new Map(all.map((d) => [d.name, d]));
    all.forEach((d, i) => d.uses.forEach((j) => {
      if (!usedBy.has(all[j].name)) usedBy.set(all[j].name, []);
      usedBy.get(all[j].name).push(i);
    }));
    byId("folder").append(...folders.filter(Boolean).map((f) => el("option", { value: f }, f)));
    byId("kind").append(...[...new Set(all.map((d) => d.kind))].sort().map((k) => el("option", { value: k }, k)));
    for (const id of ["search", "folder", "kind"]) byId(id).addEventListener("input", list);
    document.addEventListener("keydown", keys);
    addEventListener("hashchange", () => { show(); scrollTo(0, 0); });
    list();
    show();
    document.body.dataset.state = "ready";
  });

  return { get names() { return shownNames; } };
})();
