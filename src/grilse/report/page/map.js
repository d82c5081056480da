// The map of the plan: places down, each with its containers as lanes; time across; who holds what.

const GUTTER = 128;
const GAP = 5;
const BOX_PADDING = 12;
const SITES = ['Land', 'Sea'];

// spec: shared, onChoose(batch), lane (height of a lane)
function planMap(host, spec) {
  const self = {
    spec, geography: spec.geography || 0, sea: spec.sea !== false, lane: spec.lane || 2, empty: false,
    axis: shape('svg', { class: 'plot axis', 'aria-hidden': 'true' }),
    drawing: shape('svg', { class: 'plot map', role: 'img', tabindex: '0', 'aria-label': 'Who holds which container, and when' }),
    lit: null, rows: [], bars: [], view: null,
  };
  self.box = el('div', { class: 'map-box' }, self.axis, self.drawing);
  host.append(self.box);
  self.draw = () => drawMap(self);
  self.gather = () => { gatherMap(self); self.draw(); };
  brushable(self.drawing, spec.shared, () => self.view, (place, event) => hoverMap(self, place, event), (place) => {
    const bar = barAt(self, place);
    if (bar) spec.onChoose(bar.batch);
  });
  spec.shared.members.push(self);
  self.gather();
  watchWidth(self.box, self);
  return self;
}

function gatherMap(self) {
  const { plan } = whole;
  const used = new Map();
  self.bars = [];
  for (const batch of plan.batches) {
    batch.stays.forEach(([stage, from, to, held], stay) => {
      for (const [place, first, last] of held) {
        const there = plan.places[place];
        if (there.geography !== self.geography || there.sea !== self.sea) continue;
        used.set(place, true);
        self.bars.push({ batch, stay, stage, place, first, last, from, to, ended: endOf(batch, stay) });
      }
    });
  }
  self.rows = [];
  plan.places.forEach((place, number) => {
    const belongs = place.geography === self.geography && place.sea === self.sea;
    if (belongs && (self.empty || used.has(number))) self.rows.push({ place, number });
  });
  self.total = plan.places.filter((place) => place.geography === self.geography && place.sea === self.sea).length;
}

// The day on which the last fish left, where that is known and comes before the stay's end.
function endOf(batch, stay) {
  const ended = batch.stands && batch.stands.ended;
  const [, from, to] = batch.stays[stay];
  return ended && stay === batch.stays.length - 1 && ended >= from && ended < to ? ended : null;
}

function drawMap(self) {
  const width = paperWidth || Math.round(self.box.clientWidth - BOX_PADDING) || 900;
  const { from, to } = self.spec.shared;
  const x = linear(from, to, GUTTER, width - 8);
  let top = 4;
  self.tops = new Map();
  for (const row of self.rows) {
    row.top = top;
    row.height = Math.max(row.place.lanes.length * self.lane, paperWidth ? 7 : 12);
    row.lane = row.height / row.place.lanes.length;
    self.tops.set(row.number, row);
    top += row.height + GAP;
  }
  const height = Math.max(top, 40);
  self.view = { x, width, height };
  self.axis.setAttribute('viewBox', `0 0 ${width} 20`);
  self.drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
  drawMapAxis(self, x, width);
  drawMapRows(self, x, width, height);
}

function drawMapAxis(self, x, width) {
  self.axis.replaceChildren();
  for (const tick of dayTicks(self.spec.shared.from, self.spec.shared.to, width - GUTTER)) {
    self.axis.append(shape('text', { class: tick.strong ? 'strong' : null, x: x(tick.day), y: 14, 'text-anchor': x(tick.day) > width - 30 ? 'end' : 'middle' }, tick.text));
  }
}

function drawMapRows(self, x, width, height) {
  const { from, to } = self.spec.shared;
  const { drawing } = self;
  drawing.replaceChildren();
  for (const row of self.rows) {
    drawing.append(shape('rect', { class: 'lane', x: GUTTER, y: row.top, width: width - 8 - GUTTER, height: row.height }));
    drawing.append(shape('text', { x: GUTTER - 8, y: row.top + row.height / 2 + 3.5, 'text-anchor': 'end' }, shape('title', {}, row.place.name), cut(row.place.name)));
  }
  for (const tick of dayTicks(from, to, width - GUTTER)) drawing.append(shape('line', { class: 'grid', x1: x(tick.day), x2: x(tick.day), y1: 0, y2: height }));
  const names = shape('g', { class: 'names' });
  self.nodes = new Map();
  for (const bar of self.bars) drawBar(self, bar, x, names);
  const { as_of: asOf } = whole.about;
  if (asOf > from && asOf < to) {
    drawing.append(shape('rect', { class: 'future', x: x(asOf), y: 0, width: width - 8 - x(asOf), height }));
    drawing.append(shape('line', { class: 'as-of', x1: x(asOf), x2: x(asOf), y1: 0, y2: height }));
  }
  drawing.append(names);
  if (self.lit) light(self, self.lit);
}

