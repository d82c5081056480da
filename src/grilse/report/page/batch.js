// One batch in depth: its life on one axis of days, what was measured beside what was true.

function batchSection(host) {
  const { batches, geographies } = whole.plan;
  if (!batches.some((batch) => batch.stands)) { host.append(absent('batches')); return null; }
  const body = el('div', { class: 'life' });
  const choose = el('select', { id: 'batch-choice', 'aria-label': 'Batch', onchange: () => show() }, geographies.map((name) => el('optgroup', { label: name },
    batches.filter((batch) => batch.geography === name && batch.stands).map((batch) => el('option', { value: batch.number }, batch.id)))));
  const step = (away) => () => {
    choose.selectedIndex = (choose.selectedIndex + away + choose.options.length) % choose.options.length;
    show();
  };
  const controls = el('div', { class: 'controls' }, el('label', {}, 'Batch ', choose),
    el('button', { type: 'button', 'aria-label': 'The batch before', onclick: step(-1) }, '◂'), el('button', { type: 'button', 'aria-label': 'The next batch', onclick: step(1) }, '▸'));
  host.append(controls, body);
  let tools = null;
  let asked = 0;
  async function show() {
    const turn = asked += 1;
    const batch = batches.find((each) => each.number === Number(choose.value));
    const [life, stores] = await Promise.all([block(`life-${batch.number}`), block('stores')]);
    if (turn !== asked) return;
    forget(body);
    const shared = Object.assign(group(...lifeDays(batch, life || {})), { left: 84 });
    if (tools) tools.remove();
    controls.append(tools = lifeTools(batch, shared));
    drawLife(body, batch, life || {}, stores || [], shared);
  }
  const first = batches.find((batch) => batch.stands && batch.stands.status === 'COMPLETED') || batches.find((batch) => batch.stands);
  choose.value = first.number;
  show();
  return (batch) => {
    choose.value = batch.number;
    show();
    byId('batch').scrollIntoView({ behavior: 'smooth' });
  };
}

// Days of the life so far, and those to come as far as they are foreseen.
function lifeDays(batch, { coming }) {
  const last = batch.stays[batch.stays.length - 1][2];
  const ended = batch.stands.ended || Math.max(batch.start + 14, Math.min(last, whole.about.as_of));
  const foreseen = coming && coming.grams ? weekEnd(coming.grams.s + coming.grams.v.length - 1) : 0;
  return [batch.start - 4, Math.max(ended, foreseen) + 10];
}

// Shortcuts to the parts of a life, since what happens at sea is small beside what happens to fry.
function lifeTools(batch, shared) {
  const sea = batch.stays.find(([stage]) => whole.plan.stages[stage].sea);
  const parts = sea && sea[1] < shared.to - 20 ? [['On land', shared.from, sea[1]], ['At sea', sea[1], shared.to]] : [];
  const tools = zoomTools(shared, 'batch');
  tools.prepend(...parts.map(([name, from, to]) => el('button', { type: 'button', onclick: () => shared.zoom(from, to) }, name)));
  return tools;
}

function drawLife(host, batch, life, stores, shared) {
  host.append(factsOf(batch, life));
  for (const panel of LIFE_PANELS) panel(host, batch, life, shared, stores);
}

function factsOf(batch, life) {
  const { outlook } = life;
  const dead = (life.dead || []).reduce((total, each) => total + [...sum([each.fish]).values()].reduce((a, b) => a + b, 0), 0);
  const fed = life.fed ? [...sum([life.fed.kilos]).values()].reduce((a, b) => a + b, 0) : null;
  const cut = life.harvested ? [...sum([life.harvested.kilos]).values()].reduce((a, b) => a + b, 0) : null;
  const sea = batch.stays.find(([stage]) => whole.plan.stages[stage].sea);
  const facts = [
    ['Eggs', `${exact(batch.eggs)}`, dateText(batch.start)],
    ['Station', batch.station, batch.geography],
    sea ? ['At sea in', whole.plan.places[sea[3][0][0]].name, `from ${dateText(sea[1])}`] : null,
    ['Stands', sentence(batch.stands.status), batch.stands.ended ? `last fish left ${dateText(batch.stands.ended)}` : `${exact(batch.stands.fish)} fish`],
    ['Weight', grams(batch.stands.grams), batch.target ? `harvest at ${number(batch.target)} kg` : null],
    outlook && outlook.harvest ? ['To be harvested', dateText(outlook.harvest), outlook.earliest && outlook.latest ? `${dateText(outlook.earliest)} to ${dateText(outlook.latest)}` : 'as analysed'] : null,
    dead ? ['Died', short(dead), percent(dead / batch.eggs)] : null,
    fed ? ['Fed', kilos(fed), cut ? `${number(fed / cut)} kg a kg harvested` : null] : null,
    cut ? ['Harvested', kilos(cut), 'live weight'] : null,
  ];
  return el('div', { class: 'facts' }, facts.filter(Boolean).map(([name, value, note]) => el('div', {}, el('span', {}, name), el('b', {}, value), note ? el('small', {}, note) : null)));
}

