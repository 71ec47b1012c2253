import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Answer } from '../harness/index.js';

interface Response {
  readonly headers?: Record<string, { readonly required?: boolean }>;
  readonly content?: Record<string, { readonly schema?: object }>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: { readonly enum?: readonly string[] };
}

interface Described {
  readonly responses: Record<string, Response>;
  readonly parameters?: readonly Parameter[];
  readonly security?: readonly { readonly apiKey: readonly string[] }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly $ref?: string; readonly properties?: object } }> };
}

/** As much of an OpenAPI document as requests are made of, and answers are held against. */
export interface Documented {
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: { readonly schemas: Record<string, { readonly properties: object }> };
}

export interface Operation {
  /** `GET /v1/generations/{id}`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Of the key that it asks for; undefined where it asks for none. */
  readonly scope: string | undefined;
  readonly parameters: readonly Parameter[];
  /** Fields of the JSON that it takes; undefined where it takes none. */
  readonly fields: readonly string[] | undefined;
  /** Of its answers. */
  readonly statuses: readonly string[];
}

export const operationsOf = ({ paths, components }: Documented): Operation[] => Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([verb, { parameters = [], security, requestBody, responses }]) => {
  const method = verb.toUpperCase();
  const schema = requestBody?.content['application/json']?.schema;
  const { properties = {} } = (schema?.$ref ? components.schemas[schema.$ref.split('/').at(-1)!] : schema) ?? {};
  return { name: `${method} ${path}`, method, path, scope: security?.[0]?.apiKey[0], parameters, fields: schema && Object.keys(properties), statuses: Object.keys(responses) };
}));

/** Tells what is wrong with an answer by the document of the server that gave it. */
export class Judge {
  readonly #document: Documented;
  readonly #ajv: Ajv2020;
  readonly #compiled = new Map<string, ValidateFunction>();
  /** Operations whose answers were judged: `POST /v1/generations 202`. */
  readonly seen = new Set<string>();

  constructor(document: Documented) {
    this.#document = document;
    this.#ajv = new Ajv2020({ strict: false, allErrors: true });
    formats.default(this.#ajv);
    this.#ajv.addSchema({ $id: 'document', components: document.components });
  }

  /** Faults of an answer to an operation, `POST /v1/generations`; none where it is as the document says. */
  faults(operation: string, { status, headers, body }: Answer): string[] {
    const [method = '', path = ''] = operation.split(' ');
    const response = this.#document.paths[path]?.[method.toLowerCase()]?.responses[status];
    if (!response) return [`${operation}: ${status} is not documented: ${JSON.stringify(body).slice(0, 200)}`];
    const type = (headers.get('content-type') ?? '').split(';')[0]!;
    const content = response.content?.[type];
    if (!content && (type !== '' || response.content)) return [`${operation}: ${status} in ${type} is not documented`];
    const missing = Object.entries(response.headers ?? {}).find(([name, { required }]) => required && !headers.has(name));
    if (missing) return [`${operation}: ${status} has no ${missing[0]}`];
    this.seen.add(`${operation} ${status}`);
    if (!/json\b/.test(type)) return [];
    const validate = this.#validator(`${operation} ${status}`, content?.schema ?? {});
    return validate(body) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${operation} ${status}: ${instancePath} ${message}`);
  }

  /** Faults of a value by a schema of the document. */
  faultsOf(name: string, value: unknown): string[] {
    const validate = this.#validator(name, { $ref: `#/components/schemas/${name}` });
    return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${name}: ${instancePath} ${message}`);
  }

  #validator(key: string, schema: object): ValidateFunction {
    const known = this.#compiled.get(key);
    if (known) return known;
    const made = this.#ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/')));
    this.#compiled.set(key, made);
    return made;
  }
}