// Names longer than the gutter keep their end, by which places of one kind differ.
const MOST_LETTERS = 19;
const cut = (name) => name.length > MOST_LETTERS ? `…${name.slice(1 - MOST_LETTERS)}` : name;

// FAR-2016-001 is 16-001 where there is room for no more: the place tells the geography.
const shortId = (id) => id.replace(/^[A-Z]{2,4}-[0-9]{2}(?=[0-9]{2}-)/, '');

function drawBar(self, bar, x, names) {
  const { from, to } = self.spec.shared;
  const row = self.tops.get(bar.place);
  if (!row || bar.to <= from || bar.from >= to) return;
  const [start, end] = [x(Math.max(bar.from, from)), x(Math.min(bar.to, to))];
  const lived = bar.ended ? Math.max(start, Math.min(end, x(bar.ended))) : end;
  const [y, height] = [row.top + bar.first * row.lane, (bar.last - bar.first) * row.lane];
  const colour = tone(bar.batch.tone);
  const group = shape('g', { class: 'bar' });
  if (end > lived) group.append(shape('rect', { class: 'unused', x: lived, y: y + 0.5, width: end - lived, height: Math.max(1, height - 1), stroke: colour }));
  group.append(shape('rect', { class: 'held', x: start, y, width: Math.max(0.7, lived - start - 0.6), height: Math.max(0.8, height - 0.6), fill: colour, stroke: colour }));
  self.drawing.append(group);
  if (!self.nodes.has(bar.batch)) self.nodes.set(bar.batch, []);
  self.nodes.get(bar.batch).push(group);
  if (height < (paperWidth ? 7 : 11)) return;
  const name = [bar.batch.id, shortId(bar.batch.id)].find((each) => end - start > each.length * (paperWidth ? 4.6 : 6) + 8);
  if (name) names.append(shape('text', { x: start + 4, y: y + height / 2 + (paperWidth ? 2.6 : 3.5) }, name));
}

function barAt(self, place) {
  const row = self.rows.find((each) => place.y >= each.top && place.y <= each.top + each.height);
  if (!row || place.x < GUTTER) return null;
  const [lane, day] = [(place.y - row.top) / row.lane, self.view.x.back(place.x)];
  const found = self.bars.find((bar) => bar.place === row.number && lane >= bar.first && lane < bar.last && day >= bar.from && day < bar.to);
  return found ? { ...found, lane: Math.floor(lane), day } : null;
}

function hoverMap(self, place, event) {
  const bar = place && barAt(self, place);
  light(self, bar ? bar.batch : null);
  if (!bar) { hideTip(); return; }
  showTip(event, bar.batch.id, cardLines(bar), 'Click to see the batch in depth.');
}

function light(self, batch) {
  if (self.lit && self.nodes.get(self.lit)) self.nodes.get(self.lit).forEach((node) => node.classList.remove('lit'));
  self.lit = batch;
  self.drawing.classList.toggle('dimmed', Boolean(batch));
  if (batch && self.nodes.get(batch)) self.nodes.get(batch).forEach((node) => node.classList.add('lit'));
}

function laneNames(place, first, last) {
  const { lanes } = whole.plan.places[place];
  return last - first === 1 ? lanes[first] : `${lanes[first]} to ${lanes[last - 1]} (${last - first})`;
}

function cardLines({ batch, stage, place, first, last, from, to, day, ended }) {
  const stage_ = whole.plan.stages[stage];
  const lines = [
    ['Stage', `${stage_.name}, day ${Math.floor(day - batch.start)} of life`],
    ['Where', whole.plan.places[place].name],
    ['Containers', laneNames(place, first, last)],
    ['Reserved', `${dateText(from)} – ${dateText(to)}, ${to - from} d`],
  ];
  if (ended) lines.push(['Empty from', dateText(ended)]);
  lines.push(['Eggs', `${exact(batch.eggs)} on ${dateText(batch.start)}`]);
  lines.push(['Station', `${batch.station}, ${batch.geography}`]);
  if (batch.target) lines.push(['Harvest at', `${number(batch.target)} kg`]);
  if (batch.stands) lines.push(['Stands', standsText(batch.stands)]);
  return lines;
}

function standsText(stands) {
  if (stands.status === 'ACTIVE') return `${short(stands.fish)} fish of ${grams(stands.grams)}`;
  if (stands.status === 'COMPLETED') return `harvested, at ${grams(stands.grams)}`;
  return words(stands.status);
}
