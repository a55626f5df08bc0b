/** Which control plane a command speaks to, and as whom. */
import { readFile } from 'node:fs/promises';
import type { PlanetFile } from '../planet/state.ts';
import { CommandError } from './command-error.ts';
import { keyOf, runningPlanet, urlOf } from './running-planet.ts';

export interface ControlPlace {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string;
  /** Whether it is the one of the planet that runs on this machine. */
  readonly planet: boolean;
  /** That which commands are about where they name none. */
  readonly environment?: string;
}

/** As options of a command. There is none for a token: it would end in the shell's history. */
export interface PlaceOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  /** Somebody of the planet's. */
  readonly as?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

export async function controlPlace(options: PlaceOptions, variables: Variables = process.env): Promise<ControlPlace> {
  const { url, tokenFile, as } = options;
  if (as !== undefined && (url ?? tokenFile) !== undefined)
    throw new CommandError('--as is somebody of the planet: with --url, say who by LOCKSTEP_TOKEN or --token-file');
  const named = url ?? variables['LOCKSTEP_URL'];
  if (as === undefined && named !== undefined && named !== '') {
    const token = await tokenFrom(tokenFile, variables);
    return { url: checkedUrl(named), token, planet: false, ...environmentFrom(variables) };
  }
  if (tokenFile !== undefined)
    throw new CommandError('--token-file is for --url or LOCKSTEP_URL, and there is neither');
  return { ...placeOfPlanet(await runningPlanet(), as), ...environmentFrom(variables) };
}

/** As `person`, one of those whose keys are in the planet's file. */
export const placeOfPlanet = (planet: PlanetFile, person = 'admin'): ControlPlace => ({
  url: urlOf(planet, 'control'),
  token: keyOf(planet, person),
  planet: true,
  environment: planet.environment,
});

function environmentFrom(variables: Variables): Pick<ControlPlace, 'environment'> {
  const environment = variables['LOCKSTEP_ENVIRONMENT'];
  return environment === undefined || environment === '' ? {} : { environment };
}

async function tokenFrom(file: string | undefined, variables: Variables): Promise<string> {
  const text =
    file === undefined
      ? variables['LOCKSTEP_TOKEN']
      : await readFile(file, 'utf8').catch(() => {
          throw new CommandError(`${file}: cannot be read`);
        });
  const token = text?.trim() ?? '';
  if (token === '') throw new CommandError('who are you? Set LOCKSTEP_TOKEN, or name a file with --token-file');
  // Anything else is no token, and would not go into a header.
  if (!/^[\w.~+/=-]+$/.test(token)) throw new CommandError('the token is none: it is one word, as ls_<organisation>.…');
  return token;
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol))
    throw new CommandError(`${text} is no address: it begins with https://`);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new CommandError('the address holds more than an origin and a path: the token comes from LOCKSTEP_TOKEN');
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new CommandError(`${text}: a token is not sent in the clear: use https://`);
  return url.href.replace(/\/+$/, '');
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
