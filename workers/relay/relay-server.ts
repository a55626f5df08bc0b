/** The HTTP server: with patience for slow clients, but not without end. */
import { createServer, type RequestListener, type Server } from 'node:http';

/** A request has to be here by then, its head by the other. Streams are answers, and may take as long as they like. */
const REQUEST_MS = 30_000;
const HEAD_MS = 10_000;
/** Longer than load balancers keep theirs open, so that it is them who close. */
const IDLE_MS = 75_000;

export const createRelayServer = (listener: RequestListener): Server =>
  createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: HEAD_MS, keepAliveTimeout: IDLE_MS, noDelay: true },
    listener,
  );
