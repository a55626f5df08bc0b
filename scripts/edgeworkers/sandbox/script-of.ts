/**
 * A TypeScript file of the realm as a script. What takes the types out takes longer to load than all else of a sandbox, and each has a process
 * of its own: scripts are kept in `node_modules/.cache`, by what they were made of.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { writeJsonFile } from '../../planet/json-file.ts';

const FOLDER = new URL('../../../node_modules/.cache/lockstep-realm/', import.meta.url);

const scripts = new Map<string, string>();

/** Read once. */
export function scriptOf(url: URL): string {
  const script = scripts.get(url.href) ?? keptScript(readFileSync(url, 'utf8'));
  scripts.set(url.href, script);
  return script;
}

function keptScript(source: string): string {
  const digest = createHash('sha256').update(`${process.version}\n${source}`).digest('hex');
  const file = new URL(`${digest}.json`, FOLDER);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as string;
  } catch {
    const script = stripTypeScriptTypes(source);
    writeJsonFile(fileURLToPath(file), script);
    return script;
  }
}
