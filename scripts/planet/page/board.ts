/** The board: which version is in force in which region, by what its instances have said themselves. */
import type { PlanetStatus } from '../status.ts';
import { element } from './element.ts';

type Board = NonNullable<PlanetStatus['board']>;
type Region = Board['regions'][number];

export function showBoard(board: PlanetStatus['board']): void {
  element('board-summary').textContent = board === null ? 'the stream does not answer' : summaryOf(board);
  if (board !== null) element('board').replaceChildren(...board.regions.map((region) => rowOf(region, board)));
}

const summaryOf = ({ version, everywhere, floor }: Board): string =>
  everywhere
    ? `version ${version} is in force everywhere`
    : `version ${version} is not everywhere yet; lowest: ${floor}`;

function rowOf(region: Region, { version }: Board): HTMLElement {
  const row = document.createElement('tr');
  const state = stateOf(region, version);
  row.dataset['tone'] = state === 'in step' ? 'good' : 'warn';
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = region.region;
  const cells = [
    region.cloud,
    region.lowest === region.version ? String(region.version) : `${region.lowest} to ${region.version}`,
    `${(region.ageMs / 1_000).toFixed(1)} s`,
    `${region.instances - region.behind} of ${region.instances}`,
    state,
  ];
  row.append(
    name,
    ...cells.map((text) => {
      const cell = document.createElement('td');
      cell.textContent = text;
      return cell;
    }),
  );
  return row;
}

function stateOf({ lowest, behind, stale }: Region, version: number): string {
  if (behind > 0 || lowest < version) return stale > 0 ? 'behind, STALE' : 'behind';
  return stale > 0 ? 'STALE' : 'in step';
}
