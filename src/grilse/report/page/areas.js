// Each sea area over the years: who stood there, and what its water was like.

function areasSection(host, onChoose) {
  const places = whole.plan.places.map((place, number) => ({ ...place, number })).filter((place) => place.sea);
  const held = new Set(whole.plan.batches.flatMap((batch) => batch.stays.flatMap((stay) => stay[3].map((run) => run[0]))));
  const used = places.filter((place) => held.has(place.number));
  if (!used.length) { host.append(absent('batches at sea')); return; }
  overviews(host, used);
  const body = el('div', { class: 'life' });
  const choose = el('select', { 'aria-label': 'Area', onchange: () => show() }, whole.plan.geographies.map((name, place) => el('optgroup', { label: name },
    used.filter((each) => each.geography === place).map((each) => el('option', { value: each.number }, each.name)))));
  const controls = el('div', { class: 'controls' }, el('label', {}, 'Area ', choose));
  host.append(controls, body);
  let tools = null;
  async function show() {
    const areas = await block('areas') || [];
    forget(body);
    const place = places.find((each) => each.number === Number(choose.value));
    const shared = Object.assign(group(...areaDays(place, areas)), { left: GUTTER });
    if (tools) tools.remove();
    controls.append(tools = zoomTools(shared, 'areas'));
    standingChart(body, place, shared, onChoose);
    areaCharts(body, place, areas, shared);
  }
  show();
}

// A disease has one tone wherever it is told of.
const diseases = () => [...new Set((whole.outbreaks || []).map((each) => each.disease))].sort();
const diseaseTone = (disease) => tone(diseases().indexOf(disease));
const untilOf = ({ first, last }) => last === null ? whole.about.as_of : Math.max(last + 1, first + 2);

const outbreakBlock = (each, lane, who) => [each.first, untilOf(each), lane, who ? '' : causeName(each.disease), diseaseTone(each.disease), causeName(each.disease),
  `${dateText(each.first)} – ${each.last === null ? 'still there' : dateText(each.last)}, ${exact(each.dead)} dead in ${each.containers} rings${who || ''}`];

// All areas at once: where outbreaks were, and when lice passed the limit.
function overviews(host, used) {
  const lists = whole.plan.geographies.map((name, place) => [name, used.filter((each) => each.geography === place).map((each) => each.name)]).filter(([, names]) => names.length);
  const shared = group(whole.about.first, whole.about.as_of);
  const grid = el('div', { class: 'grid halves' });
  host.append(el('div', { class: 'controls' }, zoomTools(shared, 'all areas')), grid);
  for (const [name, lanes] of lists) outbreakOverview(grid, name, lanes, shared);
  const late = el('div', { class: 'grid halves' });
  host.append(late);
  liceOverviews(late, lists, shared);
}

function outbreakOverview(host, geography, lanes, shared) {
  if (!whole.outbreaks) { host.append(absent('disease_outbreak')); return; }
  const numbers = new Map(whole.plan.batches.map((batch) => [batch.number, batch.id]));
  const own = whole.outbreaks.filter((each) => each.geography === geography && lanes.includes(each.area));
  const kinds = [...new Set(own.map((each) => each.disease))].sort();
  chart(host, { title: `Outbreaks, ${geography}`, note: `${own.length} in all, ${exact(own.reduce((total, each) => total + each.dead, 0))} dead`, height: laneChartHeight(lanes), left: 92, paper: 0.48, lanes, shared,
    layers: kinds.map((disease) => ({ kind: 'lanes', name: causeName(disease), tone: diseaseTone(disease), points: own.filter((each) => each.disease === disease).map((each) => outbreakBlock(each, lanes.indexOf(each.area), `, ${numbers.get(each.batch_id) || ''}`)) })) });
}

const laneChartHeight = (lanes) => MARGIN.top + MARGIN.bottom + lanes.length * (lanes.length > 12 ? 13 : 18);

async function liceOverviews(host, lists, shared) {
  const areas = await block('areas') || [];
  for (const [geography, lanes] of lists) {
    const own = areas.filter((each) => each.geography === geography && each.lice && each.lice.counted);
    if (!own.length) { host.append(absent(`lice_count in ${geography}`)); continue; }
    const over = own.flatMap((each) => weeksOver(each, lanes.indexOf(each.name)));
    const treated = own.flatMap((each) => (each.lice.treated || []).map((given) => [given.day, given.day + 2, lanes.indexOf(each.name), '', tone(4), 'Treatment', treatmentMark(given)[2]]));
    chart(host, { title: `Lice above the limit, ${geography}`, note: `in ${over.length} weeks of an area, by the mean of its rings`, height: laneChartHeight(lanes), left: 92, paper: 0.48, lanes, shared, layers: [
      { kind: 'lanes', name: 'above the limit', tone: tone(3), points: over }, { kind: 'lanes', low: true, name: 'treatments', tone: tone(4), points: treated }] });
  }
}

function weeksOver({ geography, lice: { counted: { females } } }, lane) {
  const limits = whole.limits[geography] || [];
  return points(females, weekStart).filter(([day, lice]) => lice > (limits[dateOf(day).getUTCMonth()] ?? Infinity))
    .map(([day, lice]) => [day, day + 7, lane, '', tone(3), 'Adult females', `${lice.toFixed(2)} a fish against ${number(limits[dateOf(day).getUTCMonth()])}`]);
}

