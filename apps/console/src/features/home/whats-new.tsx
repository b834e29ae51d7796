import { Text } from '@mantine/core';
import { useState } from 'react';
import { InlineCode } from '#ui/inline-code.tsx';
import { LoadFailure } from '#ui/load-failure.tsx';
import type { Block } from './changelog.ts';
import styles from './home.module.css';
import { homeTexts } from './texts.ts';

/** The changelog; its text loads when it is opened. */
export function WhatsNew() {
  const [loaded, setLoaded] = useState<PromiseSettledResult<Block[]>>();
  const load = async () => {
    const [result] = await Promise.allSettled([import('./changelog.ts').then(({ changelog }) => changelog)]);
    setLoaded(result);
  };
  return (
    <details
      className={`${styles.card} ${styles.wide} ${styles.news}`}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open && loaded?.status !== 'fulfilled') void load();
      }}
    >
      <summary>
        <h2>{homeTexts.cards.news}</h2>
      </summary>
      {loaded?.status === 'rejected' && <LoadFailure what={homeTexts.what.changelog} error={loaded.reason} />}
      {loaded?.status === 'fulfilled' && <Blocks blocks={loaded.value} />}
    </details>
  );
}

function Blocks({ blocks }: { blocks: Block[] }) {
  if (blocks.length === 0) return <Text size="sm">{homeTexts.news.nothing}</Text>;
  return blocks.map((block, index) => {
    // The file does not change while the page is open, so a block's index identifies it.
    const key = index;
    if (block.kind === 'paragraph')
      return (
        <p key={key}>
          <InlineCode>{block.text}</InlineCode>
        </p>
      );
    if (block.kind === 'list') {
      return (
        <ul key={key}>
          {block.items.map((item) => (
            <li key={item}>
              <InlineCode>{item}</InlineCode>
            </li>
          ))}
        </ul>
      );
    }
    // The summary shows the file's title already.
    if (block.level === 1) return null;
    const Heading = block.level === 2 ? 'h3' : 'h4';
    return <Heading key={key}>{block.text}</Heading>;
  });
}
