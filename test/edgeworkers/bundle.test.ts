import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../scripts/edgeworkers/bundle/read-bundle.ts';
import { bundleOf, MANIFEST, tgzOf } from './fixtures/bundle.ts';
import { tarEnd, tarEntry } from './fixtures/tar-entry.ts';

const MAIN = 'export function onClientRequest() {}';
const FOLDER = Array.from({ length: 17 }, () => 'folder').join('/');
const LONG = `${FOLDER}/lib.js`;

const codeOf = (tgz: Uint8Array): string => {
  try {
    readBundle(tgz);
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
  return 'taken';
};

/** Text that does not pack: a generator's bytes in hexadecimal. */
function noise(characters: number): string {
  let state = 1;
  let text = '';
  while (text.length < characters) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, characters);
}

describe('a code bundle', () => {
  it('is taken with its version, its description and all of its scripts', () => {
    expect(readBundle(bundleOf(MAIN, { 'utils/lib.js': 'export const a = 1;', 'notes.txt': 'hello' }))).toEqual({
      version: '1.2.3',
      description: 'A test',
      scripts: { 'main.js': MAIN, 'utils/lib.js': 'export const a = 1;' },
    });
  });

  it('may hold what macOS adds of its own, which is passed over', () => {
    const { scripts } = readBundle(bundleOf(MAIN, { '._main.js': 'not a script', 'utils/._lib.js': 'nor this' }));
    expect(Object.keys(scripts)).toEqual(['main.js']);
  });

  it('may have paths that start with ./, as tar makes them of a folder', () => {
    expect(codeOf(tgzOf({ './main.js': MAIN, './bundle.json': MANIFEST }))).toBe('taken');
  });

  it.each([
    ['in two fields, as POSIX has it', [tarEntry('lib.js', 'export {};', '0', FOLDER)]],
    ['before the file, as GNU has it', [tarEntry('././@LongLink', `${LONG}\0`, 'L'), tarEntry('x', 'export {};')]],
    [
      'in an extended header, as pax has it',
      [tarEntry('pax', `${LONG.length + 10} path=${LONG}\n`, 'x'), tarEntry('x', 'export {};')],
    ],
  ])('may have long paths: %s', (_, entries) => {
    const whole = [tarEntry('main.js', MAIN), tarEntry('bundle.json', MANIFEST), ...entries, tarEnd()];
    expect(readBundle(gzipSync(Buffer.concat(whole))).scripts).toEqual({ 'main.js': MAIN, [LONG]: 'export {};' });
  });

  it('EW1101: has at most 512 KB', () => {
    expect(codeOf(bundleOf(`${MAIN} // ${noise(900_000)}`))).toBe('EW1101');
    expect(codeOf(bundleOf(`${MAIN} // ${noise(400_000)}`))).toBe('taken');
  });

  it('EW1103: is packed by gzip', () => {
    expect(codeOf(new TextEncoder().encode('no gzip'))).toBe('EW1103');
    expect(codeOf(bundleOf(MAIN).slice(0, -20))).toBe('EW1103');
  });

  it('EW1104: has at most 1 MB unpacked', () => {
    expect(codeOf(bundleOf(`${MAIN} // ${' '.repeat(1_048_576)}`))).toBe('EW1104');
    expect(codeOf(bundleOf(`${MAIN} // ${' '.repeat(1_000_000)}`))).toBe('taken');
  });

  it('EW1105: is a tar archive, whole, of files that cannot be executed', () => {
    expect(codeOf(gzipSync('no tar'))).toBe('EW1105');
    expect(codeOf(gzipSync(Buffer.alloc(512, 'x')))).toBe('EW1105');
    expect(codeOf(tgzOf({ 'main.js': MAIN, 'bundle.json': MANIFEST }, { 'main.js': '755' }))).toBe('EW1105');
  });

  it('EW1106: has main.js and bundle.json', () => {
    expect(codeOf(tgzOf({ 'bundle.json': MANIFEST }))).toBe('EW1106');
    expect(codeOf(tgzOf({ 'main.js': MAIN }))).toBe('EW1106');
    expect(codeOf(tgzOf({ 'src/main.js': MAIN, 'bundle.json': MANIFEST }))).toBe('EW1106');
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no version', '{"description": "x"}'],
    ['a version that is a number', '{"edgeworker-version": 1}'],
    ['an empty version', '{"edgeworker-version": ""}'],
    ['a version of one period', '{"edgeworker-version": "."}'],
    ['a version with a space', '{"edgeworker-version": "1 0"}'],
    ['a version of 33 characters', `{"edgeworker-version": "${'1'.repeat(33)}"}`],
    ['a bundle version that is a text', '{"edgeworker-version": "1", "bundle-version": "1"}'],
    ['a description that is a number', '{"edgeworker-version": "1", "description": 1}'],
    ['misc that is a list', '{"edgeworker-version": "1", "misc": []}'],
  ])('EW1107: its manifest is refused with %s', (_, manifest) => {
    expect(codeOf(tgzOf({ 'main.js': MAIN, 'bundle.json': manifest }))).toBe('EW1107');
  });

  it('has a manifest with anything else in it', () => {
    const manifest = {
      'edgeworker-version': 'v1.0_a~b-c',
      'bundle-version': 1,
      'api-version': '0.3',
      misc: {},
      config: {},
    };
    expect(codeOf(tgzOf({ 'main.js': MAIN, 'bundle.json': JSON.stringify(manifest) }))).toBe('taken');
  });
});
