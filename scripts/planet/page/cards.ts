/** A card for each process: what it is doing, and what may be done to it. Made once and kept up to date, so that focus stays. */

import { faultText } from '../fault-text.ts';
import { endsOf, isProcess, PROCESS_NAMES, type ProcessName } from '../layout.ts';
import type { LinkStatus, OriginStatus, PlanetStatus, PopStatus, ProcessStatus } from '../status.ts';
import { targetText } from '../target-text.ts';
import { element } from './element.ts';
import { ageText, popState, popStateText, versionText } from './wording.ts';

export function showOnCards(status: PlanetStatus): void {
  // A planet may do without relays and services.
  for (const name of PROCESS_NAMES) {
    element(`card-${name}`).hidden = !status.processes.some((process) => process.name === name);
  }
  for (const process of status.processes) {
    if (isProcess(process.name)) showCard(process, factsOf(process, status), linksAt(process.name, status.links));
  }
}

interface Facts {
  readonly state: string;
  readonly tone: 'good' | 'warn' | 'bad';
  readonly headline: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

function showCard(process: ProcessStatus, { state, tone, headline, facts }: Facts, links: readonly LinkStatus[]): void {
  const card = element(`card-${process.name}`);
  card.dataset['tone'] = tone;
  part(card, 'state').textContent = state;
  part(card, 'headline').textContent = headline;
  const rows = [
    ...facts,
    ['restarts', String(process.restarts)] as const,
    ['pid', String(process.pid ?? 'none')] as const,
  ];
  part(card, 'facts').replaceChildren(
    ...rows.flatMap(([name, value]) => [textElement('dt', name), textElement('dd', value)]),
  );
  const faulty = links.filter(({ faults }) => faults.length > 0);
  part(card, 'links').replaceChildren(
    ...faulty.map(({ name, faults }) => textElement('li', `${name}: ${faults.map(faultText).join(', ')}`)),
  );
}

function factsOf({ name, state }: ProcessStatus, status: PlanetStatus): Facts {
  const { pops, origins, board, control, publisher, ingest } = status;
  if (state === 'down') return { state: 'down', tone: 'bad', headline: 'not running', facts: [] };
  const pop = pops.find((one) => `edge-${one.name}` === name);
  if (pop !== undefined) return popFacts(pop);
  for (const origin of origins) {
    if (`relay-${origin.name}` === name) return relayFacts(origin);
    if (`booking-${origin.name}` === name) return bookingFacts(origin);
  }
  if (name === 'stream') return streamFacts(board);
  if (name === 'control') return controlFacts(control);
  if (name === 'publisher') return publisherFacts(publisher);
  if (name === 'ingest') return ingestFacts(ingest);
  const headline = name === 'edgekv' ? 'Akamai EdgeKV' : 'Workers KV';
  return { state: 'running', tone: 'good', headline, facts: [] };
}

const SILENT: Facts = { state: 'no answer', tone: 'bad', headline: 'no answer', facts: [] };

function popFacts({ cloud, region, status }: PopStatus): Facts {
  if (status === null) return SILENT;
  const { refusals, storeErrors, exposures } = status;
  return {
    ...servingFacts(status),
    facts: [
      ['cloud', cloud],
      ['region', region],
      ['refusals', String(refusals)],
      ['store errors', String(storeErrors)],
      ...(exposures === undefined
        ? []
        : [['exposures', `${exposures.sent} sent, ${exposures.dropped} dropped`] as const]),
    ],
  };
}

function relayFacts({ name, region, relay }: OriginStatus): Facts {
  if (relay === null) return SILENT;
  return {
    ...servingFacts(relay),
    facts: [
      ['cloud', name],
      ['region', region],
      ['streams', `${relay.streams.sdk} of services, ${relay.streams.relay} of relays`],
      ['refusals', String(relay.refusals)],
    ],
  };
}

function bookingFacts({ name, region, booking }: OriginStatus): Facts {
  if (booking === null) return SILENT;
  return {
    ...servingFacts(booking),
    facts: [
      ['cloud', name],
      ['region', region],
    ],
  };
}

function servingFacts(status: NonNullable<OriginStatus['booking']>): Pick<Facts, 'state' | 'tone' | 'headline'> {
  const state = popState(status);
  return {
    state: state === 'stale' ? 'STALE' : popStateText(state, status),
    tone: state === 'fresh' ? 'good' : 'warn',
    headline: `${versionText(status)}, ${ageText(status)}`,
  };
}

function streamFacts(board: PlanetStatus['board']): Facts {
  if (board === null) return SILENT;
  const { version, floor, everywhere, regions } = board;
  const instances = regions.reduce((sum, one) => sum + one.instances, 0);
  return {
    state: everywhere ? 'everywhere' : 'not everywhere',
    tone: everywhere ? 'good' : 'warn',
    headline: `version ${version}, ${instances} instances`,
    facts: [['lowest in force', `version ${floor}`]],
  };
}

function controlFacts(control: PlanetStatus['control']): Facts {
  if (control === null) return SILENT;
  const { entries, signed, environments, message } = control;
  return {
    state: message === undefined ? 'running' : 'frozen',
    tone: message === undefined ? 'good' : 'warn',
    headline: message ?? `${entries} entries in the log`,
    facts: [
      ['log', `${entries} entries`],
      ['signed', `${signed} of them`],
      ...environments.map(({ environment, version, frozen }) => {
        return [environment, frozen ? `frozen at version ${version}` : `version ${version}`] as const;
      }),
    ],
  };
}

function publisherFacts(publisher: PlanetStatus['publisher']): Facts {
  if (publisher === null) return SILENT;
  const { version, entries, targets, unacknowledged } = publisher;
  // One that is pending may hold it already, and only not show it yet.
  const isBehind = targets.some(({ state }) => state !== 'written' && state !== 'pending');
  return {
    state: isBehind ? 'behind' : 'running',
    tone: isBehind ? 'warn' : 'good',
    headline: version === null ? 'nothing published' : `version ${version}, ${entries} entries`,
    facts: [
      ...targets.map((one) => [`target ${one.name}`, targetText(one)] as const),
      ['open returns', String(unacknowledged)],
    ],
  };
}

function ingestFacts(ingest: PlanetStatus['ingest']): Facts {
  if (ingest === null) return SILENT;
  const headline = `${ingest.total} exposures counted`;
  return { state: 'running', tone: 'good', headline, facts: [['in quarantine', String(ingest.quarantined)]] };
}

const linksAt = (name: string, links: readonly LinkStatus[]): readonly LinkStatus[] =>
  links.filter((link) => endsOf(link.name).some((end) => end === name));

/** Makes the cards; `order` is called with a process and what is to be done to it. */
export function makeCards(order: (process: string, fault: string) => void): void {
  const template = element('card') as HTMLTemplateElement;
  for (const name of PROCESS_NAMES) {
    const card = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    card.id = `card-${name}`;
    part(card, 'name').textContent = name;
    for (const button of card.querySelectorAll('button')) {
      const { fault = '' } = button.dataset;
      button.setAttribute('aria-label', `${button.textContent} ${name}`);
      button.addEventListener('click', () => order(name, fault));
    }
    element(placeOf(name)).append(card);
  }
}

/** The list that a process's card stands in. */
function placeOf(name: ProcessName): string {
  if (name.startsWith('edge-')) return 'pops';
  return name.startsWith('relay-') || name.startsWith('booking-') ? 'origins' : 'home';
}

function part(card: HTMLElement, name: string): HTMLElement {
  const found = card.querySelector<HTMLElement>(`[data-part="${name}"]`);
  if (found === null) throw new Error(`a card has no ${name}`);
  return found;
}

function textElement(tag: 'dt' | 'dd' | 'li', text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
