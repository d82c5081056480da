// Each sea area over the years: who stood there, and what its water was like.

function areasSection(host, onChoose) {
  const places = whole.plan.places.map((place, number) => ({ ...place, number })).filter((place) => place.sea);
  const held = new Set(whole.plan.batches.flatMap((batch) => batch.stays.flatMap((stay) => stay[3].map((run) => run[0]))));
  const used = places.filter((place) => held.has(place.number));
  if (!used.length) { host.append(absent('batches at sea')); return; }
  const body = el('div', {});
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

const AREA_PANELS = [temperaturePanel];
