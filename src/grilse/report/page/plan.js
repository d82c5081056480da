// The plan: the map with its controls, how full every group is over time, and what bounds it.

function planSection(host, onChoose) {
  const { about, filling } = whole;
  const shared = group(about.first, about.last);
  host.append(el('p', { class: 'lead' }, planWords()));
  const map = mapWithControls(host, shared, onChoose);
  host.append(el('h3', {}, 'How full each group is', el('small', {}, ` share of its containers reserved, week by week`)));
  const over = group(about.first, about.last);
  for (const name of whole.plan.geographies) {
    const groups = filling.groups.filter((each) => each.geography === name);
    if (!groups.some((each) => each.weeks.length)) continue;
    const grid = el('div', { class: 'grid thirds' });
    host.append(el('h4', {}, name), grid);
    groups.forEach((each) => saturationChart(grid, each, over));
  }
  host.append(boundNotes(), el('div', { class: 'paper-only', id: 'paper-maps' }));
  return map;
}

const stageName = (key) => ({ egg_alevin: 'Egg & alevin', post_smolt: 'Post-smolt' })[key] || sentence(key);
const groupName = (name) => name.split(', ').map((part, place) => place ? stageName(part).toLowerCase() : part).join(', ');

function planWords() {
  const { filling: { told, bound } } = whole;
  const says = [`${percent(told.overall)} of the farm’s ${exact(told.containers)} containers are reserved ${windowWords(told)}; ${percent(told.ever_used)} are ever used.`];
  if (bound && bound.bottleneck) {
    says.push(` The bottleneck is ${groupName(bound.bottleneck)}: it bears a start every ${bound.least_stagger} days`);
    says.push(bound.stagger ? `; this plan starts a batch every ${bound.stagger}.` : '.');
  }
  return says.join('');
}

const windowWords = ({ steady, window: [from, to] }) => steady ? `in the steady window, ${dateText(from)} to ${dateText(to)}` : `over the whole plan, ${dateText(from)} to ${dateText(to)} (too short to be steady)`;

function mapWithControls(host, shared, onChoose) {
  const controls = el('div', { class: 'controls' });
  const note = el('span', { class: 'note' });
  const box = el('div', { class: 'screen-only' });
  host.append(controls, box);
  const map = planMap(box, { shared, onChoose });
  const tell = () => {
    note.textContent = `${map.rows.length} of ${map.total} ${map.sea ? 'areas' : 'halls'} shown`;
    roomy.setAttribute('aria-pressed', String(map.lane > 2));
  };
  const pick = (change) => () => { change(); map.gather(); tell(); };
  const places = el('span', { class: 'choice', role: 'group', 'aria-label': 'Where' });
  whole.plan.geographies.forEach((name, geography) => SITES.forEach((site, sea) => {
    if (!whole.plan.batches.some((batch) => batch.geography === name)) return;
    const button = el('button', { type: 'button', 'aria-pressed': String(geography === map.geography && Boolean(sea) === map.sea), onclick: () => {
      places.querySelectorAll('button').forEach((each) => each.setAttribute('aria-pressed', String(each === button)));
      pick(() => { map.geography = geography; map.sea = Boolean(sea); })();
    } }, `${name} · ${site}`);
    places.append(button);
  }));
  const roomy = el('button', { type: 'button', onclick: pick(() => { map.lane = map.lane > 2 ? 2 : 5; }) }, 'Taller');
  const empty = el('input', { type: 'checkbox', onchange: pick(() => { map.empty = empty.checked; }) });
  controls.append(places, roomy, el('label', {}, empty, ' places never used'), note, zoomTools(shared, 'plan'));
  places.querySelector('button[aria-pressed="true"]') || places.querySelector('button')?.click();
  tell();
  host.append(el('p', { class: 'hint' }, 'Drag across to look closer; double-click to see all; Ctrl and wheel to zoom. Colours tell neighbours apart and mean nothing else. Pale beyond the dashed line: reserved after the as-of day; hollow: reserved, and empty since the harvest.'));
  return map;
}

// On paper there is no choosing: every geography is drawn, on land and at sea.
function paperMaps(isOn) {
  const host = byId('paper-maps');
  if (!host) return;
  host.replaceChildren();
  if (!isOn) return;
  for (const sea of [true, false]) {
    whole.plan.geographies.forEach((name, geography) => {
      const part = el('div', { class: 'paper-map' }, el('h4', {}, `${name}, ${SITES[Number(sea)].toLowerCase()}`));
      const shared = group(whole.about.first, whole.about.last);
      const lanes = whole.plan.places.filter((place) => place.geography === geography && place.sea === sea).reduce((total, place) => total + place.lanes.length, 0);
      const map = planMap(part, { shared, geography, sea, lane: Math.min(2, 600 / Math.max(1, lanes)), onChoose() {} });
      if (map.bars.length) host.append(part);
    });
  }
}

function saturationChart(host, each, shared) {
  const first = whole.filling.first_week;
  const all = each.weeks.map((share, place) => [weekMiddle(first + place), share]);
  const area = { kind: 'band', points: [], tone: tone(0), silent: true };
  const swing = { kind: 'band', points: [], tone: tone(0), silent: true };
  const line = { kind: 'line', name: 'reserved', points: [], tone: tone(0), reach: 60, gap: 400, say: (share) => `${number(share)} %` };
  const layers = [
    { kind: 'spans', points: [[...whole.filling.told.window, '', 'var(--shade)', whole.filling.told.steady ? 'steady window' : 'whole plan']] },
    area, swing, line,
    { kind: 'marks', points: [[whole.about.as_of, '', 'as of']], tone: 'var(--ink-2)' },
  ];
  if (each.bound !== null) layers.push({ kind: 'level', value: 100 * each.bound, tone: tone(3), text: `bound ${percent(each.bound, 0)}` });
  chart(host, {
    title: stageName(each.stage), label: `${each.geography}, ${each.stage}`, note: `${percent(each.share)} of ${exact(each.containers)} containers`,
    small: true, quiet: true, paper: 0.32, height: 104, least: 0, most: 112, axis: (tick) => `${tick} %`, layers, shared,
    prepare: () => {
      const means = binned(all.filter((point) => isWithin(point, shared.from - 7, shared.to + 7)), 60);
      line.points = means.map(([day, mean]) => [day, mean]);
      area.points = means.map(([day, mean]) => [day, 0, mean]);
      swing.points = means.map(([day, , least, most]) => [day, least, most]);
    },
  });
}

// At most so many points, each the mean of its stretch with its least and most: a week's ups and
// downs drawn a hundred to the inch are a blot.
function binned(all, most) {
  const size = Math.max(1, Math.ceil(all.length / most));
  const found = [];
  for (let place = 0; place < all.length; place += size) {
    const part = all.slice(place, place + size);
    const values = part.map((point) => point[1]);
    found.push([(part[0][0] + part[part.length - 1][0]) / 2, values.reduce((a, b) => a + b, 0) / values.length, Math.min(...values), Math.max(...values)]);
  }
  return found;
}

function boundNotes() {
  const { bound } = whole.filling;
  if (!bound) return el('p', { class: 'hint' }, 'What the farm bears by this plan’s policy cannot be told.');
  return el('details', {}, el('summary', {}, `The bound: ${percent(bound.saturation)} of the farm at most by this policy`),
    el('ul', {}, bound.words.map((line) => el('li', {}, line))));
}
