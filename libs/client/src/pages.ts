/** A page of a list as every list of the API has it. */
interface Page<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly last_id?: string | null;
}

export interface PageQuery {
  /** The id of the last member of the page before. */
  readonly after?: string;
  /** Of a page, 1 to 100, default 20. */
  readonly limit?: number;
}

/** The members of a list over all its pages; a page is asked for when the one before has been read. */
export async function* membersOf<T extends { readonly id: string }>(query: PageQuery, read: (query: PageQuery) => Promise<Page<T>>): AsyncGenerator<T> {
  for (let { after } = query; ; ) {
    const { data, has_more: more, last_id: lastId } = await read({ ...query, after });
    yield* data;
    after = lastId ?? data.at(-1)?.id;
    if (!more || after === undefined) return;
  }
}

/** With its question mark; nothing of what is undefined. */
export function queryOf(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}
