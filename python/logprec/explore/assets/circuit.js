// The circuit page: evaluate the embedded circuit on the word that is typed, and show every gate.
"use strict";

const Lamp = (() => {
  const { el, byId, commas, load } = Explorer;
  const models = JSON.parse(byId("models").textContent);
  let model = null, data = null, gates = [], rows = [], values = [];
  let word = [], front = 0, selected = { layer: 0, gate: 0 }, timer = null, request = 0;

  // ---- the circuit -------------------------------------------------------------------------------------------

  // Typed arrays for one layer; wires of wired gate w are start[w] to start[w + 1].
  function compact(layer) {
    const start = new Int32Array(layer.fan.length + 1);
    layer.fan.forEach((fan, w) => { start[w + 1] = start[w] + fan; });
    const wiredAt = new Int32Array(layer.width).fill(-1);
    layer.at.forEach((position, w) => { wiredAt[position] = w; });
    return { ...layer, start, wiredAt, src: Int32Array.from(layer.src), mult: Float64Array.from(layer.mult) };
  }

  const count = (layer, w, previous) => {
    let sum = 0;
    for (let i = layer.start[w]; i < layer.start[w + 1]; i++) if (previous[layer.src[i]]) sum += layer.mult[i];
    return sum;
  };

  // The values of all layers, the inputs first.
  function evaluate(layers, bits) {
    const all = [Uint8Array.from(bits)];
    for (const layer of layers) {
      const previous = all[all.length - 1];
      const next = new Uint8Array(layer.width);
      for (const [first, last, least, k] of layer.bare) next.fill((least ? k <= 0 : 0 <= k) ? 1 : 0, first, last + 1);
      layer.at.forEach((position, w) => {
        const sum = count(layer, w, previous);
        next[position] = (layer.least[w] ? sum >= layer.k[w] : sum <= layer.k[w]) ? 1 : 0;
      });
      all.push(next);
    }
    return all;
  }

  const inputBits = (symbols) =>
    symbols.flatMap((code) => Array.from({ length: data.symbolBits }, (_, b) => (code >> b) & 1));
  const wordIndex = (symbols) => symbols.reduce((index, code) => index * data.alphabet.length + code, 0);
  const run = (symbols) => evaluate(gates, inputBits(symbols)).at(-1)[0];

  // ---- the board ---------------------------------------------------------------------------------------------

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function buildBoard() {
    const board = byId("board");
    board.replaceChildren();
    rows = [];
    board.append(el("section", { class: "stage" }, el("h3", {}, "input bits"),
      addRow(0, "", null)));
    let layer = 1;
    for (const [index, stage] of data.stages.entries()) {
      const first = layer;
      const lines = stage.parts.flatMap(([name, depth]) =>
        Array.from({ length: depth }, (_, i) => addRow(layer++, i === 0 ? name : "", index)));
      const where = first === layer - 1 ? `layer ${first}` : `layers ${first}–${layer - 1}`;
      board.append(el("section", { class: "stage" },
        el("h3", {}, (stage.block && data.transformer.heads.length > 1 ? `${stage.block}. ` : "") + stage.title,
          el("span", {}, where)), ...lines));
    }
  }

  function addRow(layer, name, stage) {
    const canvas = el("canvas", { "aria-hidden": "true" });
    const counter = el("span", { class: "count" });
    const row = el("div", { class: "row" },
      el("span", {}, el("span", { class: "number" }, layer ? `${layer} ` : ""), el("span", { class: "part-name" }, name)),
      canvas, counter);
    const pick = (event, keep) => {
      const at = gateAt(rows[layer], event);
      if (at >= 0) select(layer, at, keep);
    };
    canvas.addEventListener("click", (event) => pick(event, true));
    rows.push({ row, canvas, counter, stage, layer, shown: [], columns: 1, cell: 1 });
    return row;
  }

  const widthOf = (layer) => (layer ? gates[layer - 1].width : data.circuit.inputs);

  // Which gates of a layer are drawn: all, or those that have wires.
  function shownGates(layer) {
    if (layer === 0 || byId("constants").checked) return Array.from({ length: widthOf(layer) }, (_, g) => g);
    return gates[layer - 1].at;
  }

  function layOut() {
    for (const line of rows) {
      line.shown = shownGates(line.layer);
      line.placeOf = new Map(line.shown.map((gate, place) => [gate, place]));
      const width = Math.max(60, Math.floor(line.canvas.parentElement.clientWidth ? line.canvas.clientWidth : 300));
      const many = line.shown.length;
      line.cell = Math.max(many > 4000 ? 2 : 4, Math.min(12, Math.floor(Math.sqrt((width * 30) / Math.max(1, many)))));
      line.columns = Math.max(1, Math.floor(width / line.cell));
      const height = Math.max(1, Math.ceil(many / line.columns)) * line.cell;
      const ratio = window.devicePixelRatio || 1;
      line.canvas.width = width * ratio;
      line.canvas.height = height * ratio;
      line.canvas.style.height = `${height}px`;
    }
    draw();
  }

  function draw() {
    const lit = colour("--lit"), unlit = colour("--unlit"), ink = colour("--ink"), minus = colour("--minus");
    const sources = new Set();
    if (selected.layer > 0 && selected.layer <= front) {
      const layer = gates[selected.layer - 1], w = layer.wiredAt[selected.gate];
      if (w >= 0) for (let i = layer.start[w]; i < layer.start[w + 1]; i++) sources.add(layer.src[i]);
    }
    for (const line of rows) {
      const context = line.canvas.getContext("2d"), ratio = window.devicePixelRatio || 1;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, line.canvas.width, line.canvas.height);
      const on = line.layer <= front ? values[line.layer] : null;
      const gap = line.cell > 3 ? 1 : 0, size = line.cell - gap;
      for (const want of [0, 1]) {
        context.fillStyle = want ? lit : unlit;
        line.shown.forEach((gate, place) => {
          if ((on && on[gate] ? 1 : 0) !== want) return;
          context.fillRect((place % line.columns) * line.cell, Math.floor(place / line.columns) * line.cell, size, size);
        });
      }
      const ring = (gate, style) => {
        const place = line.placeOf.get(gate);
        if (place === undefined) return;
        context.strokeStyle = style;
        context.lineWidth = 2;
        context.strokeRect((place % line.columns) * line.cell, Math.floor(place / line.columns) * line.cell, size, size);
      };
      if (line.layer === selected.layer - 1) for (const gate of sources) ring(gate, minus);
      if (line.layer === selected.layer) ring(selected.gate, ink);
      line.row.classList.toggle("now", line.layer === selected.layer);
      const fired = on ? on.reduce((sum, x) => sum + x, 0) : 0;
      line.counter.textContent = on ? `${commas(fired)} / ${commas(widthOf(line.layer))}` : `– / ${commas(widthOf(line.layer))}`;
    }
  }

  function gateAt(line, event) {
    const box = line.canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / line.cell), row = Math.floor((event.clientY - box.top) / line.cell);
    const place = row * line.columns + column;
    return column < line.columns && place >= 0 && place < line.shown.length ? line.shown[place] : -1;
  }

  function select(layer, gate, quiet) {
    selected = { layer, gate };
    draw();
    inspect();
    mark();
    byId("position").textContent = layer ? `layer ${layer} of ${gates.length}` : "input bits";
    if (!quiet) rows[layer].row.scrollIntoView({ block: "nearest" });
  }

  function inspect() {
    const { layer, gate } = selected, panel = byId("inspector");
    const where = layer ? `Layer ${layer}, gate ${commas(gate)} of ${commas(widthOf(layer))}` : `Input bit ${gate}`;
    if (layer > front) {
      panel.replaceChildren(el("b", {}, where), ": the light has not come so far.");
      return;
    }
    const value = values[layer][gate];
    if (!layer) {
      panel.replaceChildren(el("b", {}, where), ` is ${value}: bit ${gate % data.symbolBits} of the symbol ` +
        `${data.alphabet[word[Math.floor(gate / data.symbolBits)]]}.`);
      return;
    }
    const parts = gates[layer - 1], w = parts.wiredAt[gate];
    if (w < 0) {
      const [, , least, k] = parts.bare.find(([first, last]) => first <= gate && gate <= last);
      panel.replaceChildren(el("b", {}, where), ` has no wires and fires when ${least ? "at least" : "at most"} ${k} ` +
        `of them carry a one: always ${value}.`);
      return;
    }
    const previous = values[layer - 1], wires = [];
    let total = 0;
    for (let i = parts.start[w]; i < parts.start[w + 1]; i++) {
      total += parts.mult[i];
      const name = `${parts.src[i]}${parts.mult[i] > 1 ? ` × ${parts.mult[i]}` : ""}`;
      wires.push(el("li", { class: previous[parts.src[i]] ? "on" : "" }, `${name}: ${previous[parts.src[i]]}`));
    }
    panel.replaceChildren(el("b", {}, where),
      ` fires when ${parts.least[w] ? "at least" : "at most"} ${commas(parts.k[w])} of its ${commas(total)} ` +
      `${total === 1 ? "wire carries" : "wires carry"} a one. ${commas(count(parts, w, previous))} ` +
      `${count(parts, w, previous) === 1 ? "does" : "do"}: it `, el("b", {}, value ? "fires" : "does not fire"),
      `. It reads ${layer === 1 ? "input bits" : `gates of layer ${layer - 1}`}:`,
      el("ul", { "aria-label": "wires" }, ...wires));
  }

  // ---- the transformer beside it -----------------------------------------------------------------------------

  const number = (x) => (Object.is(x, -0) ? 0 : Math.abs(x) >= 1e4 || (x && Math.abs(x) < 1e-3) ? x.toExponential(1)
    : String(+x.toPrecision(4)).replace("-", "−"));
  const floatOf = (code) => data.transformer.values[code];
  const coordinates = (state) => Array.from({ length: data.transformer.dim },
    (_, d) => floatOf((state >> (d * data.transformer.precision)) & ((1 << data.transformer.precision) - 1)));
  const stateText = (state) => coordinates(state).map(number).join(", ");

  function cell(numbers, text, extra) {
    const largest = Math.max(...data.transformer.values.map(Math.abs)) || 1;
    const x = numbers[0];
    const amount = numbers.length === 1 && x ? Math.round(18 + 52 * Math.min(1, Math.abs(x) / largest)) : 0;
    return el("td", { class: `${extra || ""} ${amount > 45 ? "strong" : ""}`, style: { "--tone": x > 0 ? "var(--plus)" : "var(--minus)", "--amount": `${amount}%` } }, text);
  }
  const floatCell = (code, extra) => code < 0 ? el("td", { class: "masked" }, el("span", { "aria-label": "masked" }, "·"))
    : cell([floatOf(code)], number(floatOf(code)), extra);
  const stateCell = (state, extra) => state < 0 ? el("td", { class: "masked" }, el("span", { "aria-label": "masked" }, "·"))
    : cell(coordinates(state), stateText(state), extra);

  const headings = (names) => names.map((name) => el("th", { scope: "col" }, name));

  // States that the circuit has after `layer`: position by position, low bit first.
  function circuitStates(layer) {
    const width = data.transformer.dim * data.transformer.precision;
    return word.map((_, i) => {
      let state = 0;
      for (let b = 0; b < width; b++) state |= values[layer][i * width + b] << b;
      return state;
    });
  }

  function statesTable(title, states, layer) {
    const names = word.map((code) => data.alphabet[code]);
    const known = layer <= front, read = known ? circuitStates(layer) : null;
    return el("table", { class: "heat" }, el("caption", {}, title),
      el("tr", {}, el("th", {}), ...headings(names)),
      el("tr", {}, el("th", { scope: "row" }, "numpy"), ...states.map((h) => stateCell(h))),
      el("tr", { class: "read" }, el("th", { scope: "row" }, `layer ${layer}`),
        ...states.map((_, i) => (known ? stateCell(read[i]) : el("td", {}, "–")))));
  }

  function matrix(title, corner, rowsOf, last, heading) {
    const names = word.map((code) => data.alphabet[code]);
    return el("table", { class: "heat" }, el("caption", {}, title),
      el("tr", {}, el("th", {}, corner), ...headings(names), el("th", { scope: "col", class: "apart" }, heading)),
      ...names.map((name, i) => el("tr", {}, el("th", { scope: "row" }, name), ...rowsOf(i), last(i))));
  }

  function showTransformer() {
    const n = word.length, at = wordIndex(word), panel = byId("transformer"), t = data.transformer;
    const row = (table, size) => table.slice(at * size, (at + 1) * size);
    let layer = 3;
    const parts = [el("div", { class: "part", "data-stage": "0:embed" },
      statesTable("First states h", row(t.states[0], n), layer))];
    const perBlock = data.stages.filter((stage) => stage.block === 1)
      .reduce((sum, stage) => sum + stage.parts.reduce((s, part) => s + part[1], 0), 0);
    t.heads.forEach((heads, block) => {
      heads.forEach((head, h) => {
        const s = row(head.s, n * n), z = row(head.z, n), weighted = row(head.weighted, n * n), a = row(head.a, n);
        const which = `Layer ${block + 1}, head ${h + 1}${head.mask === "causal" ? ", causal" : ""}`;
        parts.push(el("div", { class: "part", "data-stage": `${block + 1}:scores ${block + 1}:total ${block + 1}:weigh ${block + 1}:sum` },
          el("h3", {}, which), el("div", { class: "tables" },
            matrix("Scores s: query ↓, key →", "", (i) => s.slice(i * n, i * n + n).map((x) => floatCell(x)),
              (i) => floatCell(z[i], "total apart"), "Z"),
            matrix("Summands s/Z · h, and their sum", "", (i) => weighted.slice(i * n, i * n + n).map((x) => stateCell(x)),
              (i) => stateCell(a[i], "total apart"), "⊕"))));
      });
      layer += perBlock;
      parts.push(el("div", { class: "part", "data-stage": `${block + 1}:act` },
        statesTable(`States after layer ${block + 1}`, row(t.states[block + 1], n), layer)));
    });
    parts.push(el("div", { class: "part", "data-stage": "0:accept" },
      el("h3", {}, "Acceptance"), el("p", { class: "note" }, `κ reads the last position: ${stateText(row(t.states.at(-1), n)[n - 1])} → `,
        el("b", {}, t.accept[at] ? "accept" : "reject"))));
    panel.replaceChildren(...parts);
    mark();
  }

  // The part of the transformer that the selected layer computes.
  function mark() {
    const stage = selected.layer ? data.stages[rows[selected.layer].stage] : null;
    const key = stage ? `${stage.block}:${stage.kind}` : null;
    for (const part of document.querySelectorAll(".part[data-stage]")) {
      part.classList.toggle("now", key !== null && part.dataset.stage.split(" ").includes(key));
    }
  }

  // ---- controls ----------------------------------------------------------------------------------------------

  function say(message) {
    byId("message").textContent = message;
    byId("word").setAttribute("aria-invalid", message ? "true" : "false");
  }

  const parse = (text) => Array.from(text.replace(/[\s,]/g, "")).map((symbol) => model.alphabet.indexOf(symbol));

  function read() {
    const symbols = parse(byId("word").value);
    const bad = symbols.indexOf(-1);
    if (bad >= 0) return say(`“${Array.from(byId("word").value.replace(/[\s,]/g, ""))[bad]}” is not in the alphabet ${model.alphabet.join(" ")}`);
    if (!model.lengths.includes(symbols.length)) {
      return say(`words of length ${model.lengths[0]} to ${model.lengths.at(-1)} are shown; this one has ${symbols.length} symbols`);
    }
    say("");
    if (!data || symbols.length !== data.n || data.model !== model.name) return open(model, symbols.length, symbols);
    request++; // what is still being loaded was asked for by an earlier word
    document.body.dataset.state = "";
    return show(symbols);
  }

  function open(nextModel, n, symbols) {
    const mine = ++request;
    stop();
    document.body.dataset.state = "loading";
    return load(`circuits/${nextModel.name}-${n}`).then((value) => {
      if (mine !== request) return;
      const stay = data && model === nextModel ? selected : null;
      model = nextModel;
      data = { ...value, model: nextModel.name };
      gates = data.circuit.layers.map(compact);
      byId("model").value = model.name;
      byId("length").replaceChildren(...model.lengths.map((k) => el("option", { value: k }, k)));
      byId("length").value = n;
      byId("about").textContent = `${model.about[0].toUpperCase()}${model.about.slice(1)}. Alphabet: ${model.alphabet.join(" ")}`;
      byId("sizes").textContent = `${data.circuit.inputs} input bits, depth ${gates.length}, ${commas(data.gates)} gates, ` +
        `${commas(data.wires)} wires`;
      const blocks = data.transformer.heads.length, per = (gates.length - 6) / Math.max(1, blocks);
      byId("depth").textContent = blocks ? `depth ${gates.length} = 3 + (9 + 2 · ${(per - 9) / 2}) · ${blocks} + 3` : "";
      const slider = byId("layer");
      slider.max = gates.length;
      buildBoard();
      front = gates.length;
      slider.value = front;
      selected = { layer: stay && stay.layer <= gates.length ? stay.layer : gates.length, gate: 0 };
      show(symbols);
      layOut();
      select(selected.layer, firstGate(selected.layer), true);
    }).catch((error) => say(String(error.message || error)));
  }

  function show(symbols) {
    word = symbols;
    values = evaluate(gates, inputBits(word));
    const text = word.map((code) => data.alphabet[code]).join("");
    if (parse(byId("word").value).join() !== word.join()) byId("word").value = text;
    say("");
    const circuit = values.at(-1)[0], numpy = data.transformer.accept[wordIndex(word)];
    byId("verdict").replaceChildren(
      el("span", {}, "The circuit, in this browser: ", el("b", { id: "circuit-bit" }, circuit ? "accepts" : "rejects")),
      el("span", {}, "The transformer, by numpy: ", el("b", { id: "numpy-bit" }, numpy ? "accepts" : "rejects")),
      circuit === numpy ? el("span", { class: "agree" }, "they agree") : el("span", { class: "differ" }, "THEY DIFFER"));
    document.body.dataset.state = `${model.name}-${data.n}-${text}`;
    if (rows[0].shown.length) draw();
    showTransformer();
    inspect();
  }

  const firstGate = (layer) => (rows[layer].shown.length ? rows[layer].shown[0] : 0);

  function move(layer) {
    if (layer < 0 || layer > gates.length) return;
    select(layer, rows[layer].placeOf.has(selected.gate) && layer === selected.layer ? selected.gate : firstGate(layer));
  }

  function moveGate(by) {
    const line = rows[selected.layer];
    const place = (line.placeOf.get(selected.gate) || 0) + by;
    if (place >= 0 && place < line.shown.length) select(selected.layer, line.shown[place]);
  }

  function setFront(layer) {
    front = Math.max(0, Math.min(gates.length, layer));
    byId("layer").value = front;
    select(front, firstGate(front), timer === null && document.activeElement === byId("layer"));
    showTransformer();
  }

  function stop() {
    if (timer !== null) clearInterval(timer);
    timer = null;
    byId("play").textContent = "Play";
  }

  function play() {
    if (timer !== null) return stop();
    if (front >= gates.length) setFront(0);
    byId("play").textContent = "Pause";
    timer = setInterval(() => (front < gates.length ? setFront(front + 1) : stop()), 220);
    return undefined;
  }

  function keys(event) {
    const line = rows[selected.layer];
    const actions = {
      ArrowUp: () => move(selected.layer - 1), ArrowDown: () => move(selected.layer + 1),
      ArrowLeft: () => moveGate(-1), ArrowRight: () => moveGate(1),
      Home: () => move(0), End: () => move(gates.length),
      PageUp: () => moveGate(-line.columns), PageDown: () => moveGate(line.columns),
      Enter: () => setFront(selected.layer), " ": play,
    };
    if (!actions[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions[event.key]();
  }

  function start() {
    byId("model").replaceChildren(...models.map((m) => el("option", { value: m.name }, m.name)));
    byId("model").addEventListener("change", () => {
      const next = models.find((m) => m.name === byId("model").value);
      const symbols = Array.from(next.sample).slice(0, next.lengths.at(-1)).map((x) => next.alphabet.indexOf(x));
      byId("word").value = "";
      open(next, symbols.length, symbols);
    });
    byId("length").addEventListener("change", () => {
      const n = Number(byId("length").value);
      const symbols = Array.from({ length: n }, (_, i) => (i < word.length ? word[i] : 0));
      byId("word").value = "";
      open(model, n, symbols);
    });
    byId("word").addEventListener("input", read);
    byId("random").addEventListener("click", () =>
      show(word.map(() => Math.floor(Math.random() * model.alphabet.length))));
    byId("constants").addEventListener("change", () => { layOut(); select(selected.layer, selected.gate, true); });
    byId("layer").addEventListener("input", () => { stop(); setFront(Number(byId("layer").value)); });
    byId("play").addEventListener("click", play);
    byId("board").addEventListener("keydown", keys);
    document.addEventListener("themechange", () => { if (rows.length) draw(); });
    let resizing = null;
    addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(() => rows.length && layOut(), 120); });
    const first = models[0], symbols = Array.from(first.sample).slice(0, first.lengths.at(-1)).map((x) => first.alphabet.indexOf(x));
    open(first, symbols.length, symbols);
  }
  start();

  return { run, evaluate, select: (m, n, s) => open(models.find((x) => x.name === m), n, s), get data() { return data; } };
})();
