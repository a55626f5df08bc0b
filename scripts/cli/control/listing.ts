/** Lists, a page at a time or all of it. */
import type { ControlClient, ControlRequest } from '../control-client.ts';
import { createProgress } from '../progress.ts';
import type { Page } from './answers.ts';
import type { ListOptions } from './options.ts';
import { listText, print } from './print.ts';

const PAGE = 50;
/** The most that the API gives at a time. */
const MAX_PAGE = 500;

export interface Listed<T> {
  readonly head: readonly string[];
  readonly row: (item: T) => readonly string[];
  /** What to say where there is nothing. */
  readonly none: string;
}

export async function list<T>(
  control: ControlClient,
  request: Pick<ControlRequest, 'path' | 'query'>,
  { json, ...wanted }: ListOptions,
  { head, row, none }: Listed<T>,
): Promise<number> {
  const page = await pageOf<T>(control, request, wanted);
  print(json, page, () => listText(head, page.items.map(row), none));
  // Beside the list, so that what reads its lines does not stumble over it.
  if (page.next !== undefined && !json) console.error(`there are more: --cursor ${page.next}, or --all`);
  return 0;
}

export async function pageOf<T>(
  control: ControlClient,
  { path, query }: Pick<ControlRequest, 'path' | 'query'>,
  { limit, cursor, all }: Pick<ListOptions, 'limit' | 'cursor' | 'all'>,
): Promise<Page<T>> {
  const ask = (size: number, after: string | undefined): Promise<Page<T>> =>
    control.must<Page<T>>({ path, query: { ...query, limit: size, cursor: after } });
  if (!all) return ask(Math.min(limit ?? PAGE, MAX_PAGE), cursor);
  const progress = createProgress();
  const items: T[] = [];
  try {
    for (let next = cursor, size = Math.min(limit ?? MAX_PAGE, MAX_PAGE); ; ) {
      const page = await ask(size, next);
      items.push(...page.items);
      if (page.next === undefined) return { items };
      next = page.next;
      progress.tell(`${items.length.toLocaleString('en')} so far`);
    }
  } finally {
    progress.end();
  }
}
