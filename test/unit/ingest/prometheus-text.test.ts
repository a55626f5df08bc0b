import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricFamily } from '../../../workers/ingest/metric-family.ts';
import { prometheusText } from '../../../workers/ingest/prometheus-text.ts';
import { readPrometheusText } from '../fixtures/prometheus-text.ts';

const family = (rest: Partial<MetricFamily> = {}): MetricFamily => ({
  ...{ name: 'lockstep_a_total', help: 'What it is.', type: 'counter', samples: [] },
  ...rest,
});

describe('metrics as text', () => {
  it('are a head and a line a sample', () => {
    const samples = [
      { labels: {}, value: 1 },
      { labels: { flag: 'a.b', variation: 'on' }, value: 0.5 },
    ];
    expect(prometheusText([family({ samples })])).toBe(
      '# HELP lockstep_a_total What it is.\n# TYPE lockstep_a_total counter\nlockstep_a_total 1\nlockstep_a_total{flag="a.b",variation="on"} 0.5\n',
    );
  });

  it('of a family without samples are its head alone', () => {
    expect(readPrometheusText(prometheusText([family()])).get('lockstep_a_total')).toMatchObject({ samples: [] });
  });

  it('B36: hold any text as a label, and are read as what was written', () => {
    const text = fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', '{', '}', ',', '=', '#', ' ', 'ü', '😀') });
    const labels = fc.dictionary(fc.constantFrom('flag', 'region', 'variation'), text);
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 });
    fc.assert(
      fc.property(fc.array(fc.record({ labels, value })), (made) => {
        const keyOf = (one: object): string => JSON.stringify(Object.entries(one).sort());
        const samples = [...new Map(made.map((one) => [keyOf(one.labels), one])).values()];
        const read = readPrometheusText(prometheusText([family({ samples })])).get('lockstep_a_total');
        expect(read?.samples.map((one) => [keyOf(one.labels), one.value])).toEqual(
          samples.map((one) => [keyOf(one.labels), one.value]),
        );
      }),
    );
  });

  it.each([
    ['no end of line', 'a 1'],
    ['a sample before its head', 'a 1\n'],
    ['a counter of another name', '# HELP a b\n# TYPE a counter\n'],
    ['a sample twice', '# HELP a b\n# TYPE a gauge\na{b="c"} 1\na{b="c"} 2\n'],
    ['a quote that is not escaped', '# HELP a b\n# TYPE a gauge\na{b="c"d"} 1\n'],
  ])('are read strictly by these tests: %s', (_what, text) => {
    expect(() => readPrometheusText(text)).toThrow();
  });
});
