/**
 * Which methods there are in which event: elsewhere they are undefined. Sources: the tables in
 * techdocs.akamai.com/edgeworkers/docs/{request-object,response-object}.
 */
import type { EventName } from '../../event.ts';

const REQUEST_EVENTS: readonly EventName[] = ['onClientRequest', 'onOriginRequest'];
const RESPONSE_EVENTS: readonly EventName[] = ['onOriginResponse', 'onClientResponse'];
const ALL_BUT_PROVIDER: readonly EventName[] = [...REQUEST_EVENTS, ...RESPONSE_EVENTS];
const PROVIDER: readonly EventName[] = ['responseProvider'];
const ALL: readonly EventName[] = [...ALL_BUT_PROVIDER, ...PROVIDER];

export const REQUEST_METHODS: Readonly<Record<string, readonly EventName[]>> = {
  respondWith: ALL_BUT_PROVIDER,
  wasTerminated: REQUEST_EVENTS,
  getHeader: ALL,
  getHeaders: ALL,
  addHeader: REQUEST_EVENTS,
  setHeader: REQUEST_EVENTS,
  removeHeader: REQUEST_EVENTS,
  getVariable: ALL,
  setVariable: ALL_BUT_PROVIDER,
  route: ['onClientRequest'],
  cacheKey: ['onClientRequest'],
  text: PROVIDER,
  json: PROVIDER,
  arrayBuffer: PROVIDER,
  body: PROVIDER,
};

/** The members of an object that an event has; values and getters alike. */
export function membersOf<T extends object>(event: EventName, members: T): T {
  const object = {};
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(members))) {
    const events = REQUEST_METHODS[name] ?? ALL;
    if (events.includes(event)) Object.defineProperty(object, name, descriptor);
  }
  return object as T;
}
