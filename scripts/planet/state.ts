/** The planet's folder: what it remembers, and where others find it. */
import { rmSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonFile, writeJsonFile } from './json-file.ts';

/** `.lockstep/planet.json` */
export interface PlanetFile {
  readonly ready: boolean;
  readonly pid: number;
  readonly environment: string;
  /** By name: `planet`, `publisher`, `ingest`, `edgekv` and each POP (`edge-iad`, …). */
  readonly urls: Readonly<Record<string, string>>;
  /** Bearer keys by who uses them. */
  readonly keys: Readonly<Record<string, string>>;
  /** The pid of each process that runs now. */
  readonly processes: Readonly<Record<string, number>>;
}

/** `LOCKSTEP_STATE` moves it, so that tests have planets of their own. */
export const stateFolder = (): string => process.env['LOCKSTEP_STATE'] ?? '.lockstep';

export const statePath = (name: string): string => join(stateFolder(), name);

export const readState = <T>(name: string): Promise<T | undefined> => readJsonFile<T>(statePath(name));

export const writeState = (name: string, value: unknown): void => writeJsonFile(statePath(name), value);

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
