/** An event to try an EdgeWorker with: a page for nobody, at a path that is nothing's. */
import type { EventInput } from '../edgeworkers/event.ts';

export const SAMPLE_EVENT: EventInput = {
  request: {
    method: 'GET',
    scheme: 'https',
    host: 'www.example.com',
    path: '/',
    query: '',
    headers: [],
    clientIp: '192.0.2.1',
    cpCode: 0,
    userLocation: null,
    device: null,
    variables: {},
  },
  response: { status: 200, headers: [] },
};
