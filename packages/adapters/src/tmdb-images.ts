import { MetadataError } from './metadata-error.ts';
import { getBytes } from './metadata-reply.ts';

// The host of TMDB's pictures: `<address>/<width><path>`, without a key.
// https://developer.themoviedb.org/docs/image-basics

/** The widths that are fetched, as TMDB names them. */
const posterWidths = { small: 'w92', large: 'w342' } as const;
export type PosterSize = keyof typeof posterWidths;

export type Picture = { bytes: Buffer; type: 'image/jpeg' | 'image/png' | 'image/webp' };

/** Whether a text is a path of a picture as TMDB has them, which no other address can be made of. */
export const isPosterPath = (path: string) => /^\/[A-Za-z0-9_-]{1,100}\.(jpg|jpeg|png|webp)$/.test(path);

/** The picture that the bytes are; the type that the reply names does not count. undefined: none of these types. */
export function pictureOf(bytes: Buffer): Picture | undefined {
  const begins = (text: string, at = 0) => bytes.toString('latin1', at, at + text.length) === text;
  if (begins('\xff\xd8\xff')) return { bytes, type: 'image/jpeg' };
  if (begins('\x89PNG\r\n\x1a\n')) return { bytes, type: 'image/png' };
  return begins('RIFF') && begins('WEBP', 8) ? { bytes, type: 'image/webp' } : undefined;
}

/** A poster; undefined: TMDB has none at this path. Throws MetadataError. */
export async function fetchPoster(
  { url, name }: { url: string; name: string },
  path: string,
  size: PosterSize,
): Promise<Picture | undefined> {
  const address = new URL(`${url.replace(/\/+$/, '')}/${posterWidths[size]}${path}`);
  const headers = { accept: 'image/webp,image/jpeg,image/png' };
  const { status, bytes } = await getBytes('TMDB', address, name, { known: [200, 404], headers });
  if (status === 404) return undefined;
  const picture = pictureOf(bytes);
  if (picture) return picture;
  throw new MetadataError('TMDB', 'unusable', `TMDB returned something that is no picture. Check ${name}.`);
}
