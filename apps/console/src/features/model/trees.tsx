import { ActionIcon, Button, NativeSelect, Skeleton } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconCopy } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useSearchParams } from 'react-router';
import { copyText } from '#shared/copy.ts';
import { formatInteger } from '#shared/format.ts';
import { treeKeys } from '#shared/key-map/model.ts';
import { useKeys } from '#shared/keys.ts';
import { modelTexts } from '#shared/texts/model.ts';
import styles from './model.module.css';

const TreeView = lazy(() => import('./tree-view.tsx').then(({ TreeView }) => ({ default: TreeView })));

const texts = modelTexts.trees;

/** The trees of the model, one at a time; which one is in the address. */
export function Trees({ trees }: { trees: string[] }) {
  const [search, setSearch] = useSearchParams();
  const asked = search.get('tree') ?? '0';
  const index = /^\d{1,6}$/.test(asked) ? Number(asked) : -1;
  const source = trees[index];
  const show = (next: number) => {
    if (next < 0 || next >= trees.length) return;
    setSearch((before) => ({ ...Object.fromEntries(before), tree: String(next) }), {
      replace: true,
      preventScrollReset: true,
    });
  };
  const known = source === undefined ? 0 : index;
  useKeys(treeKeys, { next: () => show(known + 1), previous: () => show(known - 1) });
  const name = texts.option(formatInteger(index));
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
              disabled={known === 0}
              onClick={() => show(known - 1)}
            >
              <IconChevronLeft size={16} />
            </ActionIcon>
            <NativeSelect
              size="xs"
              aria-label={texts.pick}
              value={source === undefined ? '' : String(index)}
              onChange={({ currentTarget }) => show(Number(currentTarget.value))}
            >
              {source === undefined && <option value="" />}
              {trees.map((_source, number) => (
                // The trees of a run do not change: its place is what a tree is known by.
                <option key={number} value={number}>
                  {texts.option(formatInteger(number))}
                </option>
              ))}
            </NativeSelect>
            <ActionIcon
              variant="default"
              size="md"
              aria-label={texts.next}
              disabled={known === trees.length - 1}
              onClick={() => show(known + 1)}
            >
              <IconChevronRight size={16} />
            </ActionIcon>
            <span className={styles.of}>{texts.of(formatInteger(trees.length))}</span>
          </div>
        )}
      </div>
      {trees.length === 0 && <p>{texts.none}</p>}
      {trees.length > 0 && source === undefined && (
        <p role="status">{texts.outOfRange(asked.slice(0, 20), formatInteger(trees.length - 1))}</p>
      )}
      {source !== undefined && (
        <>
          <Suspense fallback={<Skeleton height={480} role="status" aria-label={texts.loading} />}>
            <TreeView key={index} source={source} name={name} />
          </Suspense>
          <Source key={`source ${index}`} source={source} name={name} />
        </>
      )}
    </section>
  );
}

/** Beyond this a browser takes long to lay text out. */
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
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <section className={styles.source} tabIndex={0} aria-label={modelTexts.source.label(name)}>
            <pre>{source.slice(0, shownCharacters)}</pre>
          </section>
        </>
      )}
    </details>
  );
}
