// Each sea area over the years: who stood there, and what its water was like.

function areasSection(host, onChoose) {
  const places = whole.plan.places.map((place, number) => ({ ...place, number })).filter((place) => place.sea);
  const held = new Set(whole.plan.batches.flatMap((batch) => batch.stays.flatMap((stay) => stay[3].map((run) => run[0]))));
  const used = places.filter((place) => held.has(place.number));
  if (!used.length) { host.append(absent('batches at sea')); return; }
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
    const shared = group(...areaDays(place, areas));
    if (tools) tools.remove();
    controls.append(tools = zoomTools(shared, 'areas'));
    standingChart(body, place, shared, onChoose);
    areaCharts(body, place, areas, shared);
  }
  show();
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
  chart(host, { title: `Temperature in ${own.name}`, note: `°C, by week; pale: the other areas of ${own.geography}`, height: 230, left: GUTTER, shared, say: (value) => `${value.toFixed(1)} °C`, layers: [
    ...others.filter((each) => each.water && each.water.temperature).map((each) => ({ kind: 'line', faint: true, tone: 'var(--ink-3)', points: points(each.water.temperature.mean, weekMiddle) })),
    { kind: 'band', name: 'least to most', tone: tone(0), points: bandOf(temperature) },
    { kind: 'line', strong: true, name: 'mean', tone: tone(0), points: points(temperature.mean, weekMiddle) },
  ] });
}

function bandOf({ least, most }) {
  return points(least, weekMiddle).map(([day, low], place) => [day, low, most.v.filter((value) => value !== null)[place]]);
}

// Lice a fish: adult females beside the limit of each month, with the treatments; then the others.
function liceCharts(host, told, geography, shared, left) {
  if (!told || !told.counted) { host.append(absent('lice_count')); return; }
  const { females, mobile, caligus } = told.counted;
  const limits = whole.limits[geography];
  const say = (value) => value.toFixed(2);
  chart(host, { title: 'Sea lice', note: 'adult females a fish, counted weekly, against the limit; dotted: treatments', height: 190, least: 0, left, shared, say, axis: (tick) => number(tick), layers: [
    { kind: 'marks', tone: tone(4), points: (told.treated || []).map(treatmentMark) },
    ...(limits ? [{ kind: 'line', name: 'limit', tone: 'var(--bad)', dashed: true, reach: 32, points: limitSteps(limits, shared) }] : []),
    { kind: 'line', name: 'adult females', strong: true, tone: tone(0), points: points(females, weekMiddle), gap: 20 },
  ] });
  chart(host, { title: 'Other lice', note: 'a fish, counted weekly', height: 130, least: 0, left, shared, say, axis: (tick) => number(tick), layers: [
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

const licePanel = (host, own, others, shared) => liceCharts(host, own.lice, own.geography, shared, GUTTER);

const AREA_PANELS = [temperaturePanel, licePanel];
