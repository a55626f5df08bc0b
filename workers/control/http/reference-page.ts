/** The reference of the API for people: the OpenAPI document as one page without scripts. */
import { type Html, html } from './html.ts';
import type { JsonSchema } from './json-schemas.ts';
import type { OpenApiDocument, Operation, Parameter } from './openapi-document.ts';
import { REFERENCE_STYLE } from './reference-style.ts';

interface Shown {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export function referencePage(document: OpenApiDocument): string {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Shown => ({ method, path, operation })),
  );
  const groups = document.tags.map((tag) => ({
    ...tag,
    all: all.filter(({ operation }) => operation.tags[0] === tag.name),
  }));
  const { title, description } = document.info as { readonly title: string; readonly description: string };
  const schemas = Object.entries(document.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: reference</title>
<style>${{ html: REFERENCE_STYLE }}</style>
</head>
<body>
<a class="skip" href="#routes">Skip to the routes</a>
<header>
<h1>${title}</h1>
${description.split('\n\n').map((paragraph) => html`<p class="soft">${marked(paragraph)}</p>`)}
<p class="soft">For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI ${document.openapi}).</p>
</header>
<div class="page">
<nav aria-label="Routes">
${groups.map(({ name, all: shown }) => html`<strong>${name}</strong><ul>${shown.map(linkTo)}</ul>`)}
<strong>shapes</strong><ul>${schemas.map(([name]) => html`<li><a href="#shape-${name}">${name}</a></li>`)}</ul>
</nav>
<main id="routes">
${groups.map((group) => html`<section aria-label="${group.name}"><h2>${group.name}</h2><p class="soft">${group.description}</p>${group.all.map(operationPart)}</section>`)}
<section aria-label="shapes"><h2>Shapes</h2>${schemas.map(schemaPart)}</section>
</main>
</div>
</body>
</html>
`;
  return page.html;
}

const linkTo = ({ operation }: Shown): Html =>
  html`<li><a href="#${operation.operationId}">${operation.summary}</a></li>`;

function operationPart({ method, path, operation }: Shown): Html {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  return html`<article id="${operationId}">
<h3>${summary}</h3>
<p class="route"><code><span class="method ${method}">${method}</span> ${path}</code></p>
<p>${marked(description)}</p>
<p class="soft">${accessText(operation['x-lockstep-access'])}</p>
${parameters.length > 0 ? parameterTable(parameters) : ''}
${requestBody === undefined ? '' : bodyPart(requestBody)}
<details><summary>Answers</summary>${answerTable(responses)}</details>
</article>
`;
}

const parameterTable = (parameters: readonly Parameter[]): Html => html`<div class="table"><table>
<thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">What</th></tr></thead>
<tbody>${parameters.map(
  (one) =>
    html`<tr><td><code>${one.name}</code>${one.required ? ' *' : ''}</td><td>${one.in}</td><td>${marked(one.description ?? '')}</td></tr>`,
)}</tbody></table></div>`;

function bodyPart({ content }: JsonSchema): Html {
  const bodies = Object.entries(
    content as Readonly<Record<string, { readonly schema: JsonSchema; readonly example: unknown }>>,
  );
  return html`${bodies.map(
    ([type, { schema, example }]) => html`<p class="soft">Body: <code>${type}</code>, ${shapeLink(schema)}</p>
<pre tabindex="0"><code>${JSON.stringify(example, null, 2)}</code></pre>`,
  )}`;
}

const answerTable = (responses: Operation['responses']): Html => html`<div class="table"><table>
<thead><tr><th scope="col">Status</th><th scope="col">When</th><th scope="col">Shape</th></tr></thead>
<tbody>${Object.entries(responses).map(
  ([status, answer]) => html`<tr><td>${status}</td><td>${answerText(answer)}</td><td>${answerShape(answer)}</td></tr>`,
)}</tbody></table></div>`;

const answerText = ({ description, $ref }: JsonSchema): Html =>
  typeof description === 'string' ? marked(description) : html`refused: ${nameIn($ref)}`;

function answerShape({ content, $ref }: JsonSchema): Html {
  if ($ref !== undefined) return shapeLink({ $ref: '#/components/schemas/Problem' });
  const media = Object.entries((content ?? {}) as Readonly<Record<string, { readonly schema: JsonSchema }>>);
  return html`${media.map(([type, { schema }]) => ('$ref' in schema ? shapeLink(schema) : html`<code>${type}</code> `))}`;
}

const schemaPart = ([name, schema]: readonly [string, JsonSchema]): Html => html`<article id="shape-${name}">
<h3><code>${name}</code></h3>
<details><summary>JSON Schema</summary><pre tabindex="0"><code>${JSON.stringify(schema, null, 2)}</code></pre></details>
</article>
`;

const shapeLink = ({ $ref }: JsonSchema): Html =>
  html`<a href="#shape-${nameIn($ref)}"><code>${nameIn($ref)}</code></a>`;

const nameIn = (reference: unknown): string => String(reference).split('/').at(-1) ?? '';

function accessText(access: Operation['x-lockstep-access']): string {
  if (access.action === 'public') return 'Needs no token.';
  const roles =
    access.roles === 'policy'
      ? 'a role that the policy of the namespace names'
      : access.roles === 'any'
        ? 'any role'
        : `the role ${access.roles.join(' or ')}`;
  return `Takes a token that may ${access.action}, and ${roles}.`;
}

/** Descriptions are text, with code between backticks. */
const marked = (text: string): Html =>
  html`${text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))}`;
