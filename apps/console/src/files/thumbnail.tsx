import type { PipelineFile } from '@at/contracts/files';
import { getThumbnail } from '@at/contracts/thumbnails';
import { picturedKinds } from '@at/contracts/vocabulary';
import { UnstyledButton } from '@mantine/core';
import { IconFile, IconFileCode, IconPhoto, IconVideo } from '@tabler/icons-react';
import { type CSSProperties, useState } from 'react';
import { urlOf } from '#api/call.ts';
import { onReconnected } from '#state/connection.ts';
import { createStore, useStore } from '#state/store.ts';
import { filesTexts as texts } from './texts.ts';

type Kind = PipelineFile['kind'];

export const kindIcons = {
  photo: IconPhoto,
  raw: IconPhoto,
  video: IconVideo,
  sidecar: IconFileCode,
  other: IconFile,
} satisfies Record<Kind, unknown>;

/** `version` changes with the content, if it is known. */
export type ShownFile = { id: number; kind: Kind; version?: string | null };

export const isPictured = (kind: Kind) => picturedKinds.some((one) => one === kind);

/** Addresses that had no picture, and when they may be asked for one again: why they had none is not known. */
const missing = new Map<string, number>();
const missingFor = 5_000;
/** How often the API has come back: then all are asked again, also those on screen. */
const returns = createStore(0);
onReconnected(() => {
  missing.clear();
  returns.set((times) => times + 1);
});

/** Up to this edge in pixels, on a screen with two of them for each, the small picture is enough. */
const smallEdge = 80;

/** Where the picture of a file is; undefined: it has none. */
function usePicture({ id, kind, version }: ShownFile, edge: number) {
  const size = edge <= smallEdge ? 'small' : 'large';
  const url = urlOf(getThumbnail, { id }, { size, version });
  const attempt = `${useStore(returns)} ${url}`;
  const [failed, setFailed] = useState<string>();
  const hasPicture = isPictured(kind) && failed !== attempt && (missing.get(url) ?? 0) < Date.now();
  const onError = () => {
    missing.set(url, Date.now() + missingFor);
    setFailed(attempt);
  };
  return { url: hasPicture ? url : undefined, onError };
}

const square: CSSProperties = {
  display: 'inline-grid',
  placeItems: 'center',
  flex: 'none',
  overflow: 'hidden',
  borderRadius: 4,
  background: 'var(--line)',
  color: 'var(--dimmed)',
  verticalAlign: 'middle',
};
/** Over what is beside it, which keeps its place. */
const enlarged: CSSProperties = { zIndex: 3, transform: 'scale(1.9)', transformOrigin: '0 0' };

type Shown = { file: ShownFile; edge: number };

function Square({
  file,
  edge,
  alt,
  picture: { url, onError },
}: Shown & { alt: string; picture: ReturnType<typeof usePicture> }) {
  const Icon = kindIcons[file.kind];
  return (
    <span style={{ ...square, width: edge, height: edge }}>
      {url === undefined ? (
        <Icon size={Math.min(24, edge / 2)} stroke={1.5} aria-hidden />
      ) : (
        <img
          src={url}
          style={{ width: '100%', height: '100%', objectFit: alt === '' ? 'cover' : 'contain' }}
          alt={alt}
          width={edge}
          height={edge}
          loading="lazy"
          decoding="async"
          fetchPriority="low"
          draggable={false}
          onError={onError}
        />
      )}
    </span>
  );
}

/** A file in a square, whose place is kept: its picture, or the icon of its kind. Its name is beside it. */
export function Thumbnail(shown: Shown) {
  return <Square {...shown} alt="" picture={usePicture(shown.file, shown.edge)} />;
}

/** All of a picture. It grows over its surroundings with the focus, or by a click, and shrinks without it. */
export function Preview({ name, ...shown }: Shown & { name: string }) {
  const [isLarge, setLarge] = useState(false);
  const picture = usePicture(shown.file, shown.edge);
  const shownSquare = <Square {...shown} alt={texts.preview(name)} picture={picture} />;
  if (picture.url === undefined) return shownSquare;
  return (
    <UnstyledButton
      style={{ position: 'relative', display: 'block', width: 'max-content', ...(isLarge && enlarged) }}
      aria-label={texts.enlarge(name)}
      aria-pressed={isLarge}
      onFocus={({ currentTarget }) => currentTarget.matches(':focus-visible') && setLarge(true)}
      onClick={() => setLarge(!isLarge)}
      onBlur={() => setLarge(false)}
    >
      {shownSquare}
    </UnstyledButton>
  );
}
