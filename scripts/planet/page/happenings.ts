/** What is different between two looks at the planet, in sentences: only that is announced, not every second. */
import { faultText } from '../fault-text.ts';
import type { PlanetStatus } from '../status.ts';
import { popState, popStateText, versionText } from './wording.ts';

export function happenings(before: PlanetStatus | undefined, now: PlanetStatus): readonly string[] {
  if (before === undefined) return [connected(now)];
  return [
    ...linkNews(before, now),
    ...processNews(before, now),
    ...controlNews(before, now),
    ...publisherNews(before, now),
    ...popNews(before, now),
    ...boardNews(before, now),
  ];
}

/** Before the planet has looked at any POP, nothing is known of them, and nothing is said. */
function connected({ pops }: PlanetStatus): string {
  if (pops.every(({ status }) => status === null)) return 'connected';
  return `connected: ${pops.map(({ name, status }) => `${name} ${versionText(status)}`).join(', ')}`;
}

function boardNews({ board: was }: PlanetStatus, { board }: PlanetStatus): string[] {
  if (board === null || was === null) return [];
  if (board.everywhere === was.everywhere && board.version === was.version) return [];
  return board.everywhere ? [`version ${board.version} is in force everywhere`] : [];
}

function popNews(before: PlanetStatus, { pops }: PlanetStatus): string[] {
  return pops.flatMap(({ name, status }) => {
    const was = before.pops.find((one) => one.name === name)?.status ?? null;
    const news: string[] = [];
    if (status !== null && was?.version !== status.version) news.push(`${name} serves ${versionText(status)}`);
    const state = popState(status);
    if (popState(was) !== state) news.push(`${name}: ${popStateText(state, status)}`);
    if (was !== null && status !== null && status.refusals > was.refusals) {
      news.push(`${name} refused a ruleset: ${status.lastRefusal?.code ?? 'no reason given'}`);
    }
    return news;
  });
}

function controlNews({ control: was }: PlanetStatus, { control }: PlanetStatus): string[] {
  if (control === null || was === null || control.message === was.message) return [];
  return [control.message ?? 'config is frozen no more'];
}

function publisherNews({ publisher: was }: PlanetStatus, { publisher }: PlanetStatus): string[] {
  if (publisher === null || was === null) return [];
  const news = publisher.targets.flatMap(({ name, state, error }) => {
    const before = was.targets.find((one) => one.name === name)?.state;
    if (before === undefined || before === state || state === 'pending') return [];
    return [`target ${name}: ${state}${error === undefined ? '' : `, ${error}`}`];
  });
  return publisher.version === was.version ? news : [`version ${publisher.version} is published`, ...news];
}

function processNews(before: PlanetStatus, { processes }: PlanetStatus): string[] {
  return processes.flatMap(({ name, state, restarts }) => {
    const was = before.processes.find((one) => one.name === name);
    if (was === undefined) return [];
    if (state === 'down' && was.state !== 'down') return [`${name} is down`];
    return restarts > was.restarts ? [`${name} was started again`] : [];
  });
}

function linkNews(before: PlanetStatus, { links }: PlanetStatus): string[] {
  return links.flatMap(({ name, faults }) => {
    const was = before.links.find((one) => one.name === name)?.faults ?? [];
    const [then, now] = [was, faults].map((list) => list.map(faultText).join(', '));
    return then === now ? [] : [now === '' ? `${name} is whole again` : `${name}: ${now}`];
  });
}
