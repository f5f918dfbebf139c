// A small line of how many matters came in, week by week.

import { svg } from "./dom.js";
import { day, number, t } from "./words.js";

const [WIDTH, HEIGHT, WEEK] = [280, 44, 7];

export const dateOf = (days) => new Date(days * 86400000);

export function weeks(days) {
  const sums = [];
  for (let i = days.length % WEEK; i + WEEK <= days.length; i += WEEK) sums.push(days.slice(i, i + WEEK).reduce((a, b) => a + b, 0));
  return sums.length ? sums : [days.reduce((a, b) => a + b, 0)];
}

export function trendLine(days, firstDay) {
  const sums = weeks(days);
  const most = Math.max(1, ...sums);
  const x = (i) => (sums.length < 2 ? WIDTH / 2 : (i * WIDTH) / (sums.length - 1));
  const y = (sum) => HEIGHT - 4 - (sum / most) * (HEIGHT - 10);
  const points = sums.map((sum, i) => `${x(i).toFixed(1)},${y(sum).toFixed(1)}`).join(" ");
  const label = t("trend_label", { first: day(dateOf(firstDay)), most: number(most), last: number(sums.at(-1)) });
  return svg(
    "svg",
    { class: "trend", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    svg("polygon", { class: "trend-fill", points: `0,${HEIGHT} ${points} ${WIDTH},${HEIGHT}` }),
    svg("polyline", { class: "trend-line", points }),
    svg("circle", { class: "trend-end", cx: x(sums.length - 1), cy: y(sums.at(-1)), r: 3 }),
  );
}
