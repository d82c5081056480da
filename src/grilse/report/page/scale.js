// Scales: from days and values to places on the page, and the ticks that name them.

function linear(from, to, start, end) {
  const span = to - from || 1;
  const scale = (value) => start + ((value - from) / span) * (end - start);
  scale.back = (place) => from + ((place - start) / (end - start || 1)) * span;
  return scale;
}

function logarithmic(from, to, start, end) {
  const inner = linear(Math.log10(from), Math.log10(to), start, end);
  const scale = (value) => inner(Math.log10(Math.max(value, from)));
  scale.back = (place) => 10 ** inner.back(place);
  return scale;
}

function niceStep(span, count) {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough) * power;
  return step;
}

function valueTicks(from, to, count) {
  if (!(to > from)) return [from];
  const step = niceStep(to - from, count);
  const ticks = [];
  for (let tick = Math.ceil(from / step - 1e-9) * step; tick <= to + step * 1e-6; tick += step) {
    ticks.push(Math.abs(tick) < step * 1e-6 ? 0 : tick);
  }
  return ticks;
}

function powerTicks(from, to) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to) + 1e-9; power += 1) {
    if (10 ** power >= from * 0.999) ticks.push(10 ** power);
  }
  return ticks;
}

// The coarsest of these that leaves a tick some room: months apart, or days.
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60];
const DAY_STEPS = [1, 2, 7, 14];

function dayTicks(from, to, width) {
  const most = Math.max(2, Math.floor(width / 56));
  const days = DAY_STEPS.find((step) => (to - from) / step <= most);
  if (days !== undefined) return stepTicks(from, to, days);
  const months = MONTH_STEPS.find((step) => (to - from) / (step * 30.44) <= most) || 120;
  return monthTicks(from, to, months);
}

function stepTicks(from, to, step) {
  const ticks = [];
  const first = step >= 7 ? Math.ceil((from - MONDAY) / step) * step + MONDAY : Math.ceil(from / step) * step;
  for (let day = first; day <= to; day += step) {
    const date = dateOf(day);
    ticks.push({ day, text: `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`, strong: false });
  }
  if (ticks.length) ticks[0].text += ` ${yearOf(ticks[0].day)}`;
  return ticks;
}

function monthTicks(from, to, step) {
  const first = dateOf(from);
  const ticks = [];
  let place = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / step) * step;
  for (; monthStart(place) <= to; place += step) {
    const day = monthStart(place);
    if (day < from) continue;
    const isYear = place % 12 === 0;
    ticks.push({ day, text: isYear ? String(place / 12) : MONTHS[place % 12], strong: isYear });
  }
  if (ticks.length && !ticks.some((tick) => tick.strong)) ticks[0].text += ` ${yearOf(ticks[0].day)}`;
  return ticks;
}
