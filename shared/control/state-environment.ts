/** One environment in the state. */
import { get, set } from './persistent-map.ts';
import type { EnvironmentState, State } from './state.ts';

/** Of a log that speaks of it. */
export function environmentIn(state: State, key: string): EnvironmentState {
  const environment = get(state.environments, key);
  if (environment === undefined) throw new Error(`the log speaks of environment ${key}, which it has not made`);
  return environment;
}

export const withEnvironment = (
  state: State,
  key: string,
  change: (environment: EnvironmentState) => EnvironmentState,
): State => ({ ...state, environments: set(state.environments, key, change(environmentIn(state, key))) });
