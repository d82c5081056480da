// Zooming: drag across to look closer, double-click or Escape to see all again, with Ctrl and the
// wheel to zoom where the pointer is. A group of charts shares its days and its pointer.

const LEAST_DAYS = 10;

function group(from, to) {
  const shared = {
    from, to, whole: [from, to], members: [], keepers: [],
    zoom(start, end) {
      const span = Math.min(Math.max(end - start, LEAST_DAYS), shared.whole[1] - shared.whole[0]);
      const middle = (start + end) / 2;
      shared.from = Math.min(Math.max(middle - span / 2, shared.whole[0]), shared.whole[1] - span);
      shared.to = shared.from + span;
      shared.members.forEach((member) => member.draw());
      shared.keepers.forEach((keeper) => keeper());
    },
    reset() { shared.zoom(...shared.whole); },
    by(factor, about = (shared.from + shared.to) / 2) {
      shared.zoom(about - (about - shared.from) * factor, about + (shared.to - about) * factor);
    },
    move(share) {
      const step = (shared.to - shared.from) * share;
      const room = share < 0 ? shared.whole[0] - shared.from : shared.whole[1] - shared.to;
      const taken = share < 0 ? Math.max(step, room) : Math.min(step, room);
      shared.zoom(shared.from + taken, shared.to + taken);
    },
    point(day) { shared.members.forEach((member) => member.point && member.point(day)); },
    get zoomed() { return shared.to - shared.from < shared.whole[1] - shared.whole[0] - 0.5; },
  };
  return shared;
}

// Buttons for those who do not drag.
function zoomTools(shared, label) {
  const button = (sign, title, press) => el('button', { type: 'button', title, 'aria-label': `${title}: ${label}`, onclick: press }, sign);
  const back = button('Show all', 'Show all', () => shared.reset());
  const told = el('span', { class: 'days' });
  const keep = () => {
    back.disabled = !shared.zoomed;
    told.textContent = `${dateText(shared.from)} – ${dateText(shared.to)}`;
  };
  shared.keepers.push(keep);
  keep();
  return el('span', { class: 'tools' }, told,
    button('◂', 'Earlier', () => shared.move(-0.5)), button('▸', 'Later', () => shared.move(0.5)),
    button('+', 'Closer', () => shared.by(0.5)), button('−', 'Wider', () => shared.by(2)), back);
}

// `place(event)` tells where the pointer is, in the drawing's own measure.
function brushable(node, shared, view, onHover, onClick) {
  let began = null;
  const place = (event) => {
    const box = node.getBoundingClientRect();
    const scale = box.width ? view().width / box.width : 1;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  };
  const selection = shape('rect', { class: 'selection', y: 0, visibility: 'hidden' });
  node.addEventListener('pointerdown', (event) => {
    if (event.button === 0) began = place(event);
  });
  node.addEventListener('pointermove', (event) => {
    const here = place(event);
    if (began && Math.abs(here.x - began.x) > 4) {
      if (!selection.isConnected) node.append(selection);
      if (!node.hasPointerCapture(event.pointerId)) node.setPointerCapture(event.pointerId);
      const [low, high] = [Math.min(began.x, here.x), Math.max(began.x, here.x)];
      for (const [name, value] of Object.entries({ x: low, width: high - low, height: view().height, visibility: 'visible' })) {
        selection.setAttribute(name, value);
      }
    }
    onHover(here, event);
  });
  node.addEventListener('pointerup', (event) => {
    const here = place(event);
    const from = began;
    began = null;
    selection.remove();
    if (!from) return;
    if (Math.abs(here.x - from.x) > 4) {
      const days = [view().x.back(from.x), view().x.back(here.x)].sort((a, b) => a - b);
      shared.zoom(...days);
    } else if (onClick) onClick(here);
  });
  node.addEventListener('pointercancel', () => { began = null; selection.remove(); });
  node.addEventListener('pointerleave', (event) => { if (!began) onHover(null, event); });
  node.addEventListener('dblclick', () => shared.reset());
  node.addEventListener('keydown', (event) => {
    const keys = { ArrowLeft: () => shared.move(-0.25), ArrowRight: () => shared.move(0.25),
      '+': () => shared.by(0.5), '=': () => shared.by(0.5), '-': () => shared.by(2), Escape: () => shared.reset() };
    if (keys[event.key]) { keys[event.key](); event.preventDefault(); }
  });
  node.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    shared.by(event.deltaY > 0 ? 1.25 : 0.8, view().x.back(place(event).x));
  }, { passive: false });
}

// The one tip: lines of a title and of pairs, beside the pointer.
function showTip(event, title, lines, note) {
  const tip = byId('tip');
  tip.replaceChildren(el('b', {}, title), el('table', {}, lines.map(([name, value, colour]) => el('tr', {},
    el('td', {}, colour ? el('i', { style: { background: colour } }) : null), el('td', {}, name), el('td', {}, value)))),
    note ? el('small', {}, note) : '');
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const beside = event.clientX + 16 + box.width < window.innerWidth;
  const left = beside ? event.clientX + 16 : event.clientX - 16 - box.width;
  const top = Math.min(event.clientY + 14, window.innerHeight - box.height - 6);
  Object.assign(tip.style, { left: `${Math.max(4, left)}px`, top: `${Math.max(4, top)}px` });
}

const hideTip = () => { byId('tip').hidden = true; };
