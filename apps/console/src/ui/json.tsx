import { Button } from '@mantine/core';
import { copyText } from './copy-text.ts';
import { formatInteger } from './format.ts';
import styles from './json.module.css';
import { uiTexts as texts } from './texts.ts';

/** A value as JSON, with a button that copies it. */
export function Json({ name, value }: { name: string; value: unknown }) {
  const text = JSON.stringify(value, null, 2);
  return (
    <section aria-label={name}>
      <div className={styles.head}>
        <h3>{name}</h3>
        <Button size="compact-xs" variant="default" onClick={() => void copyText(text, name)}>
          {texts.copy(name.toLowerCase())}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <pre className={styles.code} tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}

/** Members of one object or list that are shown. */
const most = 200;

/** Its name is its place if it is one of a list. */
function Member({ name, value, inList }: { name: string; value: unknown; inList: boolean }) {
  if (typeof value !== 'object' || value === null) {
    return (
      <li>
        {!inList && (
          <>
            <b>
              <bdi>{name}</bdi>
            </b>{' '}
          </>
        )}
        <bdi>{typeof value === 'string' ? value : JSON.stringify(value)}</bdi>
      </li>
    );
  }
  return (
    <li>
      <details open>
        <summary>
          <bdi>{name}</bdi> <span>({formatInteger(Object.keys(value).length)})</span>
        </summary>
        <Members of={value} />
      </details>
    </li>
  );
}

function Members({ of }: { of: object }) {
  const members = Object.entries(of);
  return (
    <ul>
      {members.slice(0, most).map(([name, value]) => (
        <Member key={name} name={name} value={value} inList={Array.isArray(of)} />
      ))}
      {members.length > most && <li>{texts.more(formatInteger(members.length - most))}</li>}
    </ul>
  );
}

/** The members of an object as a tree that folds. */
export const JsonTree = ({ value }: { value: object }) => (
  <div className={styles.tree}>
    <Members of={value} />
  </div>
);
