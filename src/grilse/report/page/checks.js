// What verification found: figures beside their bands, then every check.

const MARKS = { pass: ['✓', 'passed'], fail: ['✗', 'failed'], inform: ['i', 'informs'], skip: ['–', 'not made'] };

function checksSection(host) {
  const { checks } = whole;
  if (!checks) { host.append(el('p', { class: 'absent' }, 'Not shown: this report was made without verification.')); return; }
  host.append(el('p', { class: 'lead' }, `${checks.passed} of ${checks.judged} checks passed, on ${exact(checks.rows)} rows.`));
  const failed = checks.checks.filter((check) => check.verdict === 'fail');
  if (failed.length) host.append(el('div', { class: 'checks failed' }, checkGroup('failed', failed)));
  bandTable(host, checks.checks.filter((check) => check.figures.length));
  const judged = checks.checks.filter((check) => !check.figures.length);
  const groups = [...new Set(judged.map((check) => check.name.split('.')[0]))];
  const grid = el('div', { class: 'checks' });
  for (const name of groups) grid.append(checkGroup(name, judged.filter((check) => check.name.split('.')[0] === name)));
  host.append(el('h3', {}, 'Every check'), grid);
}

function checkGroup(name, checks) {
  return el('section', {}, el('h4', {}, sentence(name)), el('ul', {}, checks.map((check) => {
    const [mark, said] = MARKS[check.verdict];
    return el('li', { class: check.verdict }, el('i', { title: said, 'aria-label': said }, mark), el('span', {}, check.meaning,
      check.faults ? el(check.verdict === 'fail' ? 'b' : 'em', {}, ` ${exact(check.faults)} found`) : null, check.reason ? el('small', {}, ` ${check.reason}`) : null,
      check.examples.length ? el('ul', {}, check.examples.map((example) => el('li', {}, example))) : null));
  })));
}

function bandTable(host, checks) {
  if (!checks.length) return;
  const head = ['Figure', 'Where', 'Value', '5 to 95 %', 'Band', '', 'Batches'];
  host.append(el('h3', {}, 'Figures beside their bands', el('small', {}, ' bar: the band of the trade; line: 5 to 95 % of batches; point: the mean')),
    el('div', { class: 'scroll' }, el('table', { class: 'bands' }, el('thead', {}, el('tr', {}, head.map((name) => el('th', {}, name)))),
      el('tbody', {}, checks.flatMap((check) => check.figures.map((figure, place) => bandRow(check, figure, place === 0, check.figures.length)))))));
}

function bandRow(check, figure, isFirst, count) {
  const range = (low, high) => low === null && high === null ? '–' : `${number(low, 4)} – ${number(high, 4)}`;
  const isOut = figure.inside === false;
  return el('tr', { class: isOut ? 'outside' : null },
    isFirst ? el('td', { rowspan: count }, check.meaning.replace(/\.$/, ''), el('small', {}, ` ${figure.unit}`)) : null,
    el('td', {}, figure.group), el('td', { class: 'count' }, number(figure.value, 4), isOut ? el('b', {}, ' outside') : null), el('td', { class: 'count' }, range(figure.low, figure.high)),
    el('td', { class: 'count' }, range(figure.least, figure.most)), el('td', {}, bandDrawing(figure)), el('td', { class: 'count' }, exact(figure.batches)));
}

function bandDrawing({ value, low, high, least, most, inside }) {
  const known = [value, low, high, least, most].filter((each) => each !== null);
  if (value === null || known.length < 2) return '';
  const [from, to] = [Math.min(...known), Math.max(...known)];
  const room = (to - from) * 0.08 || 1;
  const x = linear(from - room, to + room, 0, 150);
  return shape('svg', { class: 'in-band', viewBox: '0 0 150 16', 'aria-hidden': 'true' },
    shape('rect', { class: 'allowed', x: x(least ?? from - room), width: Math.max(1, x(most ?? to + room) - x(least ?? from - room)), y: 3, height: 10 }),
    low !== null && high !== null ? shape('line', { class: 'spread', x1: x(low), x2: x(high), y1: 8, y2: 8 }) : null,
    shape('circle', { class: inside === false ? 'value out' : 'value', cx: x(value), cy: 8, r: 4 }));
}
