/** Names in EdgeKV. Source: the helper `edgekv.js` of akamai/edgeworkers-examples, and techdocs.akamai.com/edgekv/docs/limits. */
import { edgeKvProblem } from './edgekv-problem.ts';

export interface ItemPath {
  readonly namespace: string;
  readonly group: string;
  readonly item: string;
}

const NAMESPACE = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,31}$/;
const GROUP = /^[A-Za-z0-9_-]{1,128}$/;
const ITEM = /^[A-Za-z0-9_-]{1,512}$/;

/** What is wrong with them; undefined where nothing is. */
export function wrongNames({ namespace, group, item }: Partial<ItemPath>): Response | undefined {
  if (namespace !== undefined && !NAMESPACE.test(namespace)) return wrong('Namespace');
  if (group !== undefined && !GROUP.test(group)) return wrong('Group');
  if (item !== undefined && !ITEM.test(item)) return wrong('Key');
  return undefined;
}

const wrong = (what: string): Response =>
  edgeKvProblem(400, 'EKV_9000', `${what} must only use a string that matches A-Z a-z 0-9 _ or -..`);
