// The dependency graph: modules, and inside a module its declarations. Who is above is used by who is below.
"use strict";

const Graph = (() => {
  const { el, svg, byId, load, theoremUrl, hash, commas } = Explorer;
  const drawing = byId("drawing");
  let all = [], modules = [], folders = [], view = { x: 0, y: 0, k: 1 }, bounds = { w: 100, h: 100 }, layer = null;

  const folderOf = (module) => (module.split(".").length > 2 ? module.split(".")[1] : "");
  const colour = (module) => `var(--f-${Math.max(0, folders.indexOf(folderOf(module))) % 14})`;
  const short = (name) => name.split(".").at(-1);

  // ---- layout: rows by longest path, rows ordered by the middle of their neighbours, edges that paths imply left out ----

  function reduce(edges, order) {
    // reach[v]: everything below v; an edge v -> w is implied when another successor of v reaches w
    const reach = new Map();
    for (const v of [...order].reverse()) {
      const set = new Set();
      for (const w of edges.get(v)) { set.add(w); for (const u of reach.get(w)) set.add(u); }
      reach.set(v, set);
    }
    return new Map(order.map((v) => {
      const next = [...edges.get(v)];
      return [v, next.filter((w) => !next.some((u) => u !== w && reach.get(u).has(w)))];
    }));
  }

  function topological(nodes, edges) {
    const state = new Map(), order = [];
    const visit = (v) => {
      if (state.get(v)) return;
      state.set(v, 1);
      for (const w of edges.get(v)) visit(w);
      order.push(v);
    };
    nodes.forEach(visit);
    return order.reverse();
  }

  // `edges` goes from a node to what it uses; used nodes come first (on top).
  function layout(nodes, edges, size, perRow) {
    const order = topological(nodes, edges);
    // mutual definitions use each other: an edge against the order is not drawn
    const index = new Map(order.map((v, i) => [v, i]));
    const forward = new Map(order.map((v) => [v, edges.get(v).filter((w) => index.get(w) > index.get(v))]));
    const less = reduce(forward, order);
    const users = new Map(nodes.map((v) => [v, []]));
    for (const v of order) for (const w of less.get(v)) users.get(w).push(v);
    const rank = new Map();
    for (const v of [...order].reverse()) rank.set(v, Math.max(-1, ...less.get(v).map((w) => rank.get(w))) + 1);
    // a node that nothing holds lower moves next to its first user, so that edges are short
    for (const v of order) {
      if (!less.get(v).length && users.get(v).length) rank.set(v, Math.max(0, Math.min(...users.get(v).map((u) => rank.get(u))) - 1));
    }
    const rowsOf = [];
    for (const v of [...order].reverse()) (rowsOf[rank.get(v)] ||= []).push(v);
    let rows = rowsOf.filter(Boolean);
    const place = new Map();
    const number = () => rows.forEach((row) => row.forEach((v, i) => place.set(v, (i + 0.5) / row.length)));
    number();
    for (let sweep = 0; sweep < 12; sweep++) {
      const seen = sweep % 2 ? users : less;
      for (const row of rows) {
        const middle = new Map(row.map((v) => {
          const near = seen.get(v).map((w) => place.get(w));
          return [v, near.length ? near.reduce((a, b) => a + b) / near.length : place.get(v)];
        }));
        row.sort((a, b) => middle.get(a) - middle.get(b));
        row.forEach((v, i) => place.set(v, (i + 0.5) / row.length));
      }
    }
    // long rows are broken, so that text stays legible
    rows = rows.flatMap((row) => {
      const parts = Math.ceil(row.length / perRow), each = Math.ceil(row.length / parts);
      return Array.from({ length: parts }, (_, i) => row.slice(i * each, (i + 1) * each));
    });
    const gap = 14, at = new Map(), high = size.h + 34;
    const rowWidth = (row) => row.reduce((sum, v) => sum + size.w(v) + gap, -gap);
    const widest = Math.max(...rows.map(rowWidth));
    rows.forEach((row, r) => {
      let x = (widest - rowWidth(row)) / 2;
      for (const v of row) { at.set(v, { x, y: r * high, w: size.w(v), h: size.h }); x += size.w(v) + gap; }
    });
    return { at, edges: less, w: widest, h: rows.length * high - 34 };
  }

  // ---- drawing -----------------------------------------------------------------------------------------------

  function path(a, b) {
    const x1 = a.x + a.w / 2, y1 = a.y, x2 = b.x + b.w / 2, y2 = b.y + b.h, bend = Math.max(18, (y1 - y2) / 2);
    return `M${x1},${y1} C${x1},${y1 - bend} ${x2},${y2 + bend} ${x2},${y2}`;
  }

  function draw(nodes, edges, options) {
    const placed = layout(nodes, edges, { h: 40, w: (v) => Math.max(80, options.label(v).length * 7.7 + 26, options.small(v).length * 6.2 + 26) }, options.perRow);
    const lines = [], boxes = new Map();
    for (const v of nodes) for (const w of placed.edges.get(v)) {
      lines.push({ v, w, node: svg("path", { class: "edge", d: path(placed.at.get(v), placed.at.get(w)) }) });
    }
    for (const v of nodes) {
      const p = placed.at.get(v);
      boxes.set(v, svg("a", { class: "node", href: options.href(v), transform: `translate(${p.x},${p.y})`, style: { "--folder": options.colour(v) },
        "aria-label": options.describe(v), "data-name": v,
        onfocus: () => { emphasise(v); reveal(p); }, onblur: () => emphasise(null), onmouseenter: () => emphasise(v), onmouseleave: () => emphasise(null) },
        svg("title", {}, options.describe(v)),
        svg("rect", { class: "box", width: p.w, height: p.h, rx: 6 }),
        svg("rect", { class: "bar", width: 5, height: p.h, rx: 2 }),
        svg("text", { x: 14, y: 17 }, options.label(v)),
        svg("text", { x: 14, y: 31, class: "small" }, options.small(v))));
    }
    const below = (v, next) => { const set = new Set(), todo = [v]; while (todo.length) for (const w of next(todo.pop())) if (!set.has(w)) { set.add(w); todo.push(w); } return set; };
    const users = new Map(nodes.map((v) => [v, []]));
    for (const { v, w } of lines) users.get(w).push(v);
    function emphasise(v) {
      const uses = v ? below(v, (x) => placed.edges.get(x)) : null, used = v ? below(v, (x) => users.get(x)) : null;
      for (const [w, node] of boxes) node.classList.toggle("dim", Boolean(v) && w !== v && !uses.has(w) && !used.has(w));
      for (const line of lines) {
        const up = v && (line.v === v || uses.has(line.v)), down = v && (line.w === v || used.has(line.w));
        line.node.classList.toggle("up", Boolean(up));
        line.node.classList.toggle("down", Boolean(down && !up));
        line.node.classList.toggle("dim", Boolean(v) && !up && !down);
      }
    }
    layer = svg("g", {}, ...lines.map((line) => line.node), ...boxes.values());
    drawing.replaceChildren(layer);
    bounds = { w: placed.w, h: placed.h };
    fit();
  }

  const box = () => ({ w: drawing.clientWidth || 800, h: drawing.clientHeight || 500 });
  const place = () => layer && layer.setAttribute("transform", `translate(${view.x},${view.y}) scale(${view.k})`);
  function fit() {
    // as large as the width allows; the page is as long as that needs, so that names can be read
    const k = Math.max(0.3, Math.min(1, (drawing.clientWidth - 32) / bounds.w));
    drawing.style.height = `${Math.min(2400, Math.max(260, bounds.h * k + 32))}px`;
    const { w, h } = box();
    view = { k, x: (w - bounds.w * k) / 2, y: Math.max(16, (h - bounds.h * k) / 2) };
    place();
  }
  function zoom(factor, x, y) {
    const { w, h } = box(), k = Math.max(0.05, Math.min(4, view.k * factor));
    const cx = x ?? w / 2, cy = y ?? h / 2;
    view = { k, x: cx - ((cx - view.x) * k) / view.k, y: cy - ((cy - view.y) * k) / view.k };
    place();
  }
  function pan(dx, dy) { view = { ...view, x: view.x + dx, y: view.y + dy }; place(); }
  // Bring a node that the keyboard reached into the frame, and the frame's part into the window.
  function reveal(p) {
    if (!drawing.matches(":focus-within") || !layer.querySelector(":focus-visible")) return;
    const { w, h } = box();
    const x = view.x + (p.x + p.w / 2) * view.k, y = view.y + (p.y + p.h / 2) * view.k;
    if (x < 40 || x > w - 40 || y < 30 || y > h - 30) pan(w / 2 - x, h / 2 - y);
    layer.querySelector(":focus-visible").scrollIntoView({ block: "nearest" });
  }

  // ---- the two levels ----------------------------------------------------------------------------------------

  function moduleEdges() {
    const edges = new Map(modules.map((m) => [m, new Set()]));
    for (const d of all) for (const i of d.uses) if (all[i].module !== d.module) edges.get(d.module).add(all[i].module);
    return new Map([...edges].map(([m, set]) => [m, [...set]]));
  }

  function crumbs(module) {
    byId("crumbs").replaceChildren(module ? el("a", { href: "graph.html" }, "All modules") : el("b", {}, "All modules"),
      ...(module ? [" › ", el("b", {}, module)] : []));
  }

  function show() {
    const module = hash();
    if (modules.includes(module)) return showModule(module);
    crumbs(null);
    byId("hint").textContent = "A module is drawn below what it uses. Point at one to see what it rests on (blue) and what rests on it (orange); choose it to see its theorems.";
    byId("inside").replaceChildren();
    const count = (m, theorem) => all.filter((d) => d.module === m && (theorem === undefined || (d.kind === "theorem") === theorem)).length;
    draw(modules, moduleEdges(), {
      perRow: 9, label: (m) => m.replace(/^Logprec\./, "").split(".").slice(-1)[0], colour,
      small: (m) => `${folderOf(m) || m.split(".")[0]} · ${count(m)}`,
      href: (m) => `#${encodeURIComponent(m)}`,
      describe: (m) => `${m}: ${count(m, true)} theorems, ${count(m, false)} other declarations`,
    });
    document.body.dataset.state = "modules";
    return undefined;
  }

  function showModule(module) {
    crumbs(module);
    const inside = all.filter((d) => d.module === module), names = inside.map((d) => d.name);
    const edges = new Map(inside.map((d) => [d.name, d.uses.map((i) => all[i]).filter((u) => u.module === module && u !== d).map((u) => u.name)]));
    const by = new Map(inside.map((d) => [d.name, d]));
    const outside = (list) => [...new Set(list.filter((m) => m !== module))].sort();
    const uses = outside(inside.flatMap((d) => d.uses.map((i) => all[i].module)));
    const mine = new Set(names);
    const users = outside(all.filter((d) => d.uses.some((i) => mine.has(all[i].name))).map((d) => d.module));
    byId("hint").textContent = `${inside.length} declarations; a theorem is drawn below what it uses in this module. Choose one to read it.`;
    const list = (title, names2) => [el("h3", {}, title), names2.length
      ? el("ul", { class: "linklist" }, ...names2.map((m) => el("li", {}, el("a", { href: `#${encodeURIComponent(m)}` }, m))))
      : el("p", { class: "note" }, "none")];
    byId("inside").replaceChildren(...list("Modules it uses", uses), ...list("Modules that use it", users),
      el("p", {}, el("a", { href: `source/${module}.html` }, "The source of this module")));
    draw(names, edges, {
      perRow: 6, label: short, colour: () => colour(module),
      small: (n) => by.get(n).kind, href: theoremUrl, describe: (n) => `${by.get(n).kind} ${n}`,
    });
    document.body.dataset.state = module;
  }

  function controls() {
    byId("in").addEventListener("click", () => zoom(1.3));
    byId("out").addEventListener("click", () => zoom(1 / 1.3));
    byId("fit").addEventListener("click", fit);
    drawing.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
      event.preventDefault();
      const frame = drawing.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 400), event.clientX - frame.left, event.clientY - frame.top);
    }, { passive: false });
    let drag = null, moved = false;
    drawing.addEventListener("pointerdown", (event) => { drag = { x: event.clientX, y: event.clientY }; moved = false; });
    addEventListener("pointermove", (event) => {
      if (!drag) return;
      const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
      if (!moved && Math.hypot(dx, dy) < 4) return;
      moved = true;
      drawing.classList.add("moving");
      pan(dx, event.pointerType === "touch" ? 0 : dy); // the page scrolls under a finger
      drag = { x: event.clientX, y: event.clientY };
    });
    addEventListener("pointerup", () => { drag = null; drawing.classList.remove("moving"); });
    drawing.addEventListener("click", (event) => { if (moved) { event.preventDefault(); moved = false; } }, true);
    drawing.addEventListener("dragstart", (event) => event.preventDefault());
    byId("frame").addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const act = { "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), 0: fit,
        ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60) }[event.key];
      if (act) { event.preventDefault(); act(); }
    });
    addEventListener("resize", fit);
    addEventListener("hashchange", show);
  }

  load("catalogue").then((catalogue) => {
    all = catalogue.declarations;
    folders = catalogue.folders;
    modules = [...new Set(all.map((d) => d.module))];
    byId("legend").replaceChildren(...folders.map((f, i) => el("li", { style: { "--folder": `var(--f-${i % 14})` } }, f || "Logprec (top)")));
    byId("counts").textContent = `${commas(modules.length)} modules, ${commas(all.length)} declarations`;
    controls();
    show();
  });
  return { get view() { return view; } };
})();
