// A chart over time: layers on shared days. It is drawn anew whenever its days or its width change.

const MARGIN = { left: 54, right: 14, top: 10, bottom: 22 };
const PAPER_HEIGHT = 0.74;
const charts = new Set();
let paperWidth = null; // While a page is printed: how wide the paper is, in its own measure.

// spec: title, note, height, layers, shared; log, least, most, axis and say (a value as text, at the
// axis and in the tip), paper (its share of the paper's width), left, quiet (no legend), small,
// prepare (called before each drawing).
// Layers, by kind:
//   line    points [day, value]; dashed, faint        band   points [day, low, high]
//   dots    points [day, value, scatter]              stack  series [{name, tone, points}], bars
//   marks   points [day, text]                        spans  points [from, to, text, tone]
//   level   value, text
//   lanes   points [from, to, lane, text, tone, name, told], where the spec names its lanes
function chart(host, spec) {
  const hidden = new Set();
  const figure = el('figure', { class: `chart ${spec.small ? 'small' : ''}` });
  const drawing = shape('svg', { class: 'plot', role: 'img', tabindex: '0', 'aria-label': spec.label || spec.title });
  const legend = el('div', { class: 'legend' });
  const title = el('figcaption', {}, el('b', {}, spec.title), spec.note ? el('span', {}, spec.note) : null, spec.tools || null);
  host.append(add(figure, [title, spec.quiet ? null : legend, drawing]));
  const self = { spec, figure, drawing, hidden, view: null, cross: null };
  self.draw = () => drawChart(self);
  self.point = (day) => pointChart(self, day);
  drawLegend(self, legend);
  brushable(drawing, spec.shared, () => self.view, (place, event) => hoverChart(self, place, event));
  spec.shared.members.push(self);
  charts.add(self);
  self.draw();
  watchWidth(figure, self);
  return self;
}

// What stands beside a chart, and the window, change its width; paper has a width of its own.
const widths = new ResizeObserver((entries) => requestAnimationFrame(() => entries.forEach(({ target }) => {
  if (!paperWidth && target.isConnected && Math.abs(target.clientWidth - target.drawnWidth) > 1) target.drawAgain();
})));

function watchWidth(node, self) {
  const draw = self.draw;
  self.draw = () => { node.drawnWidth = node.clientWidth; draw(); };
  node.drawAgain = () => self.draw();
  node.drawnWidth = node.clientWidth;
  widths.observe(node);
}

function forget(host) {
  for (const each of charts) if (host.contains(each.figure)) charts.delete(each);
  host.replaceChildren();
}

const keysOf = (layer) => layer.kind === 'stack' ? layer.series : layer.name ? [layer] : [];

function drawLegend(self, legend) {
  for (const layer of self.spec.layers) {
    for (const each of keysOf(layer)) {
      const key = el('button', { type: 'button', class: `key ${layer.kind} ${layer.dashed ? 'dashed' : ''} ${layer.wide ? 'wide' : ''}`, 'aria-pressed': 'true', onclick: () => {
        if (self.hidden.has(each)) self.hidden.delete(each); else self.hidden.add(each);
        key.setAttribute('aria-pressed', String(!self.hidden.has(each)));
        self.draw();
      } }, el('i', { style: { color: each.tone } }), each.name);
      legend.append(key);
    }
  }
}

const seen = (self) => self.spec.layers.filter((layer) => !self.hidden.has(layer));
const isWithin = (point, from, to) => point[0] >= from && point[0] <= to;

// Points within the days, and one more on each side, so that lines run out of the picture.
function within(all, from, to) {
  let first = all.findIndex((point) => point[0] >= from);
  if (first < 0) first = all.length;
  let last = all.length;
  while (last > first && all[last - 1][0] > to) last -= 1;
  return all.slice(Math.max(0, first - 1), last + 1);
}

function stacked(self, layer, from, to) {
  const totals = new Map();
  return layer.series.filter((each) => !self.hidden.has(each)).map((each) => ({
    ...each,
    bars: each.points.filter((point) => point[0] + layer.days > from && point[0] < to).map(([day, value]) => {
      const base = totals.get(day) || 0;
      totals.set(day, base + value);
      return [day, base, base + value];
    }),
  }));
}

