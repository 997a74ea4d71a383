// What every page needs: data files without fetch (a page opened from disk may not fetch), elements, the theme.
"use strict";

const Explorer = (() => {
  const store = new Map();
  const waiting = new Map();

  // Called by the files under data/.
  function put(key, value) {
    store.set(key, value);
  }

  // The value that data/KEY.js puts.
  function load(key) {
    if (store.has(key)) return Promise.resolve(store.get(key));
    if (!waiting.has(key)) {
      waiting.set(key, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = "data/" + key.split("/").map(encodeURIComponent).join("/") + ".js";
        script.onload = () => (store.has(key) ? resolve(store.get(key)) : reject(new Error(`${script.src} says nothing`)));
        script.onerror = () => { waiting.delete(key); reject(new Error(`data/${key}.js cannot be read`)); };
        document.head.append(script);
      }));
    }
    return waiting.get(key);
  }

  function build(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "style") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
  }
  const el = (tag, attributes, ...children) => build(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) =>
    build(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  const byId = (id) => document.getElementById(id);
  const commas = (x) => String(x).replace(/\B(?=(\d{3})+$)/g, ",");
  const theoremUrl = (name) => "theorems.html#" + encodeURIComponent(name);
  const hash = () => { try { return decodeURIComponent(location.hash.slice(1)); } catch { return ""; } };
  const typing = (event) =>
    event.ctrlKey || event.metaKey || event.altKey ||
    ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName);

  // Lean text with keywords set off and names linked; `resolve` gives the full name of a declaration, or nothing.
  const TOKEN = /([A-Za-z_«Ͱ-ϿᏠ-῿ℂ-⅏][\w«».!?'₀-₉ᵢⱼₐ-ₜͰ-Ͽ]*)|(\s+)|([^\w\s])/gu;
  const KEYWORDS = new Set(("theorem def abbrev structure inductive class instance where fun let have show by if then else " +
    "match with do for in return from deriving open namespace end section variable import private protected noncomputable " +
    "Prop Type Sort rfl simp omega grind decide exact intro intros obtain refine rw rcases cases induction constructor apply").split(" "));
  function lean(text, resolve) {
    const parts = [];
    let plain = "", last = 0;
    const flush = () => { if (plain) parts.push(plain); plain = ""; };
    for (const match of text.matchAll(TOKEN)) {
      plain += text.slice(last, match.index);
      last = match.index + match[0].length;
      const word = match[1];
      const name = word && resolve ? resolve(word) : null;
      if (name) { flush(); parts.push(el("a", { href: theoremUrl(name) }, word)); }
      else if (word && KEYWORDS.has(word)) { flush(); parts.push(el("span", { class: "kw" }, word)); }
      else plain += match[0];
    }
    plain += text.slice(last);
    flush();
    return parts;
  }

  // Docstrings: paragraphs, lists, `code` and **strong**.
  function prose(text) {
    const inline = (line) => line.split(/(`[^`]+`|\*\*[^*]+\*\*)/).filter(Boolean).map((piece) =>
      piece.startsWith("`") ? el("code", {}, piece.slice(1, -1)) :
      piece.startsWith("**") ? el("strong", {}, piece.slice(2, -2)) : piece);
    return text.trim().split(/\n\s*\n/).map((block) => {
      const items = block.split(/\n(?=\s*\* )/);
      return items.every((item) => /^\s*\* /.test(item))
        ? el("ul", {}, ...items.map((item) => el("li", {}, ...inline(item.replace(/^\s*\* /, "")))))
        : el("p", {}, ...inline(block));
    });
  }

  // The theme: the reader's choice where there is one, else the system's.
  const system = matchMedia("(prefers-color-scheme: dark)");
  function remembered() {
    try { return localStorage.getItem("theme"); } catch { return null; }
  }
  function apply(theme) {
    document.documentElement.dataset.theme = theme;
    const button = byId("theme");
    if (button) {
      button.textContent = theme === "dark" ? "Light" : "Dark";
      button.setAttribute("aria-label", `Switch to ${theme === "dark" ? "light" : "dark"} colours`);
    }
    document.dispatchEvent(new CustomEvent("themechange"));
  }
  const current = () => remembered() || (system.matches ? "dark" : "light");
  apply(current());
  system.addEventListener("change", () => apply(current()));
  document.addEventListener("DOMContentLoaded", () => {
    apply(current());
    byId("theme").addEventListener("click", () => {
      const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("theme", next); } catch { /* a page from disk may have no storage */ }
      apply(next);
    });
  });

  return { put, load, el, svg, byId, commas, theoremUrl, hash, typing, lean, prose };
})();
