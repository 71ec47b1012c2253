/** As much of JSON Schema as zod writes. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
}

/** A schema as its description and a table of its fields, those of objects inside it as `outer.inner`. */
export function describeSchema(schema: Schema): string {
  const rows = fieldsOf(schema).map(({ name, required, field }) => `<tr><td><code>${escaped(name)}</code></td><td>${typeOf(field)}${required ? '' : ', optional'}</td><td>${prose(field.description)}${defaultOf(field)}</td></tr>`);
  const type = rows.length > 0 ? '' : `<p>${typeOf(schema)}</p>`;
  return `<p>${prose(schema.description)}</p>${type}${rows.length > 0 ? `<table>${rows.join('')}</table>` : ''}`;
}

interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly field: Schema;
}

function fieldsOf({ properties = {}, required = [] }: Schema, prefix = ''): Field[] {
  return Object.entries(properties).flatMap(([key, field]) => {
    const name = prefix + key;
    const inner = [field, ...(field.anyOf ?? [])].flatMap((each) => fieldsOf(each, `${name}.`));
    return [{ name, required: required.includes(key), field }, ...inner];
  });
}

function typeOf(schema: Schema): string {
  const name = nameOfRef(schema);
  if (name) return linked(name);
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.enum) return schema.enum.map((value) => `<code>${escaped(String(value))}</code>`).join(', ');
  if (schema.const !== undefined) return `<code>${escaped(String(schema.const))}</code>`;
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'anything'}`;
  return escaped([schema.type ?? 'anything'].flat().join(' or '));
}

const defaultOf = (field: Schema): string => (field.default === undefined ? '' : ` Default <code>${escaped(JSON.stringify(field.default))}</code>.`);

/** Name of the schema that is referred to. */
export const nameOfRef = ({ $ref }: Schema): string | undefined => $ref?.split('/').at(-1);
export const linked = (name: string): string => `<a href="#schema-${escaped(name)}">${escaped(name)}</a>`;

/** Text with its `code` marked. */
export const prose = (text = ''): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => entities[letter]!);
