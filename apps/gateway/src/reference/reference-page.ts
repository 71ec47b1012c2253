import type { ApiDocument } from './document.js';
import { describeSchema, escaped, linked, nameOfRef, prose, type Schema } from './schema-html.js';
import { style } from './reference-style.js';

/* As much of OpenAPI as the page shows. */
interface Content {
  readonly [type: string]: { readonly schema?: Schema; readonly example?: unknown };
}
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly security?: readonly { readonly apiKey?: readonly string[] }[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly description?: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses?: Record<string, { readonly description: string; readonly headers?: object; readonly content?: Content }>;
}

/** The document as one page to be read: no scripts, nothing from elsewhere. */
export function referencePage(document: ApiDocument): string {
  const { title, description = '' } = document.info;
  const paths = Object.entries(document.paths ?? {}) as [string, Record<string, Operation>][];
  const operations = paths.flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })));
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, Schema>);
  const contents = operations.map(({ path, method, operation }) => `<li><a href="#${operation.operationId}"><code>${method} ${escaped(path)}</code></a> ${prose(operation.summary)}</li>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)} API</title><style>${style}</style></head>
<body><main><h1>${escaped(title)} API</h1><p>${prose(description)} The same for programs: <a href="openapi.json">openapi.json</a>.</p>
<nav aria-label="Contents"><ul>${contents.join('')}</ul></nav>
${operations.map(operationSection).join('\n')}
<h2>Schemas</h2>
${schemas.map(([name, schema]) => `<section id="schema-${escaped(name)}"><h3>${escaped(name)}</h3>${describeSchema(schema)}</section>`).join('\n')}
</main></body></html>`;
}

function operationSection({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const { operationId, summary, security, parameters = [], requestBody, responses = {} } = operation;
  const scope = security?.[0]?.apiKey?.[0];
  return `<section id="${operationId}"><h2><code>${method} ${escaped(path)}</code></h2>
<p>${prose(summary)}.${scope ? ` Wants a key with the scope <code>${scope}</code>.` : ''}</p>
${table('Parameters', parameters.map(({ name, in: where, required, description, schema }) => [`<code>${escaped(name)}</code>`, `${where}${required ? ', required' : ''}`, `${prose(description ?? schema?.description)}`]))}
${requestBody ? `<h4>Body</h4><p>${bodies(requestBody.content)}</p>${examples(requestBody.content)}` : ''}
${table('Answers', Object.entries(responses).map(([status, { description, headers = {}, content = {} }]) => [status, prose(description) + namesOf(headers), bodies(content)]))}
</section>`;
}

/** What the page says at its beginning of every answer, or of every error. */
const general = ['x-request-id', 'x-should-retry'];
const namesOf = (headers: object): string => {
  const names = Object.keys(headers).filter((name) => !general.includes(name));
  return names.length === 0 ? '' : `. Headers: ${names.map((name) => `<code>${escaped(name)}</code>`).join(', ')}`;
};

const bodies = (content: Content): string =>
  Object.entries(content).map(([type, { schema }]) => {
    const name = schema && nameOfRef(schema);
    return `<code>${escaped(type)}</code>${name ? ` ${linked(name)}` : ''}`;
  }).join(', ');

const examples = (content: Content): string =>
  Object.values(content).flatMap(({ example }) => (example === undefined ? [] : [`<pre>${escaped(JSON.stringify(example, null, 2))}</pre>`])).join('');

function table(title: string, rows: readonly string[][]): string {
  if (rows.length === 0) return '';
  return `<h4>${title}</h4><table>${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</table>`;
}
