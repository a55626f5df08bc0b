import { describe, expect, it } from 'vitest';
import { HELP, readCommandLine } from '../../../workers/relay/command-line.ts';
import { readRelaySettings } from '../../../workers/relay/config/relay-settings.ts';

describe("a relay's command line", () => {
  it('names one file, or none', () => {
    expect(readCommandLine([])).toEqual({ ok: true, value: { help: false, file: 'relay-config.yaml' } });
    expect(readCommandLine(['eu.yaml'])).toEqual({ ok: true, value: { help: false, file: 'eu.yaml' } });
    expect(readCommandLine(['-h'])).toEqual({ ok: true, value: { help: true, file: 'relay-config.yaml' } });
  });

  it('is refused where it says what a relay does not know', () => {
    expect(readCommandLine(['a.yaml', 'b.yaml'])).toMatchObject({ ok: false });
    expect(readCommandLine(['--port', '80'])).toMatchObject({ ok: false, error: expect.stringContaining('--port') });
  });

  it('has help about every setting that is read', () => {
    const asked = new Set<string>();
    const environment = new Proxy<Record<string, string>>({}, { get: (_, name) => void asked.add(String(name)) });
    expect(() => readRelaySettings(environment, true)).toThrow('PUBLIC_KEYS');
    expect(asked.size).toBeGreaterThan(15);
    expect([...asked].filter((name) => !HELP.includes(name))).toEqual([]);
  });
});
