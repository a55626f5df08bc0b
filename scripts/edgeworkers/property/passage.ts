/** One request on its way through a property, and the events that it sets off. */
import type { EdgeWorker } from '../edge-worker.ts';
import type {
  CacheKeyRule,
  EventInput,
  EventName,
  EventOutcome,
  EventReport,
  EventRequest,
  HeaderLines,
  Route,
} from '../event.ts';
import { type HttpRequest, headerOf, withoutHeaders } from '../http-message.ts';
import { locate, type Places } from './locate.ts';

export interface PassageOptions {
  /** By path where its rules have several: a request has one. */
  readonly edgeWorker: EdgeWorker | ((path: string) => EdgeWorker);
  readonly places?: Places;
  readonly device?: Readonly<Record<string, unknown>> | null;
  /** User-defined variables of the property's own; by path where its rules set them so. */
  readonly variables?: Variables | ((path: string) => Variables);
  /** Headers, in lower case, that its first rule takes away, whoever sent them: "Modify Incoming Request Header". */
  readonly removedHeaders?: readonly string[];
  /**
   * What becomes of a request whose EdgeWorker fails: 500, or on without it ("Continue on error"). Not where it was to provide the
   * response: then it is 500 in any case. Source: techdocs.akamai.com/edgeworkers/docs/continue-on-error.
   */
  readonly onError?: 'fail' | 'continue';
  /** From 0 to below 1: whether variables get as far as the origin's events, which may run elsewhere. */
  readonly random?: () => number;
  readonly cpCode?: number;
  readonly scheme?: 'http' | 'https';
  /** Told of every event. */
  readonly observe?: (report: EventReport) => void;
}

export type Variables = Readonly<Record<string, string>>;

export interface Passage {
  readonly edgeWorker: EdgeWorker;
  /** As the client sent it, less what the property's first rule takes away. */
  readonly request: HttpRequest;
  readonly subject: Omit<EventRequest, 'headers' | 'variables'>;
  readonly reports: readonly EventReport[];
  readonly variables: Variables;
  /** As `onClientRequest` left them. */
  headers: HeaderLines;
  cacheKey: readonly CacheKeyRule[];
  route: Route;
  setVariables(variables: Variables): void;
  /**
   * Undefined where the event is not for the EdgeWorker, or it failed and the property goes on. Rejects with an `EdgeWorkerFailure`
   * where it does not.
   */
  run(event: EventName, more?: Omit<EventInput, 'request'>): Promise<EventOutcome | undefined>;
}

export class EdgeWorkerFailure extends Error {
  override readonly name = 'EdgeWorkerFailure';
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

const BYPASS: Readonly<Record<EventName, string>> = {
  onClientRequest: 'PMUSER_BYPASS_EW_CLTREQ_EVENT',
  onOriginRequest: 'PMUSER_BYPASS_EW_ORGNREQ_EVENT',
  onOriginResponse: 'PMUSER_BYPASS_EW_ORGNRESP_EVENT',
  onClientResponse: 'PMUSER_BYPASS_EW_CLTRESP_EVENT',
  responseProvider: 'PMUSER_BYPASS_EW_RP_EVENT',
};

export function createPassage(options: PassageOptions, received: HttpRequest, clientIp: string): Passage {
  const { random = () => 0, removedHeaders = [] } = options;
  const request = { ...received, headers: withoutHeaders(received.headers, removedHeaders) };
  const subject = subjectOf(options, request, clientIp);
  const edgeWorker = typeof options.edgeWorker === 'function' ? options.edgeWorker(subject.path) : options.edgeWorker;
  const own = typeof options.variables === 'function' ? options.variables(subject.path) : (options.variables ?? {});
  const variables: Record<string, string> = { ...own };
  const reports: EventReport[] = [];

  const isFor = (event: EventName): boolean =>
    (METHODS.includes(request.method) ||
      (request.method === 'OPTIONS' && variables['PMUSER_EW_ENABLE_OPTIONS'] === 'true')) &&
    variables[BYPASS[event]] !== 'true' &&
    edgeWorker.handlers.includes(event);

  const passage: Passage = {
    edgeWorker,
    request,
    subject,
    reports,
    variables,
    headers: request.headers,
    cacheKey: [],
    route: {},
    setVariables: (set) => void Object.assign(variables, set),
    async run(event, more = {}) {
      if (!isFor(event)) return undefined;
      const isElsewhere = (event === 'onOriginRequest' || event === 'onOriginResponse') && random() >= 0.5;
      const known = isElsewhere ? own : variables;
      const input = { request: { ...passage.subject, headers: passage.headers, variables: known }, ...more };
      const outcome = await edgeWorker.handle(event, input);
      reports.push(outcome.report);
      options.observe?.(outcome.report);
      // A response that is cut short is out already.
      if (outcome.report.status === 'Success' || outcome.effects?.provided) return outcome;
      if (options.onError === 'continue' && event !== 'responseProvider') return undefined;
      throw new EdgeWorkerFailure(outcome.report.status);
    },
  };
  return passage;
}

function subjectOf(options: PassageOptions, request: HttpRequest, clientIp: string): Passage['subject'] {
  const mark = request.url.indexOf('?');
  return {
    method: request.method,
    scheme: options.scheme ?? 'https',
    host: headerOf(request.headers, 'host') ?? '',
    path: mark < 0 ? request.url : request.url.slice(0, mark),
    query: mark < 0 ? '' : request.url.slice(mark + 1),
    clientIp,
    cpCode: options.cpCode ?? 0,
    userLocation: locate(request.headers, clientIp, options.places ?? (() => undefined)),
    device: options.device ?? null,
  };
}
