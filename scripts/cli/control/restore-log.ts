/** Gives an organisation that has nothing yet the log of one that was lost (docs/audit.md). */
import { createReadStream } from 'node:fs';
import { linesOf } from '#control/audit/lines-of';
import { printable } from '#control/audit/printable';
import { MAX_AUDIT_LEAF } from '#schema/audit-limits';
import { CommandError } from '../command-error.ts';
import type { ControlClient } from '../control-client.ts';
import { createProgress } from '../progress.ts';
import { mustConfirm } from './confirm.ts';
import type { ControlOptions } from './options.ts';
import { print } from './print.ts';
import { withControl } from './with-control.ts';

interface Restored {
  readonly entries: number;
  readonly proven: number;
}

/** Bytes beyond which a page has one line alone: a line is never divided. */
const FULL_PAGE = 4 * 1024 * 1024;
const MAX_LINE = MAX_AUDIT_LEAF + 4_096;
const DEADLINE_MS = 60_000;
const decoder = new TextDecoder();

export interface RestoreOptions {
  readonly reason: string;
  readonly unproven?: boolean;
  /** What becomes of SDK keys and service tokens. */
  readonly keys: 'keep' | 'revoke';
  readonly except: readonly string[];
}

export const restoreLog = (file: string, options: ControlOptions & RestoreOptions): Promise<number> =>
  withControl(options, async (control) => {
    const except = options.except.map(namedSecret);
    const restored = await sendAll(control, file);
    const { entries, proven } = restored;
    if (proven < entries && !options.unproven) {
      throw new CommandError(
        `${entries - proven} of ${entries} entries are covered by no checkpoint: whoever had the file may have written them. ` +
          'Nothing goes on yet; --unproven takes them all the same, `lockstep audit abandon` gives it up',
      );
    }
    const body = { ...restored, keys: options.keys, except, justification: options.reason };
    await control.must({ method: 'POST', path: '/v1/organisation/restore/finish', body, deadlineMs: DEADLINE_MS });
    print(
      options.json,
      restored,
      () => `${entries.toLocaleString('en')} entries, of which ${proven} are proven; it goes on`,
    );
    return 0;
  });

function namedSecret(text: string): { readonly kind: string; readonly key: string } {
  const [, kind = '', key = ''] = /^(sdk-key|service-token):(.+)$/.exec(text) ?? [];
  if (key === '')
    throw new CommandError(`--except: ${printable(text)} is neither sdk-key:<key> nor service-token:<key>`);
  return { kind, key };
}

/** Gives up what was begun with the wrong log. */
export const abandonRestore = (options: ControlOptions & { readonly yes?: boolean }): Promise<number> =>
  withControl(options, async (control) => {
    const { entries } = await control.must<{ readonly entries: number }>({ path: '/v1/status' });
    await mustConfirm(`All ${entries.toLocaleString('en')} entries that were taken over are forgotten.`, options.yes);
    const path = '/v1/organisation/restore/abandon';
    const given = await control.must<object>({ method: 'POST', path, body: { entries }, deadlineMs: DEADLINE_MS });
    print(options.json, given, () => `${entries.toLocaleString('en')} entries are gone; nothing was taken over`);
    return 0;
  });

async function sendAll(control: ControlClient, file: string): Promise<Restored> {
  const progress = createProgress();
  let restored: Restored = { entries: 0, proven: 0 };
  try {
    for await (const lines of pagesOf(file)) {
      restored = await control.must<Restored>({
        ...{ method: 'POST', path: '/v1/organisation/restore', lines, deadlineMs: DEADLINE_MS },
      });
      progress.tell(`${restored.entries.toLocaleString('en')} entries`);
    }
  } finally {
    progress.end();
  }
  if (restored.entries === 0) throw new CommandError(`${file} has no entries`);
  return restored;
}

/** By line feeds alone: a text in an entry may hold other separators of lines as they are. */
async function* pagesOf(file: string): AsyncGenerator<string> {
  let page: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const lines of linesOf(createReadStream(file), MAX_LINE)) {
      for (const line of lines) {
        if (size > 0 && size + line.length > FULL_PAGE) {
          yield textOf(page);
          [page, size] = [[], 0];
        }
        page.push(line);
        size += line.length + 1;
      }
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandError(`${file} cannot be read (${code})`);
  }
  if (size > 0) yield textOf(page);
}

const textOf = (lines: readonly Uint8Array[]): string => lines.map((line) => `${decoder.decode(line)}\n`).join('');
