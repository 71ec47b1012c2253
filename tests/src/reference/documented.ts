import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Answer } from '../harness/index.js';

interface Response {
  readonly content?: Record<string, { readonly schema?: object }>;
}

/** As much of an OpenAPI document as answers are held against. */
export interface Documented {
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, Response> }>>;
  readonly components: object;
}

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
