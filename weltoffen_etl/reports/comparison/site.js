// Filters, sorting and figures of the comparison report. Everything a page shows stands in its
// HTML; this file hides rows, orders them by key or name, and draws the figures from their data.
"use strict";

(() => {
  const EMBED = {
    ast: true, // expressions are interpreted: the page's policy forbids eval
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    tooltip: false,
    formatLocale: { decimal: ",", thousands: ".", grouping: [3], currency: ["", "\u00a0€"], percent: "\u00a0%", minus: "−" },
    timeFormatLocale: {
      dateTime: "%A, %e. %B %Y, %X", date: "%d.%m.%Y", time: "%H:%M:%S", periods: ["", ""],
      days: ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
      shortDays: ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
      months: ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
      shortMonths: ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"],
    },
  };
  const PRINT_WIDTH = 860; // a little more than a page, which is then scaled down
  const read = (element) => JSON.parse(element.textContent);

  // ---- filters -------------------------------------------------------------------------------

  const form = document.querySelector("[data-filters]");
  const places = form ? read(document.getElementById("kommunen-daten")) : {};
  const controls = form ? [...form.querySelectorAll("[name]")] : [];
  const state = () => Object.fromEntries(controls.map((x) => [x.name, x.value]));

  function passes(row, chosen) {
    if (chosen.welle && row.wave && !row.isChange && row.wave !== chosen.welle) return false;
    if (chosen.band && row.band && row.band !== chosen.band) return false;
    if (!row.ags) return true;
    const [name, groups] = places[row.ags] ?? [row.name ?? "", []];
    if (chosen.gruppe && !groups.includes(chosen.gruppe)) return false;
    const sought = (chosen.suche ?? "").trim().toLocaleLowerCase("de");
    return !sought || `${name} ${row.ags}`.toLocaleLowerCase("de").includes(sought);
  }

  function filterRows() {
    const chosen = state();
    const found = new Set();
    for (const row of document.querySelectorAll("main [data-ags], main [data-wave]")) {
      row.hidden = !passes(row.dataset, chosen);
      if (!row.hidden && row.dataset.ags) found.add(row.dataset.ags);
    }
    const output = form.querySelector("output");
    const count = Object.keys(places).length;
    output.textContent = count ? `${found.size} von ${count} Kommunen` : "";
  }

  function writeHash() {
    const set = controls.filter((x) => x.value !== x.dataset.first);
    const hash = new URLSearchParams(set.map((x) => [x.name, x.value])).toString();
    if (hash || location.hash.includes("=")) history.replaceState(null, "", `#${hash}`);
  }

  function readHash() {
    if (!location.hash.includes("=")) return;
    const wanted = new URLSearchParams(location.hash.slice(1));
    for (const control of controls) {
      const value = wanted.get(control.name) ?? control.dataset.first;
      control.value = value;
      if (control.value !== value) control.value = control.dataset.first; // a group that is no more
    }
  }

  function applyFilters() {
    filterRows();
    for (const figure of figures) if (figure.drawn) figure.draw();
  }

  if (form) {
    for (const control of controls) control.dataset.first = control.value;
    readHash();
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => { writeHash(); applyFilters(); });
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      for (const control of controls) control.value = control.dataset.first;
      writeHash();
      applyFilters();
    });
    addEventListener("hashchange", () => { readHash(); applyFilters(); });
  }

  // ---- sorting, by key and by name only ------------------------------------------------------

  const collator = new Intl.Collator("de");
  for (const button of document.querySelectorAll("button[data-sort]")) {
    button.addEventListener("click", () => {
      const heading = button.closest("th");
      const key = button.dataset.sort;
      const isAscending = heading.getAttribute("aria-sort") !== "ascending";
      for (const other of heading.parentElement.querySelectorAll("[aria-sort]")) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
      const body = button.closest("table").tBodies[0];
      const rows = [...body.rows];
      const turn = isAscending ? 1 : -1;
      rows.sort((a, b) => turn * collator.compare(a.dataset[key], b.dataset[key]));
      body.append(...rows);
    });
  }

  // ---- figures -------------------------------------------------------------------------------

  class Figure {
    constructor(element) {
      this.element = element;
      this.place = element.querySelector(".drawing");
      this.data = read(element.querySelector("script.data"));
      this.keys = this.data.columns.map(([key]) => key);
      this.drawn = false;
      const tools = element.querySelector(".tools");
      tools.hidden = false;
      tools.querySelector("[data-save=csv]").addEventListener("click", () => this.save("csv", csv(this)));
      tools.querySelector("[data-save=svg]").addEventListener("click", async () => {
        await this.draw();
        this.save("svg", svg(this.place.querySelector("svg")));
      });
    }

    // Rows that pass the filters, as lists in the order of the columns.
    rows() {
      const chosen = form ? state() : {};
      const of = (row, key) => row[this.keys.indexOf(key)];
      const isChange = this.data.kind === "change";
      return this.data.rows.filter((row) =>
        passes({ ags: of(row, "ags"), wave: of(row, "wave"), band: of(row, "band"), isChange }, chosen));
    }

    // Drawings follow each other: the last one wanted is the one that stays.
    draw(width) {
      this.drawn = true;
      this.last = (this.last ?? Promise.resolve()).then(() => this.drawNow(width));
      return this.last;
    }

    async drawNow(width) {
      const values = this.rows().map((row) => Object.fromEntries(this.keys.map((key, i) => [key, row[i]])));
      if (!values.length) {
        this.place.textContent = "Mit diesen Filtern ist nichts zu zeigen.";
        return;
      }
      const spec = structuredClone(window.weltoffenCharts[this.data.kind]);
      spec.datasets = { ...spec.datasets, rows: values };
      for (const param of spec.params ?? []) if (param.name === "limit") param.value = this.data.limit;
      const distinct = (key) => [...new Set(values.map((x) => x[key]))];
      const inner = spec.spec ?? spec;
      for (const { encoding } of inner.layer) {
        if (encoding.y) encoding.y.scale = { ...encoding.y.scale, domain: distinct("label") };
        if (encoding.yOffset) encoding.yOffset.scale = { domain: distinct("wave").sort() };
      }
      const room = (width ?? this.place.parentElement.clientWidth) - Math.min(270, widest(distinct("label"))) - 30;
      if (spec.facet) {
        const columns = distinct("series").length;
        inner.width = Math.max(60, Math.min(240, Math.floor(room / columns) - 50));
        spec.facet.column.header.labelLimit = inner.width + 24;
      } else {
        inner.width = Math.max(260, Math.min(640, room - widest(distinct("note")) - 24));
      }
      this.view?.finalize();
      this.view = await vegaEmbed(this.place, spec, EMBED);
      const drawing = this.place.querySelector("svg");
      drawing.setAttribute("aria-hidden", "true");
      drawing.style.backgroundColor = "";
    }

    save(kind, content) {
      const type = kind === "csv" ? "text/csv;charset=utf-8" : "image/svg+xml";
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([content], { type }));
      const page = location.pathname.split("/").pop().replace(/\.html$/, "");
      link.download = `${page}-${this.element.id}.${kind}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }
  }

  const pen = document.createElement("canvas").getContext("2d");
  function widest(texts) {
    pen.font = `13px ${window.weltoffenCharts.counts.config.font}`;
    return Math.ceil(Math.max(0, ...texts.map((x) => pen.measureText(x).width)));
  }

  // Rows as German Excel opens them: semicolon, decimal comma; a text that Excel would take for a
  // formula begins with an apostrophe.
  function csv(figure) {
    const shown = figure.data.columns.map(([, label, form], i) => ({ label, form, i })).filter((x) => x.form !== "hidden");
    const cell = (value, form) => {
      if (value === null) return "";
      if (form !== "text") return String(value).replace(".", ",");
      const text = /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
      return /[";\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const lines = [shown.map((x) => cell(x.label, "text"))];
    for (const row of figure.rows()) lines.push(shown.map((x) => cell(row[x.i], x.form)));
    return `\ufeff${lines.map((x) => x.join(";")).join("\r\n")}\r\n`;
  }

  // The drawing on its own: colours as they are now, on the page's paper.
  function svg(drawing) {
    const copy = drawing.cloneNode(true);
    const style = getComputedStyle(document.documentElement);
    const colour = (text) => text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    for (const element of [copy, ...copy.querySelectorAll("*")]) {
      for (const attribute of element.attributes) {
        if (attribute.value.includes("var(")) attribute.value = colour(attribute.value);
      }
    }
    copy.removeAttribute("aria-hidden");
    const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    paper.setAttribute("width", "100%");
    paper.setAttribute("height", "100%");
    paper.setAttribute("fill", style.getPropertyValue("--paper").trim());
    copy.prepend(paper);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}`;
  }

  const figures = [...document.querySelectorAll("figure.chart")].map((x) => new Figure(x));
  const byElement = new Map(figures.map((x) => [x.element, x]));
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      byElement.get(entry.target).draw();
    }
  }, { rootMargin: "400px" });
  if (form) filterRows();
  for (const figure of figures) near.observe(figure.element);

  let resized;
  let lastWidth = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === lastWidth) return;
    lastWidth = innerWidth;
    clearTimeout(resized);
    resized = setTimeout(() => figures.forEach((x) => x.drawn && x.draw()), 200);
  });
  // Paper has no scrolling: all figures are drawn, as wide as a page.
  addEventListener("beforeprint", () => figures.forEach((x) => x.draw(PRINT_WIDTH)));
  addEventListener("afterprint", () => figures.forEach((x) => x.draw()));
})();
