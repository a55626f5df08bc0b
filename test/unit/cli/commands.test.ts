import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../scripts/cli/create-program.ts';

/** A command, and the words by which it is called. */
interface Leaf {
  readonly words: string;
  readonly command: Command;
}

const leavesOf = (command: Command, words: readonly string[] = []): Leaf[] =>
  command.commands.length === 0
    ? [{ words: words.join(' '), command }]
    : command.commands.flatMap((one) => leavesOf(one, [...words, one.name()]));

const leaves = leavesOf(createProgram());

/** As a shell takes it apart; what is redirected is not the command's. */
const wordsOf = (line: string): string[] =>
  [...line.replace(/ >.*$/, '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? (bare as string));

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

const examplesOf = (command: Command): string[] =>
  [...helpOf(command).matchAll(/^ {2}\$ lockstep (.+)$/gm)].map(([, line]) => line as string);

/** The command that takes a line as it stands, its arguments and options all there and none too many. */
function takenBy(line: string): string {
  const all = wordsOf(line);
  const { words, command } = leavesOf(createProgram()).find((leaf) =>
    `${all.join(' ')} `.startsWith(`${leaf.words} `),
  ) as Leaf;
  const { operands, unknown } = command.parseOptions(all.slice(words.split(' ').length));
  expect([line, unknown]).toEqual([line, []]);
  const { registeredArguments: takes, options } = command;
  expect(operands.length).toBeGreaterThanOrEqual(takes.filter(({ required }) => required).length);
  if (!takes.some(({ variadic }) => variadic)) expect(operands.length).toBeLessThanOrEqual(takes.length);
  const missing = options.filter((one) => one.mandatory && command.opts()[one.attributeName()] === undefined);
  expect([line, missing.map(({ long }) => long)]).toEqual([line, []]);
  return words;
}

describe('every command', () => {
  it('is there: those of the control plane too', () => {
    const groups = new Set(leaves.map(({ words }) => words.split(' ')[0]));
    for (const one of [
      'flags',
      'segments',
      'layers',
      'holdouts',
      'projects',
      'environments',
      'policies',
      'cr',
      'audit',
    ])
      expect(groups).toContain(one);
    expect(leaves.length).toBeGreaterThan(60);
  });

  it.each(leaves)('$words has examples, which it takes', ({ words, command }) => {
    const examples = examplesOf(command);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(takenBy(example)).toBe(words);
  });

  it.each(leaves)('$words takes no token, which would end in the history of a shell', ({ command }) => {
    expect(command.options.map(({ long }) => long)).not.toContain('--token');
  });
});

describe('docs/cli.md', () => {
  const text = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block as string);
  const lines = blocks
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => line.replace(/ +#.*$/, '').split(' && '))
    .filter((line) => line.startsWith('lockstep '));

  it.each(lines)('%s: there is such a command, and it takes that', (line) => {
    takenBy(line.slice('lockstep '.length));
  });

  it('shows something of every group', () => {
    const groups = ['flags', 'cr', 'changes', 'preview', 'export', 'import', 'drift', 'projects', 'policies', 'found'];
    for (const group of [...groups, 'keys', 'tokens', 'webhooks', 'audit', 'whoami'])
      expect(lines.filter((line) => line.startsWith(`lockstep ${group}`))).not.toEqual([]);
  });
});
