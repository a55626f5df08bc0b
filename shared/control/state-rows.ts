/**
 * The state as rows, for a store: all of it, or those that a command changed, which are few however many there are. A value is JSON,
 * and may be as large as a whole set of flags.
 */
import { changesBetween, emptyMap, get, type PersistentMap, set, sortedEntries } from './persistent-map.ts';
import { type EnvironmentState, emptyState, type State } from './state.ts';

export interface Row {
  readonly table: Table;
  /** Unique in its table. Of what is an environment's, it starts with the environment's key and a space. */
  readonly key: string;
  /** JSON; undefined where the row is to be removed. */
  readonly value: unknown;
}

const OF_ORGANISATION = [
  ...(['projects', 'policies', 'sdkKeys', 'serviceTokens', 'webhooks', 'requests', 'retired'] as const),
] as const;
const OF_ENVIRONMENT = [
  ...(['items', 'tombstones', 'salts', 'spellings', 'layerOf', 'served'] as const),
  ...(['payload.entries', 'payload.usedBy', 'force.entries', 'force.revisions'] as const),
] as const;

export type Table = (typeof OF_ORGANISATION)[number] | 'environments' | 'pending' | (typeof OF_ENVIRONMENT)[number];

/** In an order that `stateOfRows` takes. */
export const rowsOf = (state: State): Row[] => [...rowsBetween(emptyState, state)];

/** What a store has to change. An environment's own row comes before the rows in it. */
export function* rowsBetween(before: State, after: State): Generator<Row> {
  for (const table of OF_ORGANISATION) yield* mapRows<unknown>(table, '', before[table], after[table]);
  for (const [key, is] of changesBetween(before.environments, after.environments)) {
    yield* environmentRows(key, get(before.environments, key), is);
  }
}

/** The same state again, as far as anybody can tell. */
export function stateOfRows(rows: Iterable<Row>): State {
  let state = emptyState;
  const inEnvironments: Row[] = [];
  for (const row of rows) {
    if (row.table === 'environments') {
      state = { ...state, environments: set(state.environments, row.key, { ...NOTHING, ...(row.value as Head) }) };
    } else if (isOfOrganisation(row.table)) {
      state = { ...state, [row.table]: set(state[row.table] as PersistentMap<unknown>, row.key, row.value) };
    } else inEnvironments.push(row);
  }
  return withEnvironmentRows(state, inEnvironments);
}

type Head = Pick<EnvironmentState, 'key' | 'revision' | 'body' | 'payload' | 'force' | 'keys'>;
type PathTable = (typeof OF_ENVIRONMENT)[number];

const NOTHING: Omit<EnvironmentState, Exclude<keyof Head, 'keys'>> = {
  items: emptyMap(),
  tombstones: emptyMap(),
  salts: emptyMap(),
  spellings: emptyMap(),
  layerOf: emptyMap(),
  pending: [],
  served: emptyMap(),
  // Rows of before there were any have none.
  keys: { version: 0, digest: '' },
};

function withEnvironmentRows(state: State, rows: readonly Row[]): State {
  const environments = new Map(sortedEntries(state.environments).map(([key, one]) => [key, filled(one)]));
  for (const { table, key, value } of rows) {
    const space = key.indexOf(' ');
    const environment = environments.get(key.slice(0, space));
    if (environment === undefined)
      throw new Error(`a row of ${table} is of environment ${key.slice(0, space)}, which there is not`);
    const id = key.slice(space + 1);
    environments.set(
      environment.key,
      table === 'pending' ? withPending(environment, value) : withEntry(environment, table as PathTable, id, value),
    );
  }
  return {
    ...state,
    environments: [...environments].reduce((all, [key, one]) => set(all, key, one), emptyState.environments),
  };
}

const filled = (one: EnvironmentState): EnvironmentState => ({
  ...one,
  payload: { ...one.payload, entries: emptyMap(), usedBy: emptyMap() },
  force: { ...one.force, entries: emptyMap(), revisions: emptyMap() },
});

const withPending = (environment: EnvironmentState, value: unknown): EnvironmentState => ({
  ...environment,
  pending: [...environment.pending, value as EnvironmentState['pending'][number]].sort(
    (a, b) => a.generation - b.generation,
  ),
});

function withEntry(environment: EnvironmentState, table: PathTable, id: string, value: unknown): EnvironmentState {
  const entry = <V>(map: PersistentMap<V>): PersistentMap<V> => set(map, id, value as V);
  const { payload, force } = environment;
  switch (table) {
    case 'payload.entries':
      return { ...environment, payload: { ...payload, entries: entry(payload.entries) } };
    case 'payload.usedBy':
      return { ...environment, payload: { ...payload, usedBy: entry(payload.usedBy) } };
    case 'force.entries':
      return { ...environment, force: { ...force, entries: entry(force.entries) } };
    case 'force.revisions':
      return { ...environment, force: { ...force, revisions: entry(force.revisions) } };
    default:
      return { ...environment, [table]: entry(environment[table] as PersistentMap<unknown>) };
  }
}

const isOfOrganisation = (table: Table): table is (typeof OF_ORGANISATION)[number] =>
  (OF_ORGANISATION as readonly string[]).includes(table);

function* environmentRows(
  key: string,
  before: EnvironmentState | undefined,
  after: EnvironmentState | undefined,
): Generator<Row> {
  yield { table: 'environments', key, value: after && headOf(after) };
  for (const table of OF_ENVIRONMENT) yield* mapRows(table, `${key} `, mapAt(before, table), mapAt(after, table));
  const [old, next] = [new Set(before?.pending), new Set(after?.pending)];
  for (const one of old)
    if (!next.has(one)) yield { table: 'pending', key: `${key} ${one.generation}`, value: undefined };
  for (const one of next) if (!old.has(one)) yield { table: 'pending', key: `${key} ${one.generation}`, value: one };
}

function headOf({ key, revision, body, payload, force, keys }: EnvironmentState) {
  const { entries: _entries, usedBy: _usedBy, ...ofPayload } = payload;
  const { entries: _inForce, revisions: _revisions, ...ofForce } = force;
  return { key, revision, body, payload: ofPayload, force: ofForce, keys };
}

function mapAt(environment: EnvironmentState | undefined, table: PathTable): PersistentMap<unknown> {
  if (environment === undefined) return emptyMap();
  const [first, second] = table.split('.') as [keyof EnvironmentState, string?];
  const part = environment[first];
  return (second === undefined ? part : (part as unknown as Record<string, unknown>)[second]) as PersistentMap<unknown>;
}

function* mapRows<V>(table: Table, prefix: string, before: PersistentMap<V>, after: PersistentMap<V>): Generator<Row> {
  for (const [key, value] of changesBetween(before, after)) yield { table, key: `${prefix}${key}`, value };
}
