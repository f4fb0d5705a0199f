// A chart of an answer, drawn with the site's Vega bundle. Rows keep their order: nothing is ranked.
"use strict";

(() => {
  const BUNDLE = "assets/vega.js";
  const MOST_GROUPS = 8;
  const MOST_ROWS = 1000;
  const GROUP_COLOURS = ["#1f5561", "#c06a1e", "#5c4a86", "#2c6140", "#a33b52", "#6b6f2a", "#3a78b5", "#7a4b2a"];
  const DARK_COLOURS = ["#8cc4d0", "#f0b08a", "#c3b2ea", "#92cfa7", "#f09aae", "#d6d489", "#93bff0", "#d3ae90"];
  const NUMBERS = { decimal: ",", thousands: ".", grouping: [3], currency: ["", " €"] };

  let loading = null;

  function bundle() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = BUNDLE;
      script.onload = () => resolve(window.vegaEmbed);
      script.onerror = () => reject(new Error(BUNDLE));
      document.head.append(script);
    });
    return loading;
  }

  const isLabel = (column) => column.kind === "text" || column.kind === "date" || column.kind === "time";
  const distinct = (answer, at) => new Set(answer.rows.map((row) => row[at])).size;

  /** What can stand on the axes: numbers of columns by role; values is empty where nothing can be drawn. */
  function choices(answer) {
    const at = answer.columns.map((_, number) => number);
    const values = at.filter((x) => answer.columns[x].kind === "number" && answer.rows.some((row) => typeof row[x] === "number"));
    const labels = at.filter((x) => isLabel(answer.columns[x]));
    const by = [...labels, ...values];
    const groups = labels.filter((x) => {
      const size = distinct(answer, x);
      return size > 1 && size <= MOST_GROUPS;
    });
    return { by, values, groups };
  }

  /** The axes to begin with: those of the ready question, else the first label and the best number. */
  function suggestion(answer, wanted) {
    const { by, values, groups } = choices(answer);
    const named = (name) => answer.columns.findIndex((column) => column.name === name);
    let [first, value, low, high] = wanted ? wanted.map(named) : [-1, -1];
    const interval = low >= 0 && high >= 0 ? { value, low, high } : null;
    if (!values.includes(value)) {
      const measured = values.find((x) => answer.rows.some((row) => typeof row[x] === "number" && !Number.isInteger(row[x])));
      value = measured ?? values[0];
    }
    if (!by.includes(first)) first = by.find((x) => x !== value) ?? value;
    const repeats = distinct(answer, first) < answer.rows.length;
    const group = repeats ? groups.find((x) => x !== first) : undefined;
    return { by: first, value, group: group ?? -1, interval };
  }

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    return { ink: read("--ink"), quiet: read("--quiet"), line: read("--line"), accent: read("--accent"), groups: dark ? DARK_COLOURS : GROUP_COLOURS };
  }

  /** The columns of an interval, where each has a line of its own and can be told from the others. */
  function drawnInterval(answer, axes) {
    if (axes.interval?.value !== axes.value) return null;
    const places = answer.rows.map((row) => JSON.stringify([row[axes.by], axes.group >= 0 ? row[axes.group] : null]));
    return new Set(places).size === places.length ? axes.interval : null;
  }

  /** Means and shares are shown on their whole scale, so that small differences look small. */
  function wholeScale(name, data) {
    const within = (low, high) => data.every((row) => row.value >= low && row.value <= high);
    if (/^(mittel|mean)/i.test(name) && within(1, 4)) return { domain: [1, 4] };
    if (/anteil|share|vollständigkeit|completeness/i.test(name) && within(0, 1)) return { domain: [0, 1] };
    return null;
  }

  function specification(answer, axes, width) {
    const { columns } = answer;
    const [by, value] = [columns[axes.by], columns[axes.value]];
    const bounds = drawnInterval(answer, axes);
    const data = answer.rows.filter((row) => typeof row[axes.value] === "number").slice(0, MOST_ROWS).map((row) => ({
      by: row[axes.by] ?? "–", value: row[axes.value], group: axes.group >= 0 ? row[axes.group] ?? "–" : null,
      low: bounds ? row[bounds.low] : null, high: bounds ? row[bounds.high] : null,
    }));
    const isCount = data.every((row) => Number.isInteger(row.value));
    const isScatter = by.kind === "number";
    const isBar = isCount && !isScatter;
    const tones = colours();
    const label = { labelLimit: 320, labelColor: tones.ink, titleColor: tones.quiet, grid: false, domainColor: tones.line, tickColor: tones.line };
    const along = { field: "value", type: "quantitative", title: value.name, scale: wholeScale(value.name, data) ?? { zero: isBar, nice: true }, axis: { ...label, grid: true, gridColor: tones.line, tickCount: 6 } };
    const across = isScatter
      ? { field: "by", type: "quantitative", title: by.name, scale: { zero: false }, axis: { ...label, grid: true, gridColor: tones.line } }
      : { field: "by", type: "nominal", sort: null, title: null, axis: { ...label, ticks: false, grid: axes.group >= 0, gridColor: tones.line, bandPosition: 1, labelPadding: 8 } };
    const encoding = isScatter ? { x: across, y: along } : { y: across, x: along };
    if (axes.group >= 0) {
      const title = columns[axes.group].name;
      // The same legend for both, so that there is one, with colour and shape.
      const legend = { labelColor: tones.ink, titleColor: tones.quiet, labelLimit: 320, orient: "top", columns: 4 };
      encoding.color = { field: "group", type: "nominal", sort: null, title, scale: { range: tones.groups }, legend };
      if (!isBar) encoding.shape = { field: "group", type: "nominal", sort: null, title, legend };
      if (!isScatter) encoding.yOffset = { field: "group", type: "nominal", sort: null };
    }
    const mark = isBar ? { type: "bar", color: tones.accent } : { type: "point", filled: true, size: 75, opacity: bounds ? 1 : 0.7, color: tones.accent };
    // Lines share the colours of the points but not their legend.
    const { shape, color, ...plain } = encoding;
    if (color) plain.stroke = { ...color, legend: null };
    const ends = isScatter ? ["y", "y2"] : ["x", "x2"];
    const interval = { mark: { type: "rule", color: tones.accent, strokeWidth: 1.5 }, encoding: { ...plain, [ends[0]]: { ...along, field: "low" }, [ends[1]]: { field: "high" } } };
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      width,
      height: isScatter ? 420 : { step: axes.group >= 0 ? 14 : 28, for: axes.group >= 0 ? "offset" : "position" },
      data: { values: data },
      layer: [...(bounds ? [interval] : []), { mark, encoding }],
      background: "transparent",
      config: { font: getComputedStyle(document.body).fontFamily, view: { stroke: null }, axis: { labelFontSize: 13, titleFontSize: 13, titleFontWeight: 600 }, legend: { labelFontSize: 13, titleFontSize: 13 } },
    };
  }

  /** Draws into an element and tells in words what is seen. */
  async function draw(element, answer, axes) {
    const embed = await bundle();
    const width = Math.max(240, Math.min(820, element.clientWidth - 360));
    // "ast" reads expressions without building code from text, which the page's policy forbids.
    await embed(element, specification(answer, axes, width), {
      actions: false, ast: true, renderer: "canvas", mode: "vega-lite", defaultStyle: false, tooltip: false, formatLocale: NUMBERS,
    });
    const left = answer.rows.filter((row) => typeof row[axes.value] !== "number").length;
    const shown = Math.min(MOST_ROWS, answer.rows.length - left);
    const parts = [`${answer.columns[axes.value].name} je ${answer.columns[axes.by].name}, ${shown} Werte in der Reihenfolge der Tabelle.`];
    if (drawnInterval(answer, axes)) parts.push("Striche sind 95-Prozent-Intervalle.");
    if (left) parts.push(`${left} Zeilen ohne Wert sind nicht gezeichnet.`);
    if (answer.rows.length - left > MOST_ROWS) parts.push(`Gezeichnet sind die ersten ${MOST_ROWS}.`);
    return parts.join(" ");
  }

  window.AskChart = { choices, suggestion, draw };
})();
