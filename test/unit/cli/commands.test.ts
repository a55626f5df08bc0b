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
    for (const example of examples) {
      const all = wordsOf(example);
      expect(all.slice(0, words.split(' ').length).join(' ')).toBe(words);
      const fresh = leavesOf(createProgram()).find((leaf) => leaf.words === words)?.command as Command;
      const { operands, unknown } = fresh.parseOptions(all.slice(words.split(' ').length));
      expect([example, unknown]).toEqual([example, []]);
      const required = fresh.registeredArguments.filter(({ required }) => required).length;
      const isVariadic = fresh.registeredArguments.some(({ variadic }) => variadic);
      expect(operands.length).toBeGreaterThanOrEqual(required);
      if (!isVariadic) expect(operands.length).toBeLessThanOrEqual(fresh.registeredArguments.length);
      const missing = fresh.options.filter((one) => one.mandatory && fresh.opts()[one.attributeName()] === undefined);
      expect([example, missing.map(({ long }) => long)]).toEqual([example, []]);
    }
  });

  it.each(leaves)('$words takes no token, which would end in the history of a shell', ({ command }) => {
    expect(command.options.map(({ long }) => long)).not.toContain('--token');
  });
});