function reach(self, from, to) {
  let [low, high] = [Infinity, -Infinity];
  const take = (value) => { if (value < low) low = value; if (value > high) high = value; };
  for (const layer of seen(self)) {
    if (layer.kind === 'stack') stacked(self, layer, from, to).forEach((each) => each.bars.forEach((bar) => { take(bar[2]); }));
    else if (layer.kind === 'level') { if (!layer.loose) take(layer.value); }
    else if (layer.kind === 'line' || layer.kind === 'dots' || layer.kind === 'band') {
      for (const point of within(layer.points, from, to)) {
        take(point[1]);
        if (layer.kind === 'band') take(point[2]);
      }
    }
  }
  if (!(high > -Infinity)) [low, high] = [0, 1];
  if (self.spec.log) return [Math.max(low * 0.8, 1e-6), high * 1.15];
  const least = self.spec.least ?? low - (high - low) * 0.06;
  const most = self.spec.most ?? high + (high - least) * 0.06;
  return [least, most > least ? most : least + 1];
}

function drawChart(self) {
  const { spec, drawing } = self;
  const width = paperWidth ? Math.round(paperWidth * (spec.paper || 1)) : Math.round(self.figure.clientWidth) || 640;
  const height = Math.round((spec.height || 200) * (paperWidth && !spec.small ? PAPER_HEIGHT : 1));
  const { from, to } = spec.shared;
  if (spec.prepare) spec.prepare();
  const [low, high] = reach(self, from, to);
  const left = spec.left || spec.shared.left || (spec.small ? 40 : MARGIN.left);
  const x = linear(from, to, left, width - MARGIN.right);
  const y = (spec.log ? logarithmic : linear)(low, high, height - MARGIN.bottom, MARGIN.top);
  self.view = { x, y, width, height, left };
  drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
  drawing.replaceChildren();
  const clip = `clip${clipNumber(self)}`;
  drawing.append(shape('clipPath', { id: clip }, shape('rect', { x: left, y: 0, width: Math.max(0, width - MARGIN.right - left), height: height - MARGIN.bottom + 1 })));
  drawAxes(self, low, high);
  const body = shape('g', { 'clip-path': `url(#${clip})` });
  for (const layer of seen(self)) DRAWN[layer.kind](body, layer, self);
  drawing.append(body);
  self.cross = shape('line', { class: 'cross', y1: MARGIN.top - 4, y2: height - MARGIN.bottom, visibility: 'hidden' });
  drawing.append(self.cross);
}

const clipNumbers = new WeakMap();
let clips = 0;
function clipNumber(self) {
  if (!clipNumbers.has(self)) clipNumbers.set(self, clips += 1);
  return clipNumbers.get(self);
}

function drawAxes(self, low, high) {
  const { spec, drawing, view: { x, y, width, height, left } } = self;
  const axes = shape('g', { class: 'axes' });
  if (spec.lanes) spec.lanes.forEach((name, lane) => axes.append(shape('text', { x: left - 6, y: laneTop(self, lane) + laneHeight(self) / 2 + 3.5, 'text-anchor': 'end' }, name),
    shape('rect', { class: 'lane', x: left, y: laneTop(self, lane) + 1, width: width - MARGIN.right - left, height: laneHeight(self) - 2 })));
  const count = Math.max(2, Math.round((height - 30) / 34));
  const ticks = spec.lanes ? [] : spec.log ? powerTicks(low, high) : valueTicks(low, high, count);
  ticks.forEach((tick) => {
    axes.append(shape('line', { class: tick === 0 ? 'base' : 'grid', x1: left, x2: width - MARGIN.right, y1: y(tick), y2: y(tick) }));
    axes.append(shape('text', { x: left - 6, y: y(tick) + 3.5, 'text-anchor': 'end' }, (spec.axis || short)(tick)));
  });
  for (const tick of dayTicks(spec.shared.from, spec.shared.to, width - left)) {
    const place = x(tick.day);
    axes.append(shape('line', { class: tick.strong ? 'tick strong' : 'tick', x1: place, x2: place, y1: height - MARGIN.bottom, y2: height - MARGIN.bottom + 4 }));
    if (place > left + 10 && place < width - MARGIN.right - 8) axes.append(shape('text', { class: tick.strong ? 'strong' : null, x: place, y: height - 6, 'text-anchor': 'middle' }, tick.text));
  }
  drawing.append(axes);
}

