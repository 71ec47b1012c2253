import type { ComponentType } from 'react';
import { Gallery } from '../gallery/gallery';
import { Studio } from '../studio/studio';

export interface Tab {
  /** First part of the address, `#/studio`. */
  readonly name: string;
  readonly title: string;
  readonly View: ComponentType;
}

/** The views of the page, in order; the first is where it opens. */
export const tabs: readonly [Tab, ...Tab[]] = [
  { name: 'studio', title: 'Studio', View: Studio },
  { name: 'gallery', title: 'Gallery', View: Gallery },
];
