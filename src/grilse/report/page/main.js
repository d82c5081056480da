// The page: head, sections in order, theme, and what changes while it is printed.

const THEMES = ['auto', 'light', 'dark'];
const PAPER_WIDTH = 700;

function headOf() {
  const { about, filling, company, checks } = whole;
  const standing = Object.fromEntries(((company && company.standing) || []).map((row) => [row.status, row]));
  const total = (name) => Object.values(standing).reduce((before, row) => before + (row[name] || 0), 0);
  const harvested = company ? company.harvest.reduce((before, row) => before + row.tonnes, 0) : 0;
  const fed = company ? company.fed.reduce((before, row) => before + [...sum([row.tonnes]).values()].reduce((a, b) => a + b, 0), 0) : 0;
  const tiles = [
    ['Batches', exact(about.batches), company ? ['ACTIVE', 'COMPLETED', 'PLANNED'].filter((status) => standing[status]).map((status) => `${exact(standing[status].batches)} ${words(status)}`).join(', ') : `${dateText(about.first)} – ${dateText(about.last)}`],
    ['Reserved', percent(filling.told.overall), filling.told.steady ? 'in the steady window' : 'over the whole plan'],
    total('fish') ? ['Alive', `${short(total('fish'))} fish`, `${exact(total('tonnes'))} t`] : null,
    harvested ? ['Harvested', `${exact(harvested)} t`, 'live weight, in all'] : null,
    fed ? ['Fed', `${exact(fed)} t`, 'in all'] : null,
    about.rows !== null ? ['Rows', short(about.rows), `seed ${about.seed}`] : null,
    checks ? ['Checks', `${checks.passed} of ${checks.judged}`, checks.passed === checks.judged ? 'all passed' : `${checks.judged - checks.passed} failed`, checks.passed === checks.judged ? null : 'bad'] : null,
  ].filter(Boolean);
  const theme = el('button', { type: 'button', class: 'theme', onclick: () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme || 'auto') + 1) % THEMES.length];
    document.documentElement.dataset.theme = next;
    theme.textContent = `Theme: ${next}`;
  } }, 'Theme: auto');
  byId('head').append(el('div', { class: 'title' }, el('h1', {}, about.name), el('p', {}, `${about.farm} farm, as of ${dateText(about.as_of)}. All data are synthetic.`)),
    el('div', { class: 'buttons' }, theme, el('button', { type: 'button', onclick: () => window.print() }, 'Print')),
    el('div', { class: 'facts tiles' }, tiles.map(([name, value, note, mark]) => el('div', { class: mark }, el('span', {}, name), el('b', {}, value), el('small', {}, note)))));
}

function footOf() {
  const { about } = whole;
  add(byId('foot'), [`Made by Grilse ${about.version} of schedule ${about.schedule.slice(0, 12)}, seed ${about.seed}, policy ${about.policy}. Synthetic data: no fish, farm or company here is an actual one. `,
    about.drawn < about.batches ? `${exact(about.drawn)} of ${exact(about.batches)} batches are drawn, of each geography evenly; totals are of all. ` : '',
    about.state && about.state !== 'complete' ? `The dataset is ${about.state}: some batches are missing. ` : '']);
}

async function start() {
  if (!window.DecompressionStream) byId('main').append(el('p', { class: 'absent' }, 'This browser is too old to unpack the page’s data (it lacks DecompressionStream); any browser of 2023 or later shows all of it.'));
  const seenOf = new Map();
  whole.plan.batches.forEach((batch) => {
    batch.tone = seenOf.get(batch.geography) || 0;
    seenOf.set(batch.geography, batch.tone + 1);
    batch.stands = (whole.standing || {})[batch.number] || null;
  });
  let chooseBatch = null;
  const choose = (batch) => chooseBatch && chooseBatch(batch);
  const sections = [
    ['plan', 'The plan', (host) => planSection(host, choose)],
    ...(whole.company ? [
      ['company', 'The company', companySection], ['areas', 'The areas', (host) => areasSection(host, choose)],
      ['batch', 'One batch in depth', (host) => { chooseBatch = batchSection(host); }], ['checks', 'What verification found', checksSection],
    ] : []),
  ];
  headOf();
  for (const [id, title, fill] of sections) {
    const host = el('section', { id }, el('h2', {}, title));
    byId('main').append(host);
    byId('nav').append(el('a', { href: `#${id}` }, title));
    fill(host);
  }
  footOf();
  document.documentElement.dataset.ready = 'yes';
}

function redraw() {
  for (const each of charts) each.draw();
  for (const map of document.querySelectorAll('.map-box')) map.drawAgain();
}

window.addEventListener('beforeprint', () => { paperWidth = PAPER_WIDTH; paperMaps(true); redraw(); });
window.addEventListener('afterprint', () => { paperWidth = null; paperMaps(false); redraw(); });
start();
