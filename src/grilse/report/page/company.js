// The company, month by month: stock, biomass, harvest by year, deaths and feed.

const MONTH_DAYS = 30.4;

function companySection(host) {
  const { company } = whole;
  if (!company) { host.append(absent('the dataset’s batches')); return; }
  const shared = group(whole.about.first, whole.about.as_of);
  const tools = zoomTools(shared, 'company');
  host.append(el('div', { class: 'controls' }, tools));
  const grid = el('div', { class: 'grid halves' });
  host.append(grid);
  stockCharts(grid, company, shared);
  deathCharts(grid, company, shared);
  harvestFigure(grid, company);
  feedChart(grid, company, shared);
  causesFigures(grid, company);
}

const absent = (what) => el('p', { class: 'absent' }, `Not shown: there are no rows of ${what}.`);
const inOrder = () => whole.plan.geographies;
const monthSpan = (place) => monthStart(place + 1) - monthStart(place);

// Values by month as bars that reach from its first day to its last.
const monthly = (totals) => [...totals].sort((a, b) => a[0] - b[0]).map(([month, value]) => [monthStart(month), value]);

function stockCharts(host, { stock }, shared) {
  if (!stock.length) { host.append(absent('true_daily_state')); return; }
  const byGeography = inOrder().map((name, place) => ({ name, tone: tone(place), points: monthly(sum(stock.filter((each) => each.geography === name).map((each) => each.tonnes))) }));
  chart(host, { title: 'Biomass', note: 't, at the end of each month', height: 230, paper: 0.48, least: 0, when: monthText, shared,
    say: (value) => `${exact(value)} t`, layers: [{ kind: 'stack', days: MONTH_DAYS, series: byGeography.filter((each) => each.points.length) }] });
  const byStage = whole.plan.stages.map((stage, place) => ({ name: stage.name, tone: tone(place), points: monthly(sum(stock.filter((each) => each.stage === place).map((each) => each.fish))) }));
  chart(host, { title: 'Fish', note: 'at the end of each month', height: 230, paper: 0.48, least: 0, when: monthText, shared,
    say: exact, layers: [{ kind: 'stack', days: MONTH_DAYS, series: byStage.filter((each) => each.points.length) }] });
}

// Deaths of a month as a share of the fish that were there at its end or died in it.
function lossShare(company, geography, sea) {
  const isThere = (stage) => whole.plan.stages[stage].sea === sea;
  const there = sum(company.stock.filter((each) => each.geography === geography && isThere(each.stage)).map((each) => each.fish));
  const dead = sum(company.dead.filter((each) => each.geography === geography && each.sea === sea).map((each) => each.fish));
  return [...dead].filter(([month]) => there.get(month)).sort((a, b) => a[0] - b[0])
    .map(([month, fish]) => [monthStart(month) + 15, 100 * fish / (there.get(month) + fish)]);
}

function deathCharts(host, company, shared) {
  if (!company.dead.length || !company.stock.length) { host.append(absent('mortality_event')); return; }
  for (const [sea, title] of [[true, 'Mortality at sea'], [false, 'Mortality in fresh water']]) {
    const layers = inOrder().map((name, place) => ({ kind: 'line', strong: true, name, tone: tone(place), reach: 16, points: lossShare(company, name, sea) }));
    chart(host, { title, note: '% of the fish there, by month', height: 200, paper: 0.48, least: 0, when: monthText, shared,
      say: (value) => `${number(value)} %`, layers: layers.filter((layer) => layer.points.length) });
  }
}

function feedChart(host, company, shared) {
  if (!company.fed.length) { host.append(absent('feeding_event')); return; }
  const series = inOrder().map((name, place) => ({ name, tone: tone(place), points: monthly(sum(company.fed.filter((each) => each.geography === name).map((each) => each.tonnes))) }));
  const figure = chart(host, { title: 'Feed', note: 't, fed in each month', height: 230, paper: 0.48, least: 0, when: monthText, shared,
    say: (value) => `${exact(value)} t`, layers: [{ kind: 'stack', days: MONTH_DAYS, series: series.filter((each) => each.points.length) }] }).figure;
  if (company.bought.length) figure.append(yearTable(['Year', 'Bought, t', 'Cost, M EUR', 'EUR/kg'],
    company.bought.map((row) => [String(row.year), exact(row.tonnes), number(row.eur / 1e6), number(row.eur / row.tonnes / 1000)])));
}

const yearTable = (head, rows) => el('table', { class: 'years' }, el('thead', {}, el('tr', {}, head.map((name) => el('th', {}, name)))),
  el('tbody', {}, rows.map((row) => el('tr', {}, row.map((cell) => el('td', {}, cell))))));

// Columns of years, a part for each geography, with the figures underneath.
function harvestFigure(host, { harvest }) {
  if (!harvest.length) { host.append(absent('harvest_event: nothing is harvested yet')); return; }
  const years = [...new Set(harvest.map((row) => row.year))].sort();
  for (let year = years[0]; year <= years[years.length - 1]; year += 1) if (!years.includes(year)) years.push(year);
  years.sort();
  const last = years[years.length - 1];
  const shared = group(dayOf(Math.min(years[0], last - 4), 0) - 60, dayOf(last + 1, 0) + 60);
  const series = inOrder().map((name, place) => ({ name, tone: tone(place), points: harvest.filter((row) => row.geography === name).map((row) => [dayOf(row.year, 0) + 40, row.tonnes]) }));
  const figure = chart(host, { title: 'Harvest', note: 't live weight, by year', height: 230, paper: 0.48, least: 0, when: (day) => String(yearOf(day)), shared,
    say: (value) => `${exact(value)} t`, layers: [{ kind: 'stack', days: 285, series: series.filter((each) => each.points.length) }] }).figure;
  figure.append(yearTable(['Year', 'Batches', 'Fish', 't live', 'Mean, kg', 'M EUR'], years.map((year) => {
    const rows = harvest.filter((row) => row.year === year);
    const total = (name) => rows.reduce((before, row) => before + (row[name] || 0), 0);
    const eur = total('eur');
    return [String(year), total('batches'), exact(total('fish')), exact(total('tonnes')), total('fish') ? number(1000 * total('tonnes') / total('fish')) : '–', eur ? number(eur / 1e6) : '–'];
  })));
}

// What fish died of, in all: a bar a cause, at sea and in fresh water.
function causesFigures(host, { dead }) {
  for (const [sea, title] of [[true, 'What fish died of at sea'], [false, 'What fish died of in fresh water']]) {
    const causes = new Map();
    for (const each of dead.filter((row) => row.sea === sea)) causes.set(each.cause, (causes.get(each.cause) || 0) + [...sum([each.fish]).values()].reduce((a, b) => a + b, 0));
    const order = [...causes].sort((a, b) => b[1] - a[1]);
    const total = order.reduce((before, each) => before + each[1], 0);
    if (total) host.append(el('figure', { class: 'chart' }, el('figcaption', {}, el('b', {}, title), el('span', {}, `${exact(total)} fish, in all`)), causeRows(order, total, tone(sea ? 0 : 2))));
  }
}

const causeRows = (order, total, colour) => el('div', { class: 'rows' }, order.map(([cause, fish]) => el('div', { class: 'row', title: `${exact(fish)} fish` },
  el('span', {}, causeName(cause)), el('span', { class: 'track' }, el('i', { style: { width: `${Math.max(0.4, 100 * fish / order[0][1])}%`, background: colour } })),
  el('span', { class: 'count' }, percent(fish / total)))));
