/**
 * Which instance runs an event. The platform promises nothing: handlers of one request may run in one instance or in several, and what an
 * instance holds may be gone. Source: techdocs.akamai.com/edgeworkers/docs/specifications, "Considerations".
 */
import type { Instance } from './instance.ts';

/** `mixed`: a fresh one for every third event or so, else one of a few that live. */
export type InstancePolicy = 'fresh' | 'reused' | 'mixed';

export interface Instances {
  take(): Promise<Instance>;
  /** Made beforehand, with no event yet. */
  add(instance: Instance): void;
}

const LIVING = 3;
const FRESH_SHARE = 1 / 3;

/** `random` gives 0 to below 1. */
export function createInstances(
  create: () => Promise<Instance>,
  policy: InstancePolicy,
  random: () => number,
): Instances {
  let living: Instance[] = [];
  let making: Promise<Instance> | undefined;

  async function make(): Promise<Instance> {
    const instance = await create();
    if (living.length >= LIVING) living.splice(Math.floor(random() * living.length), 1);
    living.push(instance);
    return instance;
  }

  /** Events that come while the only one is made wait for it. */
  function makeOnce(): Promise<Instance> {
    making ??= make().finally(() => {
      making = undefined;
    });
    return making;
  }

  return {
    add: (instance) => living.push(instance),
    async take() {
      living = living.filter((instance) => !instance.isBroken());
      const unused = living.find(({ events }) => events === 0);
      switch (policy) {
        case 'fresh':
          living = [];
          return unused ?? create();
        case 'reused':
          return living[0] ?? makeOnce();
        case 'mixed':
          if (living.length === 0 || random() < FRESH_SHARE) return unused ?? make();
          return living[Math.floor(random() * living.length)] as Instance;
        default:
          return policy satisfies never;
      }
    },
  };
}
