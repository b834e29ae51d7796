import { Button, Kbd, Switch, Text, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { chosenKeys, type KeyMap, keyCap, keysOf, letterKeys, nameOf } from '#keys/bindings.ts';
import { usePages } from '#pages/define-page.ts';
import { useStore } from '#state/store.ts';
import { Part } from '#ui/load-failure.tsx';
import { findClash, isReserved, press } from './key-clashes.ts';
import styles from './settings.module.css';
import { settingsTexts as texts } from './texts.ts';

/** Stores the keys of an action. Defaults are not stored, so that a new version can change them. */
function choose(map: KeyMap, name: string, keys: string[]): void {
  const id = `${map.id}.${name}`;
  const defaults = map.keys[name]?.keys ?? [];
  chosenKeys.set(({ [id]: _before, ...others }) =>
    keys.length === defaults.length && keys.every((key) => defaults.includes(key)) ? others : { ...others, [id]: keys },
  );
}

type Props = {
  /** Every key map of the console. */
  maps: readonly KeyMap[];
  map: KeyMap;
  name: string;
  label: string;
};

/** Captures a new key, and shows conflicts. */
function Capture({
  maps,
  map,
  name,
  label,
  onAdd,
  onEnd,
}: Props & { onAdd: (key: string) => void; onEnd: () => void }) {
  const chosen = useStore(chosenKeys);
  const [key, setKey] = useState('');
  const taken = key === '' ? undefined : findClash(maps, map, name, key, chosen);
  const refused = isReserved(key)
    ? texts.reserved(keyCap(key))
    : taken && texts.taken(keyCap(taken.key), taken.title, taken.label);
  const add = () => {
    if (key === '' || refused) return;
    onAdd(key);
    setKey('');
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && event.key === 'Tab') return;
    event.preventDefault();
    if (plain && event.key === 'Enter') add();
    else if (plain && event.key === 'Escape') onEnd();
    else if (plain && event.key === 'Backspace') setKey('');
    else {
      const next = press(key, nameOf(event.nativeEvent));
      if (next !== undefined) setKey(next);
    }
  };
  return (
    <div className={styles.capture}>
      <TextInput
        size="sm"
        aria-label={`${texts.press}: ${label}`}
        description={texts.pressDescription}
        placeholder={texts.pressed}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        autoFocus
        readOnly
        value={key === '' ? '' : keyCap(key)}
        error={refused}
        onKeyDown={onKeyDown}
      />
      <Button variant="default" disabled={key === '' || Boolean(refused)} onClick={add}>
        {texts.add}
      </Button>
    </div>
  );
}

function Row({ maps, map, name, label }: Props) {
  const chosen = useStore(chosenKeys);
  const [editing, setEditing] = useState(false);
  const keys = keysOf(map, name, chosen);
  const isDefault = chosen[`${map.id}.${name}`] === undefined;
  return (
    <li className={styles.key} data-changed={!isDefault || undefined}>
      <span className={styles.label}>{label}</span>
      <span className={styles.caps}>
        {keys.length === 0 && <span className={styles.aside}>{texts.noKey}</span>}
        {keys.map((key) =>
          editing ? (
            <Button
              key={key}
              size="compact-xs"
              variant="default"
              rightSection={<IconX size={12} />}
              aria-label={texts.remove(keyCap(key))}
              onClick={() =>
                choose(
                  map,
                  name,
                  keys.filter((other) => other !== key),
                )
              }
            >
              {keyCap(key)}
            </Button>
          ) : (
            <Kbd key={key}>{keyCap(key)}</Kbd>
          ),
        )}
      </span>
      <span className={styles.acts}>
        {!isDefault && (
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={`${texts.reset}: ${label}`}
            onClick={() => choose(map, name, [...(map.keys[name]?.keys ?? [])])}
          >
            {texts.reset}
          </Button>
        )}
        <Button
          size="compact-xs"
          variant="default"
          aria-expanded={editing}
          aria-label={editing ? `${texts.done}: ${label}` : texts.changeOf(label)}
          onClick={() => setEditing(!editing)}
        >
          {editing ? texts.done : texts.change}
        </Button>
      </span>
      {editing && (
        <Capture
          maps={maps}
          map={map}
          name={name}
          label={label}
          // Buttons show the first one.
          onAdd={(key) => choose(map, name, [key, ...keys])}
          onEnd={() => setEditing(false)}
        />
      )}
    </li>
  );
}

/** The keys of each group, under its title with its page. */
function Groups({ maps }: { maps: readonly KeyMap[] }) {
  const { pages } = usePages();
  const nameOf = ({ title, page }: KeyMap) => {
    const of = pages.some(({ name }) => name === title) ? undefined : pages.find(({ path }) => path === `/${page}`);
    return of ? texts.group(of.name, title) : title;
  };
  return [...new Set(maps.map(nameOf))].map((title) => (
    <section key={title} aria-label={title}>
      <Text component="h3" size="sm" fw={650} mt="sm" mb={4}>
        {title}
      </Text>
      <ul className={styles.keys}>
        {maps
          .filter((map) => nameOf(map) === title)
          .flatMap((map) =>
            Object.entries(map.keys).map(([name, { label }]) => (
              <Row key={`${map.id}.${name}`} maps={maps} map={map} name={name} label={label} />
            )),
          )}
      </ul>
    </section>
  ));
}

/** Every key of every page, with a button to change it. */
export function KeySettings() {
  const { loadKeyMaps } = usePages();
  const [loaded, setLoaded] = useState<PromiseSettledResult<readonly KeyMap[]>>();
  useEffect(() => {
    void Promise.allSettled([loadKeyMaps()]).then(([result]) => setLoaded(result));
  }, [loadKeyMaps]);
  const letters = useStore(letterKeys);
  const chosen = useStore(chosenKeys);
  return (
    <>
      <Switch
        checked={letters}
        onChange={(event) => letterKeys.set(event.currentTarget.checked)}
        label={texts.letters}
        description={texts.lettersDescription}
      />
      {Object.keys(chosen).length > 0 && (
        <Button size="compact-sm" variant="default" className={styles.reset ?? ''} onClick={() => chosenKeys.set({})}>
          {texts.resetAll}
        </Button>
      )}
      {loaded && (
        <Part result={loaded} what={texts.keys}>
          {(maps) => <Groups maps={maps} />}
        </Part>
      )}
    </>
  );
}