const stageSpans = (batch) => batch.stays.map(([stage, from, to, held]) => [from, Math.min(to, batch.stands.ended || to), whole.plan.stages[stage].name, tone(stage), whole.plan.stages[stage].name,
  held.map(([place, first, last]) => `${whole.plan.places[place].name}, ${last - first} containers`).join('; ')]);

function stripPanel(host, batch, life, shared) {
  chart(host, { title: 'Life', note: 'stage by stage', height: 56, shared, quiet: true, axis: () => '', layers: [{ kind: 'spans', tall: true, points: stageSpans(batch) }] });
}

function weightPanel(host, batch, life, shared) {
  const layers = [];
  const { true: real, sampled, expected, analysed, coming } = life;
  if (analysed) layers.push({ kind: 'band', name: 'analysed, 95 %', tone: tone(2), points: lowHigh(analysed, weekEnd), gap: 20 });
  if (expected) layers.push({ kind: 'line', name: 'scenario', dashed: true, tone: tone(1), points: points(expected.grams, weekEnd) });
  if (real) layers.push({ kind: 'line', name: 'true', wide: Boolean(analysed), strong: true, tone: tone(0), points: points(real.grams, weekEnd) });
  if (analysed) layers.push({ kind: 'line', name: 'analysed', tone: tone(2), points: points(analysed.grams, weekEnd) });
  if (coming) {
    layers.push({ kind: 'band', name: 'to come, 95 %', tone: tone(4), points: lowHigh(coming, weekEnd), gap: 20 });
    layers.push({ kind: 'line', name: 'to come', tone: tone(4), dashed: true, points: points(coming.grams, weekEnd) });
    layers.push({ kind: 'marks', tone: 'var(--ink-2)', points: [[whole.about.as_of, 'as of', 'as of']] });
  }
  if (sampled) layers.push({ kind: 'dots', name: 'samples (± scatter of the fish)', tone: tone(3), points: points(sampled.grams, weekMiddle).map(([day, value]) => [day, value, at(sampled.scatter, Math.floor((day - MONDAY) / 7)), `${exact(at(sampled.fish, Math.floor((day - MONDAY) / 7)))} fish`]) });
  if (batch.target) layers.push({ kind: 'level', value: 1000 * batch.target, tone: 'var(--ink-2)', text: `harvest at ${number(batch.target)} kg`, loose: true, early: true });
  if (!layers.some((layer) => layer.points)) { host.append(absent('weights')); return; }
  const spec = { title: 'Mean weight', height: 280, least: 0, shared, say: grams, axis: grams, layers };
  const tool = el('button', { type: 'button', 'aria-pressed': 'false', title: 'A scale of powers of ten shows the small fish', onclick: () => {
    spec.log = !spec.log;
    tool.setAttribute('aria-pressed', String(spec.log));
    drawn.draw();
  } }, 'log');
  spec.tools = tool;
  const drawn = chart(host, spec);
}

function lowHigh({ low, high }, dayAt) {
  return points(low, dayAt).map(([day, value], place) => [day, value, high.v.filter((each) => each !== null)[place]]);
}

const moves = (life) => ({ kind: 'marks', tone: 'var(--ink-2)', points: (life.moved || []).map((move) => [move.day, `to ${whole.plan.stages[move.stage].name.toLowerCase()}`,
  `${exact(move.fish)} fish of ${grams(move.grams)} to ${whole.plan.stages[move.stage].name.toLowerCase()}, ${exact(move.dead)} died of it`]) });

function countPanel(host, batch, life, shared) {
  if (!life.true) { host.append(absent('true_daily_state')); return; }
  const layers = [moves(life)];
  if (life.expected) layers.push({ kind: 'line', name: 'scenario', dashed: true, tone: tone(1), points: points(life.expected.fish, weekEnd) });
  layers.push({ kind: 'line', name: 'true', wide: Boolean(life.analysed), strong: true, tone: tone(0), points: points(life.true.fish, weekEnd) });
  if (life.analysed && life.analysed.fish) layers.push({ kind: 'line', name: 'analysed', tone: tone(2), points: points(life.analysed.fish, weekEnd) });
  chart(host, { title: 'Fish', note: 'alive at the end of each week, with the transfers', height: 210, least: 0, shared, say: exact, layers });
}

function lossPanel(host, batch, life, shared) {
  const series = (life.dead || []).map((each, place) => ({ name: each.cause ? causeName(each.cause) : 'Other causes', tone: tone(place), points: points(each.fish, weekStart) }));
  if (life.culled) series.push({ name: 'Culled, alive', tone: 'var(--ink-3)', points: points(life.culled.fish, weekStart) });
  if (life.escaped) series.push({ name: 'Escaped', tone: 'var(--ink-2)', points: points(life.escaped.fish, weekStart) });
  if (!series.length) { host.append(absent('mortality_event')); return; }
  chart(host, { title: 'Deaths', note: 'by week and cause; look closer, and the scale follows', height: 210, least: 0, shared, say: exact, layers: [{ kind: 'stack', days: 7, series }, moves({ ...life, moved: (life.moved || []) })] });
}

