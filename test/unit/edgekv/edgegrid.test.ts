import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { edgeGridAuthorization, edgeGridTimestamp } from '#edgekv/akamai/edgegrid';

interface PublishedVectors {
  readonly base_url: string;
  readonly access_token: string;
  readonly client_token: string;
  readonly client_secret: string;
  readonly max_body: number;
  readonly headers_to_sign: readonly string[];
  readonly nonce: string;
  readonly timestamp: string;
  readonly tests: readonly {
    readonly testName: string;
    readonly request: {
      readonly method: string;
      readonly path: string;
      readonly data?: string;
      readonly headers?: readonly Readonly<Record<string, string>>[];
    };
    readonly expectedAuthorization: string;
  }[];
}

const published = JSON.parse(
  readFileSync(new URL('../../specs/akamai/edgegrid-test_data.json', import.meta.url), 'utf8'),
) as PublishedVectors;

const credentials = {
  host: new URL(published.base_url).host,
  clientToken: published.client_token,
  clientSecret: published.client_secret,
  accessToken: published.access_token,
};

type Vector = PublishedVectors['tests'][number];

function authorizationOf({ request }: Vector): Promise<string> {
  const pairs = (request.headers ?? []).flatMap((header) => Object.entries(header));
  return edgeGridAuthorization(
    {
      method: request.method,
      url: new URL(request.path, published.base_url),
      headers: new Headers(pairs.filter(([name]) => name !== 'Host')),
      ...(request.data !== undefined && { body: new TextEncoder().encode(request.data) }),
    },
    credentials,
    {
      timestamp: published.timestamp,
      nonce: published.nonce,
      subtle: crypto.subtle,
      headersToSign: published.headers_to_sign,
      maxBody: published.max_body,
    },
  );
}

/** Vectors whose requests are the same while their signatures differ: at most one of each group can be right. */
function contradictions(): readonly (readonly Vector[])[] {
  const groups = published.tests.map(({ request }) =>
    published.tests.filter((other) => JSON.stringify(other.request) === JSON.stringify(request)),
  );
  return groups.filter(
    (group, index) =>
      group[0] === published.tests[index] &&
      new Set(group.map(({ expectedAuthorization }) => expectedAuthorization)).size > 1,
  );
}

describe('EdgeGrid signatures', () => {
  const contradicting = contradictions();
  const sound = published.tests.filter((vector) => !contradicting.flat().includes(vector));

  it.each(sound.map((vector) => [vector.testName, vector] as const))('as published: %s', async (_, vector) => {
    expect(await authorizationOf(vector)).toBe(vector.expectedAuthorization);
  });

  it('two published vectors sign the same POST differently: the first of them is met, so the other cannot be', async () => {
    expect(contradicting.map((group) => group.map(({ testName }) => testName))).toEqual([
      ['Post uses passed-max-body', 'POST inside limit'],
    ]);
    const [[met, unmet] = []] = contradicting as readonly Vector[][];
    const authorization = await authorizationOf(met as Vector);
    expect(authorization).toBe(met?.expectedAuthorization);
    expect(authorization).not.toBe(unmet?.expectedAuthorization);
  });

  it('the time is told in seconds, in UTC', () => {
    expect(edgeGridTimestamp(new Date('2014-03-21T19:34:21.987Z'))).toBe(published.timestamp);
  });
});
