// Draws the charts of the overview from the tables below them, which then fold up.
//
// Loaded with defer, after Chart.js. Without it the tables stand open. One colour, bars from zero, the number at each bar.
(() => {
  "use strict";

  const { Chart } = window.Charts;
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const say = new Intl.NumberFormat(document.documentElement.lang);

  // Writes each bar's number at its end, where there is room for it.
  const numbers = {
    id: "numbers",
    afterDatasetsDraw(chart) {
      const { ctx } = chart;
      const isAcross = chart.options.indexAxis === "y";
      const bars = chart.getDatasetMeta(0).data;
      const words = chart.data.datasets[0].data.map((value) => say.format(value));
      ctx.save();
      ctx.fillStyle = colours().ink;
      ctx.font = `550 0.8125rem ${Chart.defaults.font.family}`;
      ctx.textAlign = isAcross ? "start" : "center";
      ctx.textBaseline = isAcross ? "middle" : "bottom";
      const room = bars.length > 1 ? Math.abs(bars[1].x - bars[0].x) : Infinity;
      const fits = isAcross || words.every((word) => ctx.measureText(word).width < room - 2);
      bars.forEach((bar, place) => {
        const isWorthIt = fits || words[place] === say.format(Math.max(...chart.data.datasets[0].data));
        if (!isWorthIt) return;
        if (isAcross) ctx.fillText(words[place], bar.x + 6, bar.y);
        else ctx.fillText(words[place], bar.x, bar.y - 4);
      });
      ctx.restore();
    },
  };

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    return { bar: colour("--primary"), ink: colour("--ink"), slate: colour("--slate"), line: colour("--line") };
  }

  function draw(section) {
    const rows = [...section.querySelectorAll("tbody tr")];
    const isAcross = section.dataset.chart === "bars";
    const place = section.querySelector(".chart-place");
    place.hidden = false;
    const { bar, slate, line } = colours();
    const names = { grid: { display: false }, border: { color: line }, ticks: { color: slate, maxRotation: 0, autoSkip: !isAcross } };
    const amounts = { beginAtZero: true, grace: "12%", display: false, ticks: { precision: 0 } };
    const chart = new Chart(place.querySelector("canvas"), {
      type: "bar",
      data: {
        labels: rows.map((row) => row.cells[0].textContent.trim()),
        datasets: [{ data: rows.map((row) => Number(row.cells[1].dataset.value)), backgroundColor: bar, borderRadius: 4, maxBarThickness: 40 }],
      },
      options: {
        animation: isStill ? false : { duration: 400 },
        indexAxis: isAcross ? "y" : "x",
        events: [],
        layout: { padding: isAcross ? { right: 40 } : { top: 18 } },
        maintainAspectRatio: false,
        scales: isAcross ? { x: amounts, y: names } : { x: names, y: amounts },
      },
      plugins: [numbers],
    });
    section.querySelector("details").open = false;
    return chart;
  }

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
  const charts = [...document.querySelectorAll("[data-chart]")].map(draw);

  // Light or dark: the canvas knows nothing of style sheets.
  new MutationObserver(() => {
    const { bar, slate, line } = colours();
    for (const chart of charts) {
      const names = chart.options.scales[chart.options.indexAxis === "y" ? "y" : "x"];
      chart.data.datasets[0].backgroundColor = bar;
      names.ticks.color = slate;
      names.border.color = line;
      chart.update("none");
    }
  }).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });

  // The choice of a period applies at once.
  const button = document.querySelector("[data-period-button]");
  if (button) button.hidden = true;
})();
