// Draws each chart from the table beside it, which stays for those who read it.
const COLOURS = { good: "--bar-good", warn: "--bar-warn", bad: "--bar-bad", one: "--one", two: "--two", three: "--three" };
const drawn = new Map();

export function drawCharts() {
  if (!window.Chart) return;
  for (const figure of document.querySelectorAll(".chart:has(table)")) draw(figure);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const { chart } of drawn.values()) chart.destroy();
  drawn.clear();
  drawCharts();
});

function draw(figure) {
  const data = read(figure);
  const said = JSON.stringify(data);
  const before = drawn.get(figure.id);
  if (before?.said === said && before.chart.canvas.isConnected) return;
  before?.chart.destroy();
  const picture = figure.querySelector(".picture");
  picture.replaceChildren(document.createElement("canvas"));
  drawn.set(figure.id, { said, chart: new Chart(picture.firstChild, settings(figure, data)) });
  figure.classList.add("drawn");
  offerTable(figure);
}

function read(figure) {
  const columns = [...figure.querySelectorAll("thead th")].slice(1);
  const rows = [...figure.querySelectorAll("tbody tr")];
  return {
    labels: rows.map((row) => row.cells[0].textContent),
    series: columns.map((column, index) => ({
      label: column.textContent,
      colour: column.dataset.colour,
      values: rows.map((row) => Number(row.cells[index + 1].dataset.value)),
    })),
  };
}

function settings(figure, { labels, series }) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const { form, money } = figure.dataset;
  const count = (value) => (money === undefined ? value.toLocaleString("en-US") : `$${value.toFixed(2)}`);
  const values = {
    stacked: form === "stacked", beginAtZero: true, border: { display: false }, grid: { color: colour("--line") },
    ticks: { color: colour("--quiet"), precision: money === undefined ? 0 : undefined, maxTicksLimit: 6, callback: count },
  };
  const names = {
    stacked: form === "stacked", grid: { display: false }, border: { color: colour("--line") },
    ticks: { color: colour("--quiet"), maxRotation: 0, autoSkipPadding: 12 },
  };
  const across = form === "across";
  return {
    type: "bar",
    data: {
      labels,
      datasets: series.map((each) => ({
        label: each.label, data: each.values, backgroundColor: colour(COLOURS[each.colour]), borderRadius: 3, maxBarThickness: 34, categoryPercentage: 0.85, barPercentage: 0.95,
      })),
    },
    options: {
      indexAxis: across ? "y" : "x", animation: false, maintainAspectRatio: false, interaction: { mode: "index", axis: across ? "y" : "x", intersect: false },
      scales: across ? { x: values, y: { ...names, ticks: { ...names.ticks, autoSkip: false } } } : { x: names, y: values },
      plugins: {
        legend: { display: series.length > 1, position: "bottom", labels: { color: colour("--ink"), boxWidth: 12, boxHeight: 12, borderRadius: 3, useBorderRadius: true } },
        tooltip: { callbacks: { label: (item) => ` ${item.dataset.label}: ${count(item.raw)}` } },
      },
    },
  };
}

function offerTable(figure) {
  const button = figure.querySelector("button");
  if (!button.hidden) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = figure.querySelector(".numbers").classList.toggle("shown");
    button.setAttribute("aria-expanded", String(shown));
  });
}
