/** The map: land in dots, and a marker for each POP with what it serves. */
import { POP_NAMES, POPS, type PopName, type PopPlace } from '../layout.ts';
import type { PopStatus } from '../status.ts';
import { element } from './element.ts';
import { isLand } from './land.ts';
import { ageText, type PopState, popState, popStateText, versionText } from './wording.ts';

/** What the map shows of the earth (degrees), longitude on x and latitude on y, equally spaced. */
const WEST = -168;
const EAST = 180;
const NORTH = 74;
const SOUTH = -48;
const STEP = 2;

export function drawMap(): void {
  const svg = element('land');
  svg.setAttribute('viewBox', `0 0 ${EAST - WEST} ${NORTH - SOUTH}`);
  const dots: string[] = [];
  for (let latitude = NORTH - STEP / 2; latitude > SOUTH; latitude -= STEP) {
    for (let longitude = WEST + STEP / 2; longitude < EAST; longitude += STEP) {
      // A line of no length has round ends: a dot.
      if (isLand(longitude, latitude)) dots.push(`M${longitude - WEST} ${NORTH - latitude}h0`);
    }
  }
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', dots.join(''));
  svg.replaceChildren(path);
  for (const name of POP_NAMES) place(element(`marker-${name}`), POPS[name]);
}

function place(marker: HTMLElement, { longitude, latitude }: PopPlace): void {
  marker.style.left = `${(100 * (longitude - WEST)) / (EAST - WEST)}%`;
  marker.style.top = `${(100 * (NORTH - latitude)) / (NORTH - SOUTH)}%`;
}

export function showOnMap(pops: readonly PopStatus[]): void {
  for (const { name, status } of pops) {
    const state: PopState = popState(status);
    element(`marker-${name}`).dataset['state'] = state;
    element(`marker-${name}-version`).textContent = versionText(status);
    element(`marker-${name}-age`).textContent = state === 'fresh' ? ageText(status) : popStateText(state, status);
  }
  element('map').setAttribute('aria-label', `Map. ${pops.map(sentence).join(' ')}`);
}

const sentence = ({ name, status }: { readonly name: PopName; readonly status: PopStatus['status'] }): string =>
  `${POPS[name].city}: ${versionText(status)}, ${popStateText(popState(status), status)}.`;
