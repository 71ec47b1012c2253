import { useSyncExternalStore } from 'react';

/** Where the page is: `#/studio/gen_1?seed=7` is the tab `studio`, the rest `gen_1` and a query. */
export interface Route {
  readonly tab: string;
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [tab = '', ...rest] = path.split('/').map(decoded);
  return { tab, rest: rest.filter((part) => part !== ''), query: new URLSearchParams(query) };
}

/** The address of a place, for links. */
export const hrefOf = (tab: string, { rest = [], query = {} }: { rest?: readonly string[]; query?: Readonly<Record<string, string>> } = {}): string => {
  const asked = new URLSearchParams(query).toString();
  return `#/${[tab, ...rest].map(encodeURIComponent).join('/')}${asked && `?${asked}`}`;
};

/** Changes the address and keeps no entry of the old one to go back to. */
export function replaceRoute(href: string): void {
  history.replaceState(null, '', href);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => location.hash));
}

function subscribe(changed: () => void): () => void {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // an address that somebody typed
  }
}
