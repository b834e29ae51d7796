import { getPoster } from '@at/contracts/posters';
import type { TrainingRow } from '@at/contracts/training';
import { type CSSProperties, useState } from 'react';
import { urlOf } from '#api/call.ts';

/** Up to this height in pixels, on a screen with two of them for each, the small picture is enough. */
const smallHeight = 69;

/** The poster of a title, as high as asked for from the first moment on; nothing where there is none. */
export function Poster({
  title: { imdb_id, poster },
  height,
  className,
  style,
}: {
  title: Pick<TrainingRow, 'imdb_id' | 'poster'>;
  height: number;
  className?: string | undefined;
  style?: CSSProperties;
}) {
  const [failed, setFailed] = useState<string>();
  if (!poster || failed === poster) return null;
  const width = Math.round((height * 2) / 3);
  const size = height <= smallHeight ? 'small' : 'large';
  return (
    <img
      className={className}
      src={urlOf(getPoster, { imdb_id }, { size, version: poster })}
      // The title is beside it.
      alt=""
      width={width}
      height={height}
      style={{ width, height, flex: 'none', objectFit: 'cover', borderRadius: 4, background: 'var(--line)', ...style }}
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={() => setFailed(poster)}
    />
  );
}
