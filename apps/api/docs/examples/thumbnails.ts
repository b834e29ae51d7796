import { getThumbnail } from '@at/contracts/thumbnails';
import { type Example, exampleOf, problem } from './example.ts';

export const thumbnailExamples: readonly Example[] = [
  exampleOf(getThumbnail, {
    reply: '',
    problems: {
      404: problem(
        404,
        'File gone',
        'The file is not in its place: it was moved or removed, or its disk is not mounted.',
      ),
      409: problem(409, 'File changed', 'The file was changed after the last scan. Scan its folder, then try again.'),
      415: problem(415, 'No picture', 'Pictures are made of photos and raw photos alone, by their names.'),
    },
  }),
];