// Lines break where points are further apart than they should be.
function pathOf(all, x, y, gap) {
  let path = '';
  let before = null;
  for (const [day, value] of all) {
    const joins = before !== null && day - before <= gap;
    path += `${joins ? 'L' : 'M'}${x(day).toFixed(1)} ${y(value).toFixed(1)}`;
    before = day;
  }
  return path;
}

const laneHeight = (self) => (self.view.height - MARGIN.bottom - MARGIN.top) / self.spec.lanes.length;
const laneTop = (self, lane) => MARGIN.top + lane * laneHeight(self);

const DRAWN = {
  lanes(body, layer, self) {
    const { x, left, width } = self.view;
    for (const [from, to, lane, text, colour] of layer.points) {
      const [start, end] = [Math.max(left, x(from)), Math.min(width - MARGIN.right, x(to))];
      if (end < left || start > width) continue;
      const height = layer.low ? 3 : Math.max(2, laneHeight(self) - 4);
      body.append(shape('rect', { class: layer.low ? 'tell' : 'block', x: start, y: laneTop(self, lane) + laneHeight(self) - 2 - height, width: Math.max(layer.low ? 1.5 : 3, end - start), height, fill: colour, stroke: layer.low ? null : colour }));
      if (text && !layer.low && laneHeight(self) > 11 && end - start > text.length * 6 + 6) body.append(shape('text', { class: 'within', x: start + 4, y: laneTop(self, lane) + laneHeight(self) / 2 + 4 }, text));
    }
  },
  line(body, layer, self) {
    const { x, y } = self.view;
    const shown = within(layer.points, self.spec.shared.from, self.spec.shared.to);
    const path = pathOf(shown, x, y, layer.gap || 45);
    body.append(shape('path', { class: `line ${layer.dashed ? 'dashed' : ''} ${layer.faint ? 'faint' : ''} ${layer.strong ? 'strong' : ''} ${layer.wide ? 'wide' : ''}`, d: path, stroke: layer.tone }));
  },
  band(body, layer, self) {
    const { x, y } = self.view;
    const shown = within(layer.points, self.spec.shared.from, self.spec.shared.to);
    for (const run of runs(shown, layer.gap || 45)) {
      const above = run.map((point) => `${x(point[0]).toFixed(1)} ${y(point[2]).toFixed(1)}`);
      const below = run.map((point) => `${x(point[0]).toFixed(1)} ${y(point[1]).toFixed(1)}`).reverse();
      body.append(shape('path', { class: 'band', d: `M${[...above, ...below].join('L')}Z`, fill: layer.tone }));
    }
  },
  dots(body, layer, self) {
    const { x, y } = self.view;
    const dots = layer.points.filter((point) => isWithin(point, self.spec.shared.from, self.spec.shared.to));
    for (const [day, value] of dots) {
      body.append(shape('circle', { class: 'dot', cx: x(day), cy: y(value), r: dots.length > 90 ? 2 : 2.8, stroke: layer.tone }));
    }
  },
  stack(body, layer, self) {
    const { x, y } = self.view;
    for (const each of stacked(self, layer, self.spec.shared.from, self.spec.shared.to)) {
      const bars = each.bars.map(([day, low, high]) => {
        const [start, end] = [x(day), x(day + layer.days)];
        const breadth = Math.max(0.6, end - start - (end - start > 4 ? 1 : 0));
        return `M${start.toFixed(2)} ${y(low).toFixed(1)}h${breadth.toFixed(2)}V${y(high).toFixed(1)}h${(-breadth).toFixed(2)}Z`;
      });
      body.append(shape('path', { class: 'bars', d: bars.join(''), fill: each.tone }));
    }
  },
  marks(body, layer, self) {
    const { x, height } = self.view;
    let free = -Infinity;
    for (const [day, text] of layer.points) {
      const place = x(day);
      body.append(shape('line', { class: 'mark', x1: place, x2: place, y1: MARGIN.top, y2: height - MARGIN.bottom, stroke: layer.tone }));
      if (text && place > free) {
        body.append(shape('text', { class: 'marked', x: place + 4, y: MARGIN.top + 8 }, text));
        free = place + text.length * 6 + 10;
      }
    }
  },
  spans(body, layer, self) {
    const { x, height, left, width } = self.view;
    const [top, bottom] = layer.tall ? [4, height - MARGIN.bottom - 4] : [MARGIN.top - 6, height - MARGIN.bottom];
    for (const [from, to, text, colour] of layer.points) {
      const [start, end] = [Math.max(left, x(from)), Math.min(width - MARGIN.right, x(to))];
      if (end <= start) continue;
      body.append(shape('rect', { class: layer.tall ? 'block' : 'shade', x: start, y: top, width: Math.max(0.8, end - start), height: bottom - top, fill: colour, stroke: layer.tall ? colour : null }));
      if (text && end - start > text.length * 6 + 6) body.append(shape('text', { class: 'within', x: start + 5, y: layer.tall ? (top + bottom) / 2 + 4 : top + 11 }, text));
    }
  },
  level(body, layer, self) {
    const { y, left, width } = self.view;
    body.append(shape('line', { class: 'level', x1: left, x2: width - MARGIN.right, y1: y(layer.value), y2: y(layer.value), stroke: layer.tone }));
    if (layer.text) body.append(shape('text', { class: 'marked', x: layer.early ? left + 6 : width - MARGIN.right - 4, y: y(layer.value) - 4, 'text-anchor': layer.early ? 'start' : 'end' }, layer.text));
  },
};

