import { problem } from './example.ts';

/** Errors that many endpoints share, by their names in the OpenAPI document. */
export const commonProblems = {
  BadJson: problem(400, 'Invalid request', 'The body is not valid JSON.'),
  BadPath: problem(400, 'Invalid request', 'The path is not validly percent-encoded.'),
  KeyRequired: problem(
    401,
    'Key required',
    'This API needs a key. Send it in the header x-api-key, as a bearer token, or by POST /session in a browser.',
  ),
  RoleRefused: problem(403, 'Role refused', 'This needs the role operator; the key guest has the role viewer.'),
  OriginRefused: problem(
    403,
    'Origin refused',
    'Pages of "https://elsewhere.example" may not change anything here. Add it to CORS_ORIGINS if they should.',
  ),
  TitleNotFound: problem(404, 'Training data not found', 'No training data found with IMDB ID: tt2759766'),
  MediaNotFound: problem(404, 'Media not found', 'No media found with hash: d6f3a0c1e2b4958677a8b9c0d1e2f3a4b5c6d7e8'),
  TooSlow: problem(408, 'Invalid request', 'The request did not arrive in time. Send it again.'),
  HeadersTooLarge: problem(431, 'Invalid request', 'The headers are larger than 16 KiB.'),
  StaleVersion: problem(
    412,
    'Stale version',
    'tt0133093 has changed since the version in If-Match. Nothing was changed; load it and decide again.',
  ),
  BodyTooLarge: problem(413, 'Invalid request', 'The body is larger than 1 MiB.'),
  NotJson: problem(415, 'Invalid request', 'The body must be JSON (content-type: application/json).'),
  HostRefused: problem(
    421,
    'Host refused',
    'This API does not answer to the host name "films.example". Add it to ALLOWED_HOSTS if it is right.',
  ),
  UnknownMember: problem(422, 'Invalid request', 'In the body: /labell is not a known member.', {
    errors: [{ in: 'body', pointer: '/labell', message: 'is not a known member' }],
  }),
  LimitTooSmall: problem(422, 'Invalid request', 'In the query: limit must be >= 1.', {
    errors: [{ in: 'query', pointer: 'limit', message: 'must be >= 1' }],
  }),
  TooManyKeys: problem(
    429,
    'Too many wrong keys',
    'Too many wrong keys came from this address. Its next key is read in 4 s.',
  ),
  Unforeseen: problem(500, 'Internal server error', 'An unexpected error. Find it in the log by the request id.'),
  TransmissionRefused: problem(
    502,
    'Transmission error',
    'Transmission is not configured. Set REAR_DIFF_TRANSMISSION_HOST to its host. Nothing was changed here.',
  ),
  ReadUnavailable: problem(503, 'Database error occurred', 'The database is unreachable.', {
    details: 'The database is unreachable.',
  }),
  WriteUnavailable: problem(503, 'Database error', 'The database is unreachable.', {
    details: 'The database is unreachable.',
  }),
};
export type CommonProblem = keyof typeof commonProblems;

/** The error for an unknown parameter with `Prefer: handling=strict`. */
export function unknownParameter(known: string[]): ReturnType<typeof problem> {
  const list = known.length > 0 ? `It takes: ${known.join(', ')}.` : 'It takes none.';
  return problem(422, 'Invalid request', `Unknown query parameter: colour. ${list}`, {
    errors: [{ in: 'query', pointer: 'colour', message: 'is not a known parameter' }],
    known_parameters: known,
  });
}
