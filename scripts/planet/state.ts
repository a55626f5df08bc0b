/** The planet's folder: what it remembers, and where others find it. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `.lockstep/planet.json` */
export interface PlanetFile {
  readonly ready: boolean;
  readonly pid: number;
  readonly environment: string;
  /** By name: `planet`, `publisher`, `ingest` and each POP (`edge-iad`, …). */
  readonly urls: Readonly<Record<string, string>>;
  /** Bearer keys by who uses them. */
  readonly keys: Readonly<Record<string, string>>;
  /** The pid of each process that runs now. */
  readonly processes: Readonly<Record<string, number>>;
}

/** `LOCKSTEP_STATE` moves it, so that tests have planets of their own. */
export const stateFolder = (): string => process.env['LOCKSTEP_STATE'] ?? '.lockstep';

export const statePath = (name: string): string => join(stateFolder(), name);

export async function readState<T>(name: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(statePath(name), 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/**
 * Written aside and renamed: whoever reads sees the old file or the new one. At once, so that no write is under way when the
 * process ends and takes its files with it.
 */
export function writeState(name: string, value: unknown): void {
  mkdirSync(stateFolder(), { recursive: true });
  const aside = `${statePath(name)}.${process.pid}.tmp`;
  writeFileSync(aside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(aside, statePath(name));
}

/** Takes the folder for this process; false where another has it. */
export async function takeFolder(): Promise<boolean> {
  await mkdir(stateFolder(), { recursive: true });
  try {
    await writeFile(statePath(LOCK), String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that has the folder. */
export const folderOwner = async (): Promise<number> =>
  Number(await readFile(statePath(LOCK), 'utf8').catch(() => '0'));

export const LOCK = 'lock';

export const removeState = (name: string): Promise<void> => rm(statePath(name), { recursive: true, force: true });

/** For the last moment of a process. */
export const removeStateNow = (name: string): void => rmSync(statePath(name), { force: true });
