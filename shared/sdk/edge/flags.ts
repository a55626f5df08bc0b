/** The flags of one request, as a Worker's own code asks for them. */
import { createContext } from '#core/context';
import type { Decision, JsonValue } from '#core/decision';
import { evaluate } from '#core/evaluate';
import { bulkAnswer, type Evaluator } from '#http/ofrep-reply';
import { variationId } from '#ruleset/write/digest';
import type { Vouch } from './vouch.ts';

export interface Flags {
  /** The version of the ruleset that answers; 0 before any was received. */
  readonly version: number;
  /** The value served, or `otherwise` where there is none, or one of another type. Counts as an exposure. */
  value<T extends JsonValue>(key: string, otherwise: T): Widened<T>;
  /** The same with its variation, reason, rule and revision. Counts as an exposure. */
  decision(key: string): Decision;
  /** Decisions of all flags that clients may see, as OFREP's bulk evaluation answers. Counts as no exposure: the page's code knows. */
  forClient(): object;
  /** What tells pages apart that depend on these flags, for cache keys: the ids of their variations. Counts as no exposure. */
  variationKey(...keys: readonly string[]): string;
  /** Whether anything was asked for: the answer depends on who asks. */
  used(): boolean;
}

/** `false` stands for any boolean, `''` for any string. */
type Widened<T> = T extends boolean ? boolean : T extends number ? number : T extends string ? string : T;

/** `vouch`: undefined where nobody signs for what clients are told. */
export function createFlags(evaluator: Evaluator, attributes: unknown, vouch?: Vouch): Flags {
  const { ruleset, exposed } = evaluator;
  const context = createContext(attributes, evaluator.place);
  let used = false;

  function look(key: string): Decision {
    used = true;
    return evaluate(ruleset, key, context);
  }

  function decision(key: string): Decision {
    const found = look(key);
    exposed?.(key, found, context);
    return found;
  }

  return {
    version: ruleset.version,
    decision,
    value<T extends JsonValue>(key: string, otherwise: T) {
      const found = look(key);
      if (!isSameType(found.value, otherwise)) {
        // Nobody was served that variation.
        evaluator.evaluated?.([key]);
        return otherwise as Widened<T>;
      }
      exposed?.(key, found, context);
      return found.value as Widened<T>;
    },
    forClient() {
      used = true;
      const answer = bulkAnswer({ ...evaluator, clientOnly: true }, context);
      return vouch === undefined ? answer : vouch(answer, context, Date.now());
    },
    variationKey: (...keys) =>
      keys
        .map((key) => {
          const { value } = look(key);
          return value === undefined ? '-' : variationId(value);
        })
        .join('.'),
    used: () => used,
  };
}

const isSameType = (value: JsonValue | undefined, otherwise: JsonValue): boolean =>
  value !== undefined && typeOf(value) === typeOf(otherwise);

const typeOf = (value: JsonValue): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
