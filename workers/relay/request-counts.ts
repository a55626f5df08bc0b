/** How many requests were answered how, for metrics: plain numbers, since most requests take microseconds. */

export interface RequestCount {
  readonly route: Route;
  readonly status: number;
  readonly count: number;
}

/** Names of routes, never paths: those are without end, and some hold tickets. */
export type Route = 'ofrep' | 'ofrep-events' | 'stream' | 'ruleset' | 'keys' | 'acks' | 'exposures' | 'other';

export interface RequestCounts {
  answered(route: Route, status: number): void;
  all(): readonly RequestCount[];
}

export function createRequestCounts(): RequestCounts {
  const counts = new Map<Route, Map<number, number>>();
  return {
    answered(route, status) {
      const ofRoute = counts.get(route) ?? new Map<number, number>();
      if (ofRoute.size === 0) counts.set(route, ofRoute);
      ofRoute.set(status, (ofRoute.get(status) ?? 0) + 1);
    },
    all: () =>
      [...counts].flatMap(([route, ofRoute]) => [...ofRoute].map(([status, count]) => ({ route, status, count }))),
  };
}

export function routeOf(path: string): Route {
  if (path.startsWith('/ofrep/v1/evaluate/')) return 'ofrep';
  if (path.startsWith('/ofrep/v1/events/')) return 'ofrep-events';
  if (path.startsWith('/v1/acks')) return 'acks';
  switch (path) {
    case '/v1/stream':
      return 'stream';
    case '/v1/keys':
      return 'keys';
    case '/v1/exposures':
      return 'exposures';
    default:
      return path.startsWith('/v1/ruleset') ? 'ruleset' : 'other';
  }
}
