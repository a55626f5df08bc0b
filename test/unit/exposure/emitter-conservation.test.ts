import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Emitting, remainder, startEmitter } from './fixtures/emitting.ts';
import { type Answering, createIngestModel, LATER } from './fixtures/ingest-model.ts';
import { createKeptSpool } from './fixtures/kept-spool.ts';

type Step =
  | { readonly do: 'serve'; readonly units: readonly number[] }
  | { readonly do: 'forward'; readonly ms: number }
  | { readonly do: 'kill' | 'restart' };

// A tenth as many names as servings at the most: about a third of them come again, in any order.
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('serve' as const), units: fc.array(fc.nat(199), { maxLength: 40 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('forward' as const), ms: fc.nat(3_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'restart' as const) }) },
);

const answers = fc.array(
  fc.oneof({ weight: 5, arbitrary: fc.constant('takes') }, fc.constantFrom('lost', 'later', 'refused')),
  { maxLength: 60 },
);

const isPoison = (unit: string): boolean => unit.endsWith('13');

/** Every batch with the poison in it is refused as a whole: that is to be found by halving. */
const answeringAs =
  (script: readonly string[]): Answering =>
  ({ events }, post) => {
    const word = script[post] ?? 'takes';
    if (word === 'later') return LATER;
    if (events.some(({ unit }) => isPoison(unit)) || (word === 'refused' && events.length > 1)) {
      return { kind: 'refused', why: 'HTTP 400' };
    }
    return word === 'lost' ? 'lost' : 'takes';
  };

it('I8, B35: whatever ingest, the network and the process do, unique in = unique out, or the ledger says how many are missing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), answers, async (steps, script) => {
      const ingest = createIngestModel(answeringAs(script));
      const kept = createKeptSpool();
      const served = new Set<string>();
      let lost = 0;
      let kills = 0;
      const start = (): Emitting => startEmitter({ ingest, spool: Promise.resolve(kept.open()) });
      let life = start();
      /** Of what earlier processes lost, that which the ledger knows. */
      let before = 0;
      for (const one of [...steps, { do: 'serve', units: [200] } as const, { do: 'forward', ms: 600_000 } as const]) {
        switch (one.do) {
          case 'serve': {
            const units = one.units.map((unit) => `user-${unit}`);
            life.serve(units);
            for (const unit of units) served.add(`user:${unit}`);
            break;
          }
          case 'forward':
            await life.clock.forward(one.ms);
            break;
          case 'kill':
            await life.clock.forward(0);
            lost += remainder(life.emitter) - before;
            kills++;
            kept.kill();
            life = start();
            break;
          case 'restart': {
            const closed = life.emitter.close(5_000);
            await life.clock.forward(5_000);
            await closed;
            kept.kill();
            life = start();
            break;
          }
          default:
            one satisfies never;
        }
        await life.clock.forward(0);
        if (one.do === 'kill' || one.do === 'restart') before = remainder(life.emitter);
      }
      const arrived = new Set([...ingest.exposures.values()].map(({ unit }) => unit));
      const missing = [...served].filter((unit) => !arrived.has(unit) && !isPoison(unit));
      expect([...arrived].filter((unit) => !served.has(unit))).toEqual([]);
      expect(missing.length).toBeLessThanOrEqual(lost);
      if (kills === 0) expect(missing).toEqual([]);
      // Each kill is a number that never comes, and nothing else is.
      expect(ingest.gaps().length).toBe(kills);
      const { spilled, dropped } = life.emitter.ledger();
      expect(spilled).toBe(0);
      expect(remainder(life.emitter)).toBeLessThanOrEqual(lost);
      if ([...served].some(isPoison) && kills === 0) expect(dropped).toBeGreaterThan(0);
    }),
    { numRuns: 60, seed: 8 },
  );
}, 300_000);
