/** An environment as a set, out and in again, and where a repository and an environment have drifted apart. */
import * as z from 'zod';
import { driftFrom, type ItemSet, importOperations } from '#control/compare-set';
import { exportSet } from '#control/export-set';
import { get } from '#control/persistent-map';
import type { EnvironmentState } from '#control/state';
import { parseAuthored } from '#ruleset/write/authored-files';
import { writtenFiles } from '#ruleset/write/written-files';
import { authored } from '#schema/authored';
import { name } from '#schema/control-names';
import type { Principal } from '#schema/control-principal';
import { ok, type Result, refused } from '#schema/result';
import type { Api } from '../api.ts';
import type { ApiRefusal } from '../api-refusal.ts';
import { CHANGE_ANSWERS } from '../change-shapes.ts';
import { MAX_IMPORT } from '../read-request.ts';
import { wholeRefusal } from '../readable.ts';
import { answered, defineRoute, type Route } from '../route.ts';
import { peopleSet, prune } from '../set-shapes.ts';
import { reasons } from '../shapes.ts';
import { submitChange } from '../submit-change.ts';

const READ = { action: 'read', over: 'environment', roles: 'any' } as const;
const EDIT = { action: 'edit', over: 'namespace', roles: 'policy' } as const;

const MAX_FILES = 1_000;
const MAX_FILE_NAME = 256;

const set = {
  authored: authored.optional(),
  files: z
    .record(z.string().min(1).max(MAX_FILE_NAME), z.string())
    .refine((files) => Object.keys(files).length <= MAX_FILES, `must be ${MAX_FILES} files at most`)
    .optional()
    .describe('YAML by the name of its file, in the place of `authored`.'),
  people: peopleSet.optional().describe('What people say of items; those that it does not name keep theirs.'),
};

type SetBody = z.output<z.ZodObject<typeof set>>;

/** Mistakes in files are told with their lines. */
function setIn({ authored: given, files, people: said }: SetBody): Result<ItemSet, ApiRefusal> {
  const withPeople = said === undefined ? {} : { people: said };
  if ((given === undefined) === (files === undefined))
    return refused({ code: 'malformed', issues: [{ path: 'body', message: 'must have either authored or files' }] });
  if (given !== undefined) return ok({ authored: given, ...withPeople });
  const named = Object.entries(files ?? {}).map(([file, text]) => ({ name: file, text }));
  const read = parseAuthored(named);
  if (read.ok) return ok({ authored: read.value.authored, ...withPeople });
  const issues = read.error.slice(0, 100).map(({ path, message, file, line, column }) => ({
    ...{ path: path.join('.'), message, file, line, column },
  }));
  return refused({ code: 'malformed', issues });
}

/** All of an environment, or none of it. */
function wholeEnvironment(api: Api, principal: Principal, key: string): Result<EnvironmentState, ApiRefusal> {
  const found = get(api.control.executing.held().state.environments, key);
  const refusal = wholeRefusal(principal, key, 'read');
  if (found === undefined || refusal !== undefined) return refused({ code: 'not-found', what: 'environment', key });
  return ok(found);
}

const exportEnvironment = defineRoute({
  ...{ method: 'get', path: '/v1/environments/{environment}/export', id: 'exportEnvironment', effect: 'none' },
  ...{ tag: 'environments', access: READ },
  summary: 'Export an environment',
  description:
    'All live items, as `import` takes them: what is exported and imported again changes nothing. The archive is not among them, as it is in no file: `GET /v1/export` has it.',
  params: { environment: name },
  query: { format: z.enum(['json', 'yaml']).optional().describe('`yaml`: as files, a namespace each.') },
  answers: {
    200: {
      description: 'The set.',
      schema: z.union([
        z.object({ authored, people: peopleSet }),
        z.object({ files: z.record(z.string(), z.string()), people: peopleSet }),
      ]),
    },
  },
  handle(api, { principal, params, query }) {
    const found = wholeEnvironment(api, principal, params.environment);
    if (!found.ok) return found;
    const exported = exportSet(found.value);
    if (query.format !== 'yaml') return answered(exported);
    return answered({ files: writtenFiles(exported.authored), people: exported.people });
  },
});

const importEnvironment = defineRoute({
  ...{ method: 'post', path: '/v1/environments/{environment}/import', id: 'importEnvironment', effect: 'change' },
  ...{ tag: 'environments', access: EDIT },
  summary: 'Import into an environment',
  description:
    'Makes the items of an environment those of a set, as one change: of GitOps, the way in. What is like that already is left alone. With `prune`, what the set does not have goes to the archive; what is in the archive stays there unless the set has it.',
  params: { environment: name },
  body: {
    schema: z.strictObject({ ...set, prune, ...reasons }),
    maxBytes: MAX_IMPORT,
    example: {
      files: { 'shared.yaml': 'segments:\n  staff:\n    description: People who work here.\n    included: [u-1]\n' },
      justification: 'As in the repository.',
    },
  },
  answers: CHANGE_ANSWERS,
  handle(api, call) {
    const { authored: given, files, people: said, prune: prunes, ...why } = call.body;
    const read = setIn({ authored: given, files, people: said });
    if (!read.ok) return read;
    const found = wholeEnvironment(api, call.principal, call.params.environment);
    if (!found.ok) return found;
    const operations = importOperations(found.value, read.value, { prune: prunes, override: why.override });
    return submitChange(api, call, { operations, ...why });
  },
});

const drift = defineRoute({
  ...{ method: 'post', path: '/v1/environments/{environment}/drift', id: 'findDrift', effect: 'question' },
  ...{ tag: 'environments', access: READ },
  summary: 'Find drift',
  description: 'Where a set and an environment differ. Changes nothing.',
  params: { environment: name },
  body: {
    schema: z.strictObject(set),
    maxBytes: MAX_IMPORT,
    example: { files: { 'shared.yaml': 'segments: {}\n' } },
  },
  answers: {
    200: {
      description: 'Ids of items: `segment:staff`, or the key of a flag.',
      schema: z.object({
        missing: z.array(z.string()).describe('In the set alone.'),
        extra: z.array(z.string()).describe('In the environment alone.'),
        different: z.array(z.string()),
      }),
    },
  },
  handle(api, { principal, params, body }) {
    const read = setIn(body);
    if (!read.ok) return read;
    const found = wholeEnvironment(api, principal, params.environment);
    return found.ok ? answered(driftFrom(found.value, read.value)) : found;
  },
});

export const setRoutes: readonly Route[] = [exportEnvironment, importEnvironment, drift];
