/** The planet's own HTTP surface: the page, what everything is doing, and faults. For this machine alone, and without keys. */
import { Hono } from 'hono';
import { boundedJson } from '#http/bounded-json';
import { problemResponse } from '#http/problem';
import { createBroadcast } from './events.ts';
import { obeyFaultOrder, parseFaultOrder } from './fault-order.ts';
import { LINK_NAMES } from './layout.ts';
import type { PageFiles } from './page-files.ts';
import type { Planet } from './planet.ts';
import { foreignness } from './same-origin.ts';
import { linkStatuses, type PlanetStatus } from './status.ts';

export interface PlanetApp {
  readonly planet: Planet;
  readonly page: PageFiles;
  readonly status: (deadlineMs: number) => Promise<PlanetStatus>;
}

/** The page looks every second, and shows what is slow as what does not answer. */
const EACH_SECOND_MS = 900;
/** Whoever asks once would take a busy machine for a dead planet. */
const ONCE_MS = 4_000;

const MAX_ORDER_BYTES = 4 * 1024;
const MAX_ORDER_DEPTH = 2;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const FAULTS = '/planet/faults';

export function createPlanetApp({ planet, page, status }: PlanetApp): Hono {
  const events = createBroadcast(() => status(EACH_SECOND_MS));
  const app = new Hono();
  app.use(async (c, next) => {
    const foreign = foreignness(c.req.raw.headers);
    if (foreign !== undefined) return FORBIDDEN(foreign);
    await next();
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    c.header('cross-origin-resource-policy', 'same-origin');
    c.header('content-security-policy', CONTENT_SECURITY_POLICY);
    c.header('cache-control', 'no-store');
    return undefined;
  });
  for (const [path, { type, text }] of page) app.get(path, (c) => c.body(text, 200, { 'content-type': type }));
  app.get('/planet/status', async (c) => c.json(await status(ONCE_MS), 200));
  app.get('/planet/events', (c) => c.body(events.listen(), 200, { 'content-type': 'text/event-stream' }));
  app.get(FAULTS, (c) => c.json(faultsOf(planet), 200));
  app.post(FAULTS, (c) => order(c.req.raw, planet));
  app.delete(FAULTS, (c) => {
    planet.faults.heal(LINK_NAMES);
    return c.json(faultsOf(planet), 200);
  });
  app.delete(`${FAULTS}/:link{.+}`, (c) => obey({ link: c.req.param('link'), fault: 'heal' }, planet));
  app.all(FAULTS, () => METHOD_NOT_ALLOWED());
  app.notFound(() => NOT_FOUND());
  app.onError((error) => {
    console.error(error);
    return INTERNAL();
  });
  return app;
}

async function order(request: Request, planet: Planet): Promise<Response> {
  const body = await boundedJson(request, MAX_ORDER_BYTES, MAX_ORDER_DEPTH);
  if (!body.ok) return BAD(`the body must be a JSON object of at most ${MAX_ORDER_BYTES} bytes (${body.error})`);
  return obey(body.value, planet);
}

async function obey(given: unknown, planet: Planet): Promise<Response> {
  const parsed = parseFaultOrder(given);
  if (!parsed.ok) return BAD(parsed.error);
  const done = await obeyFaultOrder(parsed.value, planet, Date.now());
  return done.ok ? Response.json(done.value) : CONFLICT(done.error);
}

const faultsOf = (planet: Planet): object => ({
  faults: linkStatuses(planet).flatMap(({ name, faults }) => faults.map((fault) => ({ link: name, ...fault }))),
});

const BAD = (detail: string): Response => problemResponse({ status: 400, title: 'Bad Request', detail });
const CONFLICT = (detail: string): Response => problemResponse({ status: 409, title: 'Conflict', detail });
const FORBIDDEN = (detail: string): Response => problemResponse({ status: 403, title: 'Forbidden', detail });
const NOT_FOUND = (): Response =>
  problemResponse({
    status: 404,
    title: 'Not Found',
    detail: 'there is no such route; see /, /planet/status, /planet/events, /planet/faults',
  });
const METHOD_NOT_ALLOWED = (): Response =>
  problemResponse(
    { status: 405, title: 'Method Not Allowed', detail: `${FAULTS} takes GET, POST and DELETE` },
    { allow: 'GET, POST, DELETE' },
  );
const INTERNAL = (): Response =>
  problemResponse({
    status: 500,
    title: 'Internal Server Error',
    detail: 'the planet could not answer; see its output',
  });
