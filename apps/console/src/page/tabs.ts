import type { ComponentType } from 'react';
import { Fleet } from '../fleet/fleet';
import { Gallery } from '../gallery/gallery';
import { Studio } from '../studio/studio';
import { Study } from '../study/study';

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
  { name: 'fleet', title: 'Fleet', View: Fleet },
  { name: 'study', title: 'Study', View: Study },
];
