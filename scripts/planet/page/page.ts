/** The planet's page: shows what the planet says of itself each second, and sends it orders. */
import type { PlanetStatus } from '../status.ts';
import { showBoard } from './board.ts';
import { makeCards, showOnCards } from './cards.ts';
import { element } from './element.ts';
import { happenings } from './happenings.ts';
import { drawMap, showOnMap } from './map.ts';

const MAX_NEWS = 15;

let last: PlanetStatus | undefined;

function show(status: PlanetStatus): void {
  const { environment, publisher } = status;
  element('environment').textContent = environment;
  element('in-force').textContent =
    publisher === null
      ? 'the publisher does not answer'
      : publisher.version === null
        ? 'nothing is published yet'
        : `version ${publisher.version} in force`;
  connection('live');
  showOnMap(status.pops);
  showBoard(status.board);
  showOnCards(status);
  for (const news of happenings(last, status)) tell(news);
  last = status;
}

/** One more line of what happened; the newest stands first. */
function tell(text: string): void {
  const line = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString();
  line.append(time, ` ${text}`);
  const news = element('news');
  news.prepend(line);
  while (news.childElementCount > MAX_NEWS) news.lastElementChild?.remove();
}

function connection(state: 'live' | 'lost'): void {
  const shown = element('connection');
  if (shown.dataset['state'] === state) return;
  shown.dataset['state'] = state;
  shown.textContent = state === 'live' ? 'live' : 'the planet does not answer: npm start';
}

async function send(method: 'POST' | 'DELETE', body?: object): Promise<void> {
  try {
    const init = { method, headers: { 'content-type': 'application/json' } };
    const response = await fetch('/planet/faults', body === undefined ? init : { ...init, body: JSON.stringify(body) });
    if (!response.ok) tell(((await response.json()) as { readonly detail: string }).detail);
  } catch {
    connection('lost');
  }
}

drawMap();
makeCards((link, fault) => void send('POST', { link, fault }));
element('heal-all').addEventListener('click', () => void send('DELETE'));
const events = new EventSource('/planet/events');
events.addEventListener('message', ({ data }) => show(JSON.parse(String(data)) as PlanetStatus));
events.addEventListener('error', () => connection('lost'));