function runs(all, gap) {
  const found = [];
  all.forEach((point, place) => {
    if (place && point[0] - all[place - 1][0] <= gap) found[found.length - 1].push(point);
    else found.push([point]);
  });
  return found.filter((run) => run.length > 1);
}

function nearest(all, day, reach) {
  let found = null;
  for (const point of all) {
    const away = Math.abs(point[0] - day);
    if (away <= reach && (!found || away < Math.abs(found[0] - day))) found = point;
  }
  return found;
}

// What a layer says of a day: [name, value, colour] lines.
function told(self, layer, day, lane) {
  const near = (self.spec.shared.to - self.spec.shared.from) / 400;
  if (layer.kind === 'lanes') return layer.points.filter((point) => point[2] === lane && day >= point[0] - near && day <= point[1] + near).map((point) => [point[5], point[6], point[4]]);
  const say = layer.say || self.spec.say || short;
  if (layer.kind === 'stack') {
    return layer.series.filter((each) => !self.hidden.has(each)).map((each) => {
      const bar = each.points.find((point) => day >= point[0] && day < point[0] + layer.days);
      return bar && bar[1] ? [each.name, say(bar[1]), each.tone] : null;
    }).filter(Boolean);
  }
  if (layer.kind === 'marks') return layer.points.filter((point) => Math.abs(point[0] - day) <= 4).map((point) => [dateText(point[0]), point[2] || point[1], layer.tone]);
  if (layer.kind === 'spans') return layer.points.filter((point) => day >= point[0] && day < point[1]).map((point) => [point[4] || point[2], point[5] || `to ${dateText(point[1])}`, point[3]]);
  if (!layer.points || !layer.name || layer.silent) return [];
  const point = nearest(layer.points, day, layer.reach || 5);
  if (!point) return [];
  if (layer.kind === 'band') return [[layer.name, `${say(point[1])} to ${say(point[2])}`, layer.tone]];
  const scatter = layer.kind === 'dots' && point[2] ? ` ± ${say(point[2])}` : '';
  return [[layer.name, `${say(point[1])}${scatter}${point[3] ? `, ${point[3]}` : ''}`, layer.tone]];
}

function hoverChart(self, place, event) {
  if (!place || place.x < self.view.left || place.x > self.view.width - MARGIN.right) {
    self.spec.shared.point(null);
    hideTip();
    return;
  }
  const day = self.view.x.back(place.x);
  self.spec.shared.point(day);
  const lane = self.spec.lanes ? Math.floor((place.y - MARGIN.top) / laneHeight(self)) : null;
  const lines = seen(self).flatMap((layer) => told(self, layer, day, lane));
  showTip(event, (self.spec.when || dateText)(day), lines, self.spec.lanes && self.spec.lanes[lane] ? self.spec.lanes[lane] : self.spec.small ? self.spec.title : null);
}

function pointChart(self, day) {
  const isSeen = day !== null && day >= self.spec.shared.from && day <= self.spec.shared.to;
  self.cross.setAttribute('visibility', isSeen ? 'visible' : 'hidden');
  if (isSeen) ['x1', 'x2'].forEach((name) => self.cross.setAttribute(name, self.view.x(day)));
}
