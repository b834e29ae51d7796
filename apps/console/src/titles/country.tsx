import type { TextList } from '@at/contracts/paging';
import { hasFlag } from 'country-flag-icons';
import { basePath } from '#state/base-path.ts';
import { formatCountry, none } from '#ui/format.ts';
import styles from '#ui/inline-list.module.css';
import { textsOf } from '#ui/text-list.ts';

/**
 * Former countries with their TMDB codes. Browsers name a successor or nothing, and the flag of such a code may be that of
 * another country.
 */
const formerCountries = new Map([
  ['AN', 'Netherlands Antilles'],
  ['BU', 'Burma'],
  ['CS', 'Serbia and Montenegro'],
  ['SU', 'Soviet Union'],
  ['TP', 'East Timor'],
  ['XC', 'Czechoslovakia'],
  ['XG', 'East Germany'],
  ['XI', 'Northern Ireland'],
  ['YU', 'Yugoslavia'],
  ['ZR', 'Zaire'],
]);

export function Country({ code }: { code: string }) {
  const formerName = formerCountries.get(code);
  const name = formerName ?? formatCountry(code);
  return (
    <span className={styles.item}>
      {!formerName && hasFlag(code) && (
        <img
          className={styles.flag}
          src={`${basePath}flags/${code}.svg`}
          width={18}
          height={12}
          loading="lazy"
          alt=""
        />
      )}
      <span className={styles.code}>{code}</span>
      {name !== code && name}
    </span>
  );
}

/** Countries from their two-letter codes, with flag, code and name; a dash when there are none. */
export function Countries({ codes }: { codes: TextList | null }) {
  const countries = new Set(textsOf(codes));
  if (countries.size === 0) return none;
  return (
    <ul className={styles.list} aria-label="Countries">
      {[...countries].map((code) => (
        <li key={code}>
          <Country code={code} />
        </li>
      ))}
    </ul>
  );
}