const staysAt = (place) => whole.plan.batches.flatMap((batch) => batch.stays.flatMap(([stage, from, to, runs_], stay) => runs_
  .filter((run) => run[0] === place.number).map(([, first, last]) => ({ batch, stage, from, to, first, last, ended: endOf(batch, stay) }))));

function areaDays(place, areas) {
  const first = Math.min(...staysAt(place).map((stay) => stay.from));
  const last = areas.length ? whole.about.as_of : Math.max(...staysAt(place).map((stay) => stay.to));
  return [first - 30, Math.max(last, first + 60)];
}

function standingChart(host, place, shared, onChoose) {
  const box = el('div', { class: 'strip' }, el('p', { class: 'note' }, `Who stood in ${place.name}, ring by ring`));
  host.append(box);
  const map = planMap(box, { shared, geography: place.geography, sea: true, lane: 4, onChoose });
  map.rows = map.rows.filter((row) => row.number === place.number);
  map.draw();
}

function areaCharts(host, place, areas, shared) {
  const name = whole.plan.geographies[place.geography];
  const own = areas.find((each) => each.geography === name && each.name === place.name);
  if (!own) { host.append(absent('readings of this area')); return; }
  for (const panel of AREA_PANELS) panel(host, own, areas.filter((each) => each !== own && each.geography === name), shared);
}

function temperaturePanel(host, own, others, shared) {
  const { temperature } = own.water || {};
  if (!temperature) { host.append(absent('temperature readings')); return; }
  chart(host, { title: `Temperature in ${own.name}`, note: `°C, by week; pale: the other areas of ${own.geography}`, height: 230, shared, say: (value) => `${value.toFixed(1)} °C`, layers: [
    ...others.filter((each) => each.water && each.water.temperature).map((each) => ({ kind: 'line', faint: true, tone: 'var(--ink-3)', points: points(each.water.temperature.mean, weekMiddle) })),
    { kind: 'band', name: 'least to most', tone: tone(0), points: bandOf(temperature) },
    { kind: 'line', strong: true, name: 'mean', tone: tone(0), points: points(temperature.mean, weekMiddle) },
  ] });
}

function bandOf({ least, most }) {
  return points(least, weekMiddle).map(([day, low], place) => [day, low, most.v.filter((value) => value !== null)[place]]);
}

// Lice a fish: adult females beside the limit of each month, with the treatments; then the others.
function liceCharts(host, told, geography, shared) {
  if (!told || !told.counted) { host.append(absent('lice_count')); return; }
  const { females, mobile, caligus } = told.counted;
  const limits = whole.limits[geography];
  const say = (value) => value.toFixed(2);
  chart(host, { title: 'Sea lice', note: 'adult females a fish, counted weekly, against the limit; dotted: treatments', height: 190, least: 0, shared, say, axis: (tick) => number(tick), layers: [
    { kind: 'marks', tone: tone(4), points: (told.treated || []).map(treatmentMark) },
    ...(limits ? [{ kind: 'line', name: 'limit', tone: 'var(--bad)', dashed: true, reach: 32, points: limitSteps(limits, shared) }] : []),
    { kind: 'line', name: 'adult females', strong: true, tone: tone(0), points: points(females, weekMiddle), gap: 20 },
  ] });
  chart(host, { title: 'Other lice', note: 'a fish, counted weekly', height: 130, least: 0, shared, say, axis: (tick) => number(tick), layers: [
    { kind: 'line', name: 'mobile salmon lice, adult females among them', tone: tone(5), points: points(mobile, weekMiddle), gap: 20 },
    { kind: 'line', name: 'Caligus', tone: tone(6), points: points(caligus, weekMiddle), gap: 20 },
  ] });
}

const treatmentMark = ({ day, method, rings, lice, limit, effect }) => [day, words(method),
  `${words(method)}, ${rings} rings: ${number(lice)} a fish against ${number(limit)}; took ${number(effect)} % of the mobile`];

function limitSteps(limits, shared) {
  const found = [];
  const place = (day) => yearOf(day) * 12 + dateOf(day).getUTCMonth();
  for (let month = place(shared.whole[0]); month <= place(shared.whole[1]); month += 1) {
    if (limits[month % 12] !== null) found.push([monthStart(month), limits[month % 12]], [monthStart(month + 1) - 0.01, limits[month % 12]]);
  }
  return found;
}

const licePanel = (host, own, others, shared) => liceCharts(host, own.lice, own.geography, shared);

function outbreakPanel(host, own, others, shared) {
  if (!whole.outbreaks) return;
  const found = whole.outbreaks.filter((each) => each.geography === own.geography && each.area === own.name);
  const lanes = [...new Set(found.map((each) => each.disease))].sort();
  if (!lanes.length) { host.append(el('p', { class: 'note' }, `No outbreak in ${own.name}.`)); return; }
  chart(host, { title: 'Outbreaks', note: 'from the first day to the last on which they could be noticed', height: 34 + lanes.length * 22, lanes: lanes.map(causeName), shared, quiet: true,
    layers: [{ kind: 'lanes', points: found.map((each) => outbreakBlock(each, lanes.indexOf(each.disease))) }] });
}

const AREA_PANELS = [temperaturePanel, licePanel, outbreakPanel];
