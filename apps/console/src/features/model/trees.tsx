import { ActionIcon, Button, NativeSelect, Skeleton } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconCopy } from '@tabler/icons-react';
import { Suspense, useDeferredValue, useState } from 'react';
import { useKeys } from '#keys/bindings.ts';
import { useUrlValues } from '#lists/use-url-values.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { copyText } from '#ui/copy-text.ts';
import { formatInteger } from '#ui/format.ts';
import { treeKeys } from './keys.ts';
import styles from './model.module.css';
import { modelTexts } from './texts.ts';

const TreeView = lazyPart(() => import('./tree-view.tsx'), 'TreeView');

const texts = modelTexts.trees;

/** The index of the tree in the address; -1: there is none. */
const indexOf = (trees: string[], requested = '0') =>
  /^\d{1,6}$/.test(requested) && Number(requested) < trees.length ? Number(requested) : -1;

/** The trees of the model, one at a time; the address names it. */
export function Trees({ trees }: { trees: string[] }) {
  const [[requested = '0'], setTree] = useUrlValues('tree');
  const index = indexOf(trees, requested);
  const last = trees.length - 1;
  const move = (by: number) =>
    setTree(([before]) => [String(Math.min(last, Math.max(0, Math.max(0, indexOf(trees, before)) + by)))]);
  useKeys(treeKeys, { next: () => move(1), previous: () => move(-1) });
  // A large tree renders slowly: the picker does not wait for it.
  const drawn = useDeferredValue(index);
  const source = trees[drawn];
  const name = texts.option(formatInteger(drawn));
  return (
    <section className={`${styles.card} ${styles.wide}`} aria-labelledby="trees">
      <div className={styles.head}>
        <h2 id="trees">{texts.title}</h2>
        {trees.length > 0 && (
          <div className={styles.picker}>
            <ActionIcon
              variant="default"
              size="md"
              aria-label={texts.previous}
              disabled={index <= 0}
              onClick={() => move(-1)}
            >
              <IconChevronLeft size={16} />
            </ActionIcon>
            <NativeSelect
              size="xs"
              aria-label={texts.pick}
              value={index < 0 ? '' : String(index)}
              onChange={({ currentTarget: { value } }) => value !== '' && setTree(() => [value])}
            >
              {index < 0 && <option value="" />}
              {trees.map((_source, number) => (
                // The trees of a run do not change, so the index identifies a tree.
                <option key={number} value={number}>
                  {texts.option(formatInteger(number))}
                </option>
              ))}
            </NativeSelect>
            <ActionIcon
              variant="default"
              size="md"
              aria-label={texts.next}
              disabled={index === last}
              onClick={() => move(1)}
            >
              <IconChevronRight size={16} />
            </ActionIcon>
            <span className={styles.of}>{texts.of(formatInteger(trees.length))}</span>
          </div>
        )}
      </div>
      {trees.length === 0 && <p>{texts.none}</p>}
      {trees.length > 0 && index < 0 && (
        <p role="status">{texts.outOfRange(requested.slice(0, 20), formatInteger(last))}</p>
      )}
      {source !== undefined && (
        <>
          <Suspense fallback={<Skeleton height={480} role="status" aria-label={texts.loading} />}>
            <TreeView key={drawn} source={source} name={name} />
          </Suspense>
          <Source key={`source ${drawn}`} source={source} name={name} />
        </>
      )}
    </section>
  );
}

/** Browsers are slow to lay out longer text. */
const shownCharacters = 100_000;

function Source({ source, name }: { source: string; name: string }) {
  const [opened, setOpened] = useState(false);
  return (
    <details className={styles.more} onToggle={({ currentTarget }) => setOpened(currentTarget.open)}>
      <summary>{modelTexts.source.title}</summary>
      {opened && (
        <>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconCopy size={15} stroke={1.8} />}
            onClick={() => void copyText(source, modelTexts.source.what)}
          >
            {modelTexts.source.copy}
          </Button>
          {source.length > shownCharacters && <p>{modelTexts.source.cut(formatInteger(shownCharacters))}</p>}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard */}
          <section className={styles.source} tabIndex={0} aria-label={modelTexts.source.label(name)}>
            <pre>{source.slice(0, shownCharacters)}</pre>
          </section>
        </>
      )}
    </details>
  );
}
