import { getPoster } from '@at/contracts/posters';
import { type Example, exampleOf, problem } from './example.ts';

export const posterExamples: readonly Example[] = [
  exampleOf(getPoster, {
    reply: { 'image/jpeg': '', 'image/png': '', 'image/webp': '' },
    problems: {
      404: problem(404, 'Poster not found', 'No poster of tt0133093 is known. Refresh its metadata to look for one.'),
      502: problem(502, 'TMDB did not send the poster', 'TMDB is unreachable.'),
    },
  }),
];
