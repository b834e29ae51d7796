import { createPreference } from './preferences.ts';

/** How much of a list fits on a screen. Style sheets read `data-density` of the root, or the variables in global.css. */

export const densities = ['comfortable', 'compact'] as const;
export type Density = (typeof densities)[number];

const isDensity = (value: unknown): value is Density => densities.some((one) => one === value);

export const density = createPreference<Density>('density', 'comfortable', isDensity);

function show(): void {
  document.documentElement.dataset.density = density.get();
}

/** Keeps the root's attribute up to date; called once, before the first paint. */
export function followDensity(): void {
  show();
  density.subscribe(show);
}
