import { Fragment } from 'react';

/** Text in which `backticks` set off what is to be typed or named exactly; everything else stays plain text. */
export function InlineCode({ children }: { children: string }) {
  return children.split('`').map((part, index) => {
    const key = `${index} ${part}`;
    return index % 2 === 1 ? <code key={key}>{part}</code> : <Fragment key={key}>{part}</Fragment>;
  });
}