function waterPanel(host, batch, life, shared) {
  const { temperature, oxygen } = life.water || {};
  const one = (read, title, unit, colour) => read && chart(host, { title, note: `${unit}, read by the sensors, by week`, height: 170, shared, say: (value) => `${number(value)} ${unit}`, layers: [
    { kind: 'band', name: 'least to most', tone: tone(colour), points: bandOf(read), gap: 20 }, { kind: 'line', strong: true, name: 'mean', tone: tone(colour), points: points(read.mean, weekMiddle), gap: 20 }] });
  if (!one(oxygen, 'Oxygen', 'mg/l', 4)) host.append(absent('oxygen readings'));
  one(temperature, 'Temperature', '°C', 3);
}

function feedPanel(host, batch, life, shared, stores) {
  if (!life.fed) { host.append(absent('feeding_event')); return; }
  chart(host, { title: 'Feed', note: 't, fed in each week', height: 170, least: 0, shared, quiet: true, say: (value) => `${number(value)} t`, layers: [
    { kind: 'stack', days: 7, series: [{ name: 'fed', tone: tone(2), points: points(life.fed.kilos, weekStart, 0.001) }] }] });
  const layers = batch.stays.map((stay) => storeLevel(batch, stay, stores)).filter((layer) => layer && layer.points.length);
  if (layers.length) chart(host, { title: 'Feed store', note: '% of what it holds, at the end of each week: the store that serves the batch', height: 170, least: 0, most: 100, shared, layers, axis: (tick) => `${tick} %`, say: (share) => `${number(share)} %` });
}

function storeLevel(batch, [stage, from, to, held], stores) {
  const name = whole.plan.places[held[0][0]].name;
  const store = stores.find((each) => each.place === name && each.geography === batch.geography);
  const until = Math.min(to, batch.stands.ended || to);
  return store && { kind: 'line', strong: true, name: `${store.name}, ${kilos(store.capacity)}`, tone: tone(stage), gap: 20,
    points: points(store.level, weekEnd).filter(([day]) => day > from && day <= until + 6).map(([day, level]) => [day, 100 * level / store.capacity, null, kilos(level)]) };
}

function licePart(host, batch, life, shared) {
  if (life.lice || batch.stays.some(([stage, from]) => whole.plan.stages[stage].sea && from < whole.about.as_of)) liceCharts(host, life.lice, batch.geography, shared);
}

// What ailed the fish, what was found and done: a lane for each kind of happening.
const HEALTH = {
  Outbreaks: (life) => (life.outbreaks || []).map((each) => outbreakBlock(each, 0)),
  Laboratory: (life) => (life.laboratory || []).filter((each) => each.positive).map((each) => [each.day, each.day + 2, 1, '', diseaseTone(each.disease), 'Laboratory', `${causeName(each.disease)} found in ${each.positive} of ${each.samples} samples`]),
  Journal: (life) => (life.journal || []).map((each) => [each.day, each.day + 2, 2, '', tone({ HIGH: 3, MEDIUM: 1, LOW: 7 }[each.severity]), sentence(each.category), each.entry]),
  Vaccination: (life) => (life.vaccinated || []).map((each) => [each.day, each.day + 2, 3, '', tone(2), each.vaccine, `${exact(each.fish)} fish`]),
  Treatment: (life) => ((life.lice || {}).treated || []).map((each) => [each.day, each.day + 2, 4, '', tone(4), sentence(each.method), treatmentMark(each)[2]]),
};

function healthPanel(host, batch, life, shared) {
  const told_ = Object.values(HEALTH).flatMap((lane) => lane(life));
  if (!told_.length) { if (!whole.outbreaks) host.append(absent('health')); return; }
  chart(host, { title: 'Health', note: 'what ailed the fish, what was found, written down and done', height: 34 + 5 * 22, lanes: Object.keys(HEALTH), shared, quiet: true, layers: [{ kind: 'lanes', points: told_ }] });
  if (life.welfare) chart(host, { title: 'Welfare', note: 'mean score of the fish looked at, 0 none to 3 severe', height: 110, least: 0, shared, quiet: true, say: (value) => number(value), axis: (tick) => number(tick), layers: [
    { kind: 'line', name: 'mean score', strong: true, tone: tone(6), points: points(life.welfare, weekMiddle), reach: 16 }] });
  if (life.journal) host.append(el('details', { class: 'journal' }, el('summary', {}, `The journal: ${life.journal.length} entries`), el('table', {}, el('tbody', {}, life.journal.map((each) => el('tr', {},
    el('td', {}, dateText(each.day)), el('td', {}, sentence(each.category)), el('td', {}, each.entry)))))));
}

const LIFE_PANELS = [stripPanel, weightPanel, countPanel, lossPanel, healthPanel, licePart, waterPanel, feedPanel];
