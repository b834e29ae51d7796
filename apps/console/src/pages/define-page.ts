import type { TablerIcon } from '@tabler/icons-react';
import { createContext, useContext } from 'react';
import type { LoaderFunction, RouteObject } from 'react-router';
import type { KeyMap } from '#keys/bindings.ts';
import type { AttentionModule } from './attention.ts';

type Load = () => Promise<{ loader?: LoaderFunction }>;

/** The groups of the navigation, in its order. */
export const pageGroups = ['library', 'model', 'operations', 'system'] as const;

/** A page of the console. Routes, navigation, palette, keys, hints, accessibility tests and pictures come from it. */
export type Page = {
  /** `/`, or one or more segments, such as `/files/config`. */
  path: string;
  name: string;
  /** Its purpose in one sentence. */
  purpose: string;
  /** One sentence for the first visit. */
  hint: string;
  Icon: TablerIcon;
  /** Its group in the navigation; without one it stands above the groups. */
  group?: (typeof pageGroups)[number];
  /** The letter after `g`. */
  letter: string;
  /** On a phone: its place in the bar, from the left. The others are behind "More". */
  inBar?: number;
  /** Users may choose the filter that it opens with. */
  opensWithFilter?: boolean;
  /** The module with the query for what waits for a person; the navigation and Home show it. */
  attention?: () => Promise<AttentionModule>;
  /** The module with its key maps. */
  keys: () => Promise<Record<string, KeyMap>>;
  /** The module with its loader and its component. */
  lazy: Load;
  /** Routes shown beside the page, such as the details of a row. */
  children?: (RouteObject & { lazy: Load })[];
  /** Paths of the original's console that this page replaces; servers redirect them, also with hyphens. */
  formerly?: readonly string[];
  /** Names and queries of the states that tests and pictures cover beside the page itself. */
  states?: Record<string, string>;
};

export const definePage = (page: Page): Page => page;

type Pages = {
  pages: readonly Page[];
  /** Loads every key map of the console. */
  loadKeyMaps: () => Promise<readonly KeyMap[]>;
};

/** The table of pages, for rooms that may not import it. */
export const PagesContext = createContext<Pages>({ pages: [], loadKeyMaps: async () => [] });

export const usePages = (): Pages => useContext(PagesContext);
