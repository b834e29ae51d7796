import type { LogLine } from '@at/contracts/logs';
import { useState } from 'react';
import { useLogBook } from './log-book.ts';
import { LogViewer } from './log-viewer.tsx';

/** The log of a run, in its drawer. */
export function RunLog({ id }: { id: string }) {
  const book = useLogBook({ run: id }, true);
  const [levels, setLevels] = useState<LogLine['level'][]>([]);
  const [words, setWords] = useState('');
  return (
    <LogViewer
      book={book}
      isOfRun
      isInDialog
      levels={levels}
      onLevels={setLevels}
      words={words}
      onWords={setWords}
      name={`run-${id}`}
    />
  );
}
