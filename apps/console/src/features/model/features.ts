import { ratingName, scaleOf } from '#titles/radar.ts';
import { formatName } from '#ui/format.ts';
import { known } from '#ui/known-word.ts';
import { modelTexts } from './texts.ts';

/** The significant digits of a threshold; the dump of a tree has nine. */
const maximumSignificantDigits = 6;
const numbers = new Intl.NumberFormat(undefined, { maximumSignificantDigits });
const years = new Intl.NumberFormat(undefined, { maximumSignificantDigits, useGrouping: false });
const dollars = new Intl.NumberFormat(undefined, { maximumSignificantDigits, style: 'currency', currency: 'USD' });

const units = {
  release_year: years.format,
  budget: dollars.format,
  revenue: dollars.format,
  runtime: (minutes: number) => modelTexts.minutes(numbers.format(minutes)),
};

/** The name that the other pages have for a feature of the model. */
export const featureName = (feature: string): string => ratingName(feature) ?? formatName(feature);

/** A value of a feature in the unit of the other pages. */
export const formatFeature = (feature: string, value: number): string =>
  (known(units, feature) ?? numbers.format)(value / scaleOf(feature));
